/** A job around the gate: its main step, whatever is deployed, and its post step at the end. */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { jobEnv, runAction, type StepResult } from '../../../demo/runner.mjs'
import { commitFiles, type Files } from '../../../packages/github-actions/src/testing/commit.ts'
import { COMPILE_CACHE } from '../../compile-cache.ts'
import { SHA } from '../job.ts'
import { withoutMore } from '../more-line.ts'
import { checkGateStep } from './gate-checks.ts'
import { DIST, MANIFEST, TOKEN } from './root-action.ts'

export interface GateStep extends StepResult {
  readonly stage: 'main' | 'post'
  readonly inputs: Readonly<Record<string, string>>
  /** The one error annotation; empty texts when there is none. */
  readonly error: { readonly title: string; readonly message: string }
  readonly warnings: readonly string[]
  readonly notices: readonly string[]
}

export interface RunningGate {
  /** Resolves with the first line printed that matches; rejects when the step ends without one. */
  prints(pattern: RegExp): Promise<string>
  kill(signal: NodeJS.Signals): void
  readonly done: Promise<GateStep>
}

export interface GateJobOptions {
  readonly instance: string
  readonly env: Readonly<Record<string, string>>
  /** `strategy.job-index`. */
  readonly matrixIndex?: string
}

type Inputs = Readonly<Record<string, string>>

export class GateJob {
  readonly workspace: string
  readonly steps: GateStep[] = []
  #committed: Files = {}
  readonly #options: GateJobOptions
  readonly #root: string
  readonly #env: Record<string, string>
  readonly #children = new Set<ChildProcess>()

  constructor(options: GateJobOptions) {
    this.#options = options
    this.#root = mkdtempSync(join(tmpdir(), 'gate-'))
    this.workspace = join(this.#root, 'work')
    mkdirSync(this.workspace)
    const env = { SERVICENOW_INSTANCE: options.instance, ...COMPILE_CACHE, ...options.env }
    this.#env = {
      ...jobEnv({ root: this.#root, workspace: this.workspace, sha: SHA, env }),
      GITHUB_ACTION: '__change-actions_servicenow',
      GITHUB_ACTION_REPOSITORY: 'change-actions/servicenow'
    }
  }

  /** What steps of this job have in their environment by now. */
  get env(): Readonly<Record<string, string>> {
    return this.#env
  }

  file(name: string, content: string): string {
    const path = join(this.workspace, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }

  /** A variable of the job, as a step sets it through GITHUB_ENV. */
  setEnv(name: string, value: string): void {
    this.#env[name] = value
  }

  /** The files of the commit of the run, as GitHub tells of them. */
  get committed(): Files {
    return this.#committed
  }

  /** The policy of the commit of the run. What is in the workspace does not matter. */
  policy(yaml: string): void {
    this.commit({ '.github/servicenow-change.yml': yaml })
  }

  /** What the commit of the run has. */
  commit(files: Files): void {
    this.#committed = files
  }

  /** The checkout is gone, as it is after a job in a container, or when a step cleans up. */
  emptyWorkspace(): void {
    rmSync(this.workspace, { recursive: true, force: true })
    mkdirSync(this.workspace)
  }

  /** The workspace is the checkout of a commit with these files, which is the run's. Returns its id. */
  checkout(files: Files): string {
    const sha = commitFiles(this.workspace, files)
    this.setEnv('GITHUB_SHA', sha)
    return sha
  }

  start(inputs: Inputs = {}): RunningGate {
    return this.#start('main', inputs, 'success', {})
  }

  run(inputs: Inputs = {}): Promise<GateStep> {
    return this.start(inputs).done
  }

  /** Runs a main step that must open the gate, or be let through. */
  async pass(inputs: Inputs = {}): Promise<GateStep> {
    return demand(await this.run(inputs), 0)
  }

  /** Runs a main step that must fail. */
  async fail(inputs: Inputs = {}): Promise<GateStep> {
    return demand(await this.run(inputs), 1)
  }

  /** The post step of a main step; inputs are evaluated again, and may be other ones by then. */
  async post(main: GateStep, status: string, inputs: Inputs = main.inputs): Promise<GateStep> {
    return demand(await this.#start('post', inputs, status, main.state).done, 0)
  }

  /** A post step that must fail the job. */
  async postFails(main: GateStep, status: string, inputs: Inputs = main.inputs): Promise<GateStep> {
    return demand(await this.#start('post', inputs, status, main.state).done, 1)
  }

  #start(stage: 'main' | 'post', inputs: Inputs, status: string, state: Record<string, string>): RunningGate {
    const lines: string[] = []
    const waiting = new Set<() => void>()
    const wake = () => {
      for (const check of waiting) check()
    }
    let over = false
    let child: ChildProcess | undefined
    const script = MANIFEST.runs[stage].replace(/^dist\//, '')
    const running = runAction({
      main: join(DIST, script),
      node: process.env.ACTION_NODE ?? process.execPath,
      inputs: { ...this.#defaults(status), ...inputs },
      env: this.#env,
      cwd: this.workspace,
      state,
      onLine: line => {
        lines.push(line)
        wake()
      },
      onStart: started => {
        child = started
        this.#children.add(started)
        started.on('exit', () => this.#children.delete(started))
      }
    })
    const done = running
      .then(result => this.#finish(stage, inputs, result))
      .finally(() => {
        over = true
        wake()
      })
    const prints = (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const check = () => {
          const line = lines.find(one => pattern.test(one))
          if (line === undefined && !over) return
          waiting.delete(check)
          if (line === undefined) reject(new Error(`the step ended without printing ${pattern}`))
          else resolve(line)
        }
        waiting.add(check)
        check()
      })
    return { prints, kill: signal => child?.kill(signal), done }
  }

  #finish(stage: 'main' | 'post', inputs: Inputs, result: StepResult): GateStep {
    const texts = (kind: string) =>
      result.annotations.filter(one => one.kind === kind).map(one => one.message)
    const found = result.annotations.find(one => one.kind === 'error') ?? { title: '', message: '' }
    const error = { ...found, message: withoutMore(found.message) }
    const step = { ...result, stage, inputs, error, warnings: texts('warning'), notices: texts('notice') }
    this.steps.push(step)
    Object.assign(this.#env, result.env)
    checkGateStep(step, this.#options.instance)
    return step
  }

  /** Every declared input, as the runner hands them over: without a value it is there and empty. */
  #defaults(status: string): Record<string, string> {
    const contexts: Readonly<Record<string, string>> = {
      '${{ job.status }}': status,
      '${{ github.token }}': TOKEN,
      // A job of the run's own workflow, on a runner that does not tell.
      '${{ job.workflow_ref }}': '',
      '${{ strategy.job-index }}': this.#options.matrixIndex ?? '0'
    }
    return Object.fromEntries(
      Object.entries(MANIFEST.inputs).map(([name, input]) => {
        // The GitHub of most jobs knows commits alone.
        if (name === 'change-brief') return [name, 'off']
        const value = String(input.default ?? '')
        const evaluated = value.startsWith('${{') ? contexts[value] : value
        if (evaluated === undefined) throw new Error(`the harness cannot evaluate ${value}`)
        return [name, evaluated]
      })
    )
  }

  /** Ends what still runs and removes the job's folders. */
  end(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.#root, { recursive: true, force: true })
  }

  /** What the steps so far wrote, for a scenario that failed. */
  replay(): string {
    return this.steps
      .map(({ stage, inputs, code, log, outputs, summary }) =>
        [
          `── gate, ${stage} ${JSON.stringify(inputs)} → exit code ${code}`,
          log.replace(/^::(?:add-mask|debug)::.*\n/gm, '').trimEnd(),
          `outputs ${JSON.stringify(outputs, null, 2)}`,
          `summary\n${summary.trimEnd()}`
        ].join('\n')
      )
      .join('\n')
  }
}

function demand(step: GateStep, code: number): GateStep {
  if (step.code === code) return step
  const what = code === 0 ? 'pass' : 'fail'
  throw new Error(`the gate's ${step.stage} step was to ${what} and ended with ${step.code ?? step.signal}`)
}
