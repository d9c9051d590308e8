/** A job of a workflow: steps one after the other, with what each leaves to the next. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { jobEnv, runAction, type StepResult } from '../../demo/runner.mjs'
import { COMPILE_CACHE } from '../compile-cache.ts'
import '../fresh-dist.ts'
import { checkStep } from './checks.ts'
import { type ActionName, manifestOf } from './manifest.ts'
import { withoutMore } from './more-line.ts'

export const SHA = '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f'

/** A finished step. */
export interface Step extends StepResult {
  readonly action: ActionName
  /** As the workflow gave them. */
  readonly inputs: Readonly<Record<string, string>>
  /** The one error annotation; empty texts when there is none. */
  readonly error: { readonly title: string; readonly message: string }
  readonly warnings: readonly string[]
  readonly notices: readonly string[]
}

/** A step at work. */
export interface RunningStep {
  /** Resolves with the first line printed that matches; rejects when the step ends without one. */
  prints(pattern: RegExp): Promise<string>
  kill(signal: NodeJS.Signals): void
  readonly done: Promise<Step>
}

type Inputs = Readonly<Record<string, string>>

export interface JobOptions {
  readonly instance: string
  readonly env?: Readonly<Record<string, string>>
  /** `strategy.job-index`. */
  readonly matrixIndex?: string
  /** Shared with another job; a folder of its own when absent. */
  readonly workspace?: string
}

/** `github.token`. */
export const TOKEN = 'ghs_the-token-of-this-job'

export class Job {
  /** `job.status`, as the steps see it. */
  status = 'success'
  readonly workspace: string
  readonly steps: Step[] = []
  readonly #options: JobOptions
  readonly #root: string
  readonly #env: Record<string, string>
  readonly #children = new Set<ChildProcess>()
  readonly #uses = new Map<ActionName, number>()

  constructor(options: JobOptions) {
    this.#options = options
    this.#root = mkdtempSync(join(tmpdir(), 'e2e-'))
    this.workspace = options.workspace ?? join(this.#root, 'work')
    mkdirSync(this.workspace, { recursive: true })
    const env = { SERVICENOW_INSTANCE: options.instance, ...COMPILE_CACHE, ...options.env }
    this.#env = jobEnv({ root: this.#root, workspace: this.workspace, sha: SHA, env })
  }

  /** Writes a file into the workspace and returns its absolute path. */
  file(name: string, content: string | Buffer): string {
    const path = join(this.workspace, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  /** Runs a step to its end. */
  run(action: ActionName, inputs: Inputs = {}): Promise<Step> {
    return this.start(action, inputs).done
  }

  /** Runs a step that must succeed. */
  async pass(action: ActionName, inputs: Inputs = {}): Promise<Step> {
    const step = await this.run(action, inputs)
    if (step.code !== 0) throw new Error(`${action} was to pass and ended with ${step.code ?? step.signal}`)
    return step
  }

  /** Runs a step that must fail. */
  async fail(action: ActionName, inputs: Inputs = {}): Promise<Step> {
    const step = await this.run(action, inputs)
    if (step.code !== 1) throw new Error(`${action} was to fail and ended with ${step.code ?? step.signal}`)
    return step
  }

  /** Starts a step and leaves it at work. */
  start(action: ActionName, inputs: Inputs = {}): RunningStep {
    const { main, inputs: declared } = manifestOf(action)
    if (!existsSync(main)) throw new Error(`There is no ${main}: build it with npm run build`)
    const lines = new Lines()
    let child: ChildProcess | undefined
    const running = runAction({
      main,
      node: process.env.ACTION_NODE ?? process.execPath,
      inputs: { ...this.#defaults(declared), ...this.#beside(inputs), ...inputs },
      env: { ...this.#env, ...this.#stepNames(action) },
      cwd: this.workspace,
      onLine: line => lines.add(line),
      onStart: started => {
        child = started
        this.#children.add(started)
        started.on('exit', () => this.#children.delete(started))
      }
    })
    const done = running.then(result => this.#finish(action, inputs, result)).finally(() => lines.end())
    // Whoever waits for the step gets its error; a scenario that failed before must not leave it unhandled.
    done.catch(() => undefined)
    return { prints: pattern => lines.find(pattern), kill: signal => child?.kill(signal), done }
  }

  #finish(action: ActionName, inputs: Inputs, result: StepResult): Step {
    const texts = (kind: string) =>
      result.annotations.filter(one => one.kind === kind).map(one => one.message)
    const found = result.annotations.find(one => one.kind === 'error') ?? { title: '', message: '' }
    const error = { ...found, message: withoutMore(found.message) }
    const step = { ...result, action, inputs, error, warnings: texts('warning'), notices: texts('notice') }
    this.steps.push(step)
    Object.assign(this.#env, result.env)
    checkStep(step, this.#options.instance)
    return step
  }

  /** Where a secret is sent comes from the same place as the secret. */
  #beside(inputs: Inputs): Inputs {
    const signsIn = [
      'client-id',
      'client-secret',
      'username',
      'password',
      'token',
      'api-key',
      'oidc-audience',
      'private-key'
    ]
    return signsIn.some(name => name in inputs) ? { instance: this.#options.instance } : {}
  }

  /**
   * Every declared input, as the runner hands them over: without a value it is there and empty. The GitHub of most jobs
   * knows commits alone: one that is about the brief for approvers asks for it.
   */
  #defaults(declared: Readonly<Record<string, string>>): Record<string, string> {
    const contexts: Readonly<Record<string, string>> = {
      '${{ job.status }}': this.status,
      '${{ github.token }}': TOKEN,
      // A job of the run's own workflow, on a runner that does not tell.
      '${{ job.workflow_ref }}': '',
      '${{ strategy.job-index }}': this.#options.matrixIndex ?? '0'
    }
    return Object.fromEntries(
      Object.entries(declared).map(([name, value]) => {
        if (name === 'change-brief') return [name, 'off']
        const evaluated = value.startsWith('${{') ? contexts[value] : value
        if (evaluated === undefined) throw new Error(`the harness cannot evaluate ${value}`)
        return [name, evaluated]
      })
    )
  }

  /** A step without an id is named after its action, and counted when the action is used again. */
  #stepNames(action: ActionName): Record<string, string> {
    const count = (this.#uses.get(action) ?? 0) + 1
    this.#uses.set(action, count)
    const name = `__change-actions_servicenow_${action}`
    return {
      GITHUB_ACTION: count === 1 ? name : `${name}_${count}`,
      GITHUB_ACTION_REPOSITORY: 'change-actions/servicenow'
    }
  }

  /** Ends what still runs and removes the job's folders. */
  end(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.#root, { recursive: true, force: true })
  }

  /** What the steps so far wrote, for a scenario that failed. */
  replay(): string {
    return this.steps
      .map(({ action, inputs, code, log, outputs, summary }) =>
        [
          `── ${action} ${JSON.stringify(inputs)} → exit code ${code}`,
          log.replace(/^::add-mask::.*\n/gm, '').trimEnd(),
          `outputs ${JSON.stringify(outputs, null, 2)}`,
          `summary\n${summary.trimEnd()}`
        ].join('\n')
      )
      .join('\n')
  }
}

/** Lines as they are printed, and those who wait for one. */
class Lines {
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  #over = false

  add(line: string): void {
    this.#lines.push(line)
    for (const check of this.#waiting) check()
  }

  end(): void {
    this.#over = true
    for (const check of this.#waiting) check()
  }

  find(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const line = this.#lines.find(one => pattern.test(one))
        if (line === undefined && !this.#over) return
        this.#waiting.delete(check)
        if (line === undefined) reject(new Error(`the step ended without printing ${pattern}`))
        else resolve(line)
      }
      this.#waiting.add(check)
      check()
    })
  }
}
