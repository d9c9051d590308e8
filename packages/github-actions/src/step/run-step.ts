import * as core from '@actions/core'
import type { Shape, Values } from '../inputs/field.ts'
import { parseInputs, type Rules } from '../inputs/parse.ts'
import { secretValues } from '../inputs/read.ts'
import { createLog, type Log } from '../log.ts'
import { createOutputs, type Outputs } from '../outputs.ts'
import { createSecrets } from '../secrets.ts'
import { createSummary, type Summary } from '../summary.ts'
import { createInterrupts, type Interrupts } from './interrupts.ts'
import { createEnding } from './process-exit.ts'
import { type Env, type Runtime, readRuntime } from './runtime.ts'
import { sleep } from './sleep.ts'

/** What every step has, whatever its inputs. */
export interface StepTools {
  readonly runtime: Runtime
  readonly env: NodeJS.ProcessEnv
  readonly log: Log
  readonly outputs: Outputs
  readonly summary: Summary
  /** Aborted when the runner cancels the step. */
  readonly signal: AbortSignal
  /**
   * Runs `f` when the runner cancels the step. It must be quick and synchronous: the process is gone when
   * all have run. Outputs and summary may be written in it.
   */
  onInterrupt(f: () => void): void
  /** Has a secret masked by the runner and in everything this step prints from now on. */
  mask(secret: string): void
  /** Sets an environment variable for this and the later steps of the job. */
  exportVariable(name: string, value: string): void
  /** Keeps a value for the action's post step, even if this step is killed next. */
  saveState(name: string, value: string): void
  /** A value kept by the action's main step; '' when there is none. */
  readState(name: string): string
  /** Milliseconds since 1970. */
  now(): number
  /** Waits; rejects with the signal's reason when it is aborted. Default: the step's own signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A running step: its inputs, and all it needs of the outside. */
export interface Step<I> extends StepTools {
  readonly inputs: I
}

/** A step as an action defines it. */
export interface StepDefinition<S extends Shape> {
  readonly name: string
  readonly inputs: S
  readonly rules?: Rules<S>
  /** Secrets that do not come in as inputs: masked, like those, before anything is printed. */
  secrets?(env: Env): readonly string[]
  /** Outputs written before anything else, so that later steps always find a value. */
  readonly initialOutputs?: Readonly<Record<string, string>>
  /**
   * Runs before the inputs are read and returns the environment to read them from, for inputs that come
   * from elsewhere too; or undefined when the step is done already.
   */
  prepare?(tools: StepTools): Promise<Env | undefined>
  /** What the inputs know better than the runner, such as the commit that was checked out. */
  runtime?(inputs: Values<S>, runtime: Runtime): Runtime
  run(step: Step<Values<S>>): Promise<void>
}

/**
 * Runs a step from reading its inputs to its exit code. Whatever goes wrong ends in one error annotation
 * and exit code 1: an error with a `title` is shown as it is, any other one as a defect of the action.
 * A signal ends the process at once with exit code 130, after the onInterrupt callbacks.
 */
export async function runStep<S extends Shape>(definition: StepDefinition<S>): Promise<void> {
  writeAtOnce()
  const interrupts = createInterrupts()
  const tools = createTools(interrupts)
  const ending = createEnding({
    log: tools.log,
    summary: tools.summary,
    env: tools.env,
    interrupt: () => interrupts.fire(tools.log)
  })
  try {
    await work(definition, tools)
    ending.succeed()
  } catch (error) {
    ending.fail(error)
  }
}

async function work<S extends Shape>(definition: StepDefinition<S>, tools: StepTools): Promise<void> {
  const { inputs: shape, rules, initialOutputs = {} } = definition
  const maskInputs = (env: Env): void => secretValues(shape, env).forEach(tools.mask)
  maskInputs(tools.env)
  definition.secrets?.(tools.env).forEach(tools.mask)
  for (const [name, value] of Object.entries(initialOutputs)) tools.outputs.set(name, value)
  tools.log.debug(`${definition.name} starts`)
  const env = definition.prepare === undefined ? tools.env : await definition.prepare(tools)
  if (env === undefined) return
  maskInputs(env)
  const inputs = await parseInputs(shape, { env, rules, warn: text => tools.log.warning(text) })
  const runtime = definition.runtime?.(inputs, tools.runtime) ?? tools.runtime
  await definition.run({ ...tools, runtime, inputs })
}

function createTools({ signal, add }: Interrupts): StepTools {
  const env = process.env
  const runtime = readRuntime(env)
  const secrets = createSecrets()
  const log = createLog({ redact: secrets.redact, debug: runtime.debug })
  const summary = createSummary({
    file: env.GITHUB_STEP_SUMMARY,
    redact: secrets.redact,
    warn: text => log.warning(text)
  })
  return {
    runtime,
    env,
    log,
    outputs: createOutputs(),
    summary,
    signal,
    onInterrupt: add,
    mask: secret => secrets.add(secret).forEach(piece => void core.setSecret(piece)),
    exportVariable(name, value) {
      if (env.GITHUB_ENV) core.exportVariable(name, value)
      else env[name] = value
    },
    saveState(name, value) {
      if (env.GITHUB_STATE) core.saveState(name, value)
    },
    readState: name => core.getState(name),
    now: () => Date.now(),
    sleep: (ms, own = signal) => sleep(ms, own)
  }
}

/**
 * Standard output as a pipe is written in the background, and what is not written yet when the process
 * exits is lost: the error annotation before all. Node has no public switch for it, only the handle's.
 */
function writeAtOnce(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle } = stream as unknown as { _handle?: { setBlocking?: (blocking: boolean) => void } }
    _handle?.setBlocking?.(true)
    // A reader that has gone away is no reason to leave work half done.
    stream.on('error', () => {})
  }
}
