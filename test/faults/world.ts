/**
 * One instance and the step that works on it: the bundle as a process of its own, as a runner starts it, or the sources
 * in this process.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type RequestRecord, type Sandbox, startSandbox } from '@change-actions/sandbox'
import { jobEnv, runAction, type StepResult } from '../../demo/runner.mjs'
import { commitFiles } from '../../packages/github-actions/src/testing/commit.ts'
import { COMPILE_CACHE } from '../compile-cache.ts'
import { bundleOf } from './bundles.ts'
import { runInProcess } from './in-process.ts'
import type { Planted, Scenario } from './scenario.ts'

export interface Run extends StepResult {
  /** The process had to be ended: it went on beyond every time-out it was given. */
  readonly hung: boolean
  readonly ms: number
  /** Why the files the step wrote cannot be read, if they cannot. */
  readonly unreadable: string | undefined
}

/** Where a step runs. */
export type Place = 'process' | 'here'

export interface RunOptions {
  /** `GITHUB_RUN_ATTEMPT`; default 1. */
  readonly attempt?: number
  /** Where the step is to send its requests; default: straight to the sandbox. */
  readonly instance?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly onLine?: (line: string) => void
  readonly onStart?: (child: ChildProcess) => void
}

/** Far beyond what the inputs below allow one fault to cost. */
const TIMEOUT_MS = 60_000

/** Small enough that a hanging request costs seconds, and that every retry is had. */
const LIMITS = { 'request-timeout': '2s', 'max-retries': '4' }

/** Approvals are made only where a scenario wants them: the instance shall not go on by itself meanwhile. */
const NEVER_MS = 3_600_000

/** The folder all steps share as their workspace, a checkout of a commit without a policy; they only read from it. */
export function createWorkspace(files: Readonly<Record<string, string | Buffer>>): string {
  const workspace = join(mkdtempSync(join(tmpdir(), 'faults-')), 'work')
  for (const [name, content] of Object.entries(files)) {
    const path = join(workspace, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  commitFiles(workspace, {})
  return workspace
}

interface StepOfWorld {
  readonly inputs: Record<string, string>
  readonly env: Record<string, string>
  readonly state: Record<string, string>
}

/** What is left of a step whose result cannot be read. */
const nothing = () => ({ outputs: {}, state: {}, env: {}, summary: '', annotations: [], masks: [] })

function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  )
}

export class World {
  readonly sandbox: Sandbox
  readonly scenario: Scenario
  readonly planted: Planted
  readonly #workspace: string
  readonly #before: number
  readonly #place: Place
  readonly #alarms: { readonly afterMs: number; readonly ring: () => void }[] = []

  private constructor(
    sandbox: Sandbox,
    scenario: Scenario,
    planted: Planted,
    { workspace, place }: { workspace: string; place: Place }
  ) {
    this.sandbox = sandbox
    this.scenario = scenario
    this.planted = planted
    this.#workspace = workspace
    this.#place = place
    this.#before = sandbox.requests.length
  }

  static async open(
    scenario: Scenario,
    workspace: string,
    { latencyMs = 0, place = 'process' }: { latencyMs?: number; place?: Place } = {}
  ): Promise<World> {
    const sandbox = await startSandbox({ approvalDelayMs: NEVER_MS, latencyMs, ...scenario.sandbox })
    const planted = (await scenario.prepare?.(sandbox)) ?? { number: '', sysId: '' }
    const world = new World(sandbox, scenario, planted, { workspace, place })
    scenario.person?.(world)
    return world
  }

  /** Every request of the steps so far. */
  get requests(): readonly RequestRecord[] {
    return this.sandbox.requests.slice(this.#before)
  }

  /** Resolves when so much time has passed for the step, which is real time for a process alone. */
  elapsed(afterMs: number): Promise<void> {
    if (this.#place === 'process') return setTimeout(afterMs, undefined, { ref: false })
    return new Promise(ring => this.#alarms.push({ afterMs, ring }))
  }

  /** Runs the scenario's step to its end, whatever that is. */
  async run(options: RunOptions = {}): Promise<Run> {
    const { scenario, sandbox, planted } = this
    const inputs = {
      ...bundleOf(scenario.script).defaults,
      ...LIMITS,
      ...scenario.inputs(planted),
      ...options.inputs
    }
    const env = this.#env(options.instance ?? sandbox.url, options)
    const state = (await scenario.saved?.(planted, { ...env, ...inputVariables(inputs) })) ?? {}
    const step = { inputs, env, state }
    const started = performance.now()
    const run = this.#place === 'here' ? this.#runHere(step, options) : this.#runProcess(step, options)
    const ended = { ...(await run), ms: performance.now() - started }
    await scenario.settle?.(sandbox)
    return ended
  }

  async #runHere(step: StepOfWorld, options: RunOptions): Promise<Omit<Run, 'ms'>> {
    let log = ''
    const onLine = (line: string): void => {
      log += `${line}\n`
      options.onLine?.(line)
    }
    const onSleep = (sleptMs: number): void => {
      for (const one of this.#alarms) if (sleptMs >= one.afterMs) one.ring()
    }
    const running = runInProcess(this.scenario.script, { ...step, onLine, onSleep })
    const late = AbortSignal.timeout(TIMEOUT_MS)
    const hung = new Promise<undefined>(resolve => late.addEventListener('abort', () => resolve(undefined)))
    const result = await Promise.race([running, hung])
    if (result === undefined)
      return { ...nothing(), code: null, signal: null, log, hung: true, unreadable: undefined }
    return { ...result, log, hung: false, unreadable: undefined }
  }

  async #runProcess(step: StepOfWorld, options: RunOptions): Promise<Omit<Run, 'ms'>> {
    let child: ChildProcess | undefined
    let hung = false
    const guard = globalThis.setTimeout(() => {
      hung = true
      child?.kill('SIGKILL')
    }, TIMEOUT_MS)
    let log = ''
    try {
      const result = await runAction({
        ...step,
        main: bundleOf(this.scenario.script).main,
        node: process.env.ACTION_NODE ?? process.execPath,
        cwd: this.#workspace,
        onLine: line => {
          log += `${line}\n`
          options.onLine?.(line)
        },
        onStart: process => {
          child = process
          options.onStart?.(process)
        }
      })
      return { ...result, hung, unreadable: undefined }
    } catch (error) {
      // The runner's own reader refuses files that a runner would refuse.
      const ended = { code: child?.exitCode ?? null, signal: child?.signalCode ?? null, log }
      return { ...nothing(), ...ended, hung, unreadable: String(error) }
    } finally {
      clearTimeout(guard)
    }
  }

  #env(instance: string, { attempt = 1, env = {} }: RunOptions): Record<string, string> {
    const { account, script, api } = this.scenario
    return jobEnv({
      root: dirname(this.#workspace),
      workspace: this.#workspace,
      sha: readFileSync(join(this.#workspace, '.git', 'HEAD'), 'utf8').trim(),
      env: {
        SERVICENOW_INSTANCE: instance,
        SERVICENOW_API: api,
        ...account,
        PATH: process.env.PATH ?? '',
        // What this machine trusts is not the matter: main and post step have the same.
        NODE_EXTRA_CA_CERTS: '',
        ...COMPILE_CACHE,
        GITHUB_RUN_ATTEMPT: String(attempt),
        GITHUB_ACTION: `__change-actions_servicenow_${script}`,
        GITHUB_ACTION_REPOSITORY: 'change-actions/servicenow',
        ...env
      }
    })
  }

  close(): Promise<void> {
    return this.sandbox.stop()
  }
}
