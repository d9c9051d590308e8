import type { AllowedInputs } from '../inputs/allowed.ts'
import type { InputError } from '../inputs/error.ts'
import type { Shape, Values } from '../inputs/field.ts'
import type { Derived, Rules } from '../inputs/resolve.ts'
import type { Layer, Source } from '../inputs/source.ts'
import type { Log } from '../log.ts'
import type { Outputs } from '../outputs.ts'
import type { PolicyFacts } from '../policy/facts.ts'
import type { Summary } from '../summary.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Env, Runtime } from './runtime.ts'

/** What every step has, whatever its inputs. */
export interface StepTools {
  readonly runtime: Runtime
  readonly env: Env
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
  /** The text without any secret that was masked, for one that will be cut: half a secret is not recognised. */
  redact(text: string): string
  /** Sets an environment variable for this and the later steps of the job. */
  exportVariable(name: string, value: string): void
  /** Keeps a value for the action's post step, even if this step is killed next. */
  saveState(name: string, value: string): void
  /** A value kept by the action's main step; '' when there is none. */
  readState(name: string): string
  /** Milliseconds since 1970. */
  now(): number
  /** Listens to what the step does; undefined where no variable asks for telemetry. */
  readonly telemetry?: Telemetry | undefined
  /** Waits `ms` milliseconds; rejects with the signal's reason when it is aborted. Default: the step's own signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A running step: its inputs, and all it needs of the outside. */
export interface Step<I> extends StepTools {
  readonly inputs: I
  /** Where the value of each input came from. */
  readonly sources: { readonly [K in keyof I]: Source }
  /** The policy that the step works under; undefined where there is none. */
  readonly policy: PolicyFacts | undefined
}

/** What lies under a step's inputs. */
export interface Layers {
  /** The uppermost first. */
  readonly layers: readonly Layer[]
  /** What the policy allows. */
  readonly allowed?: AllowedInputs | undefined
  readonly policy?: PolicyFacts | undefined
  /** What is wrong with values of the policy: reported together with what is wrong with the inputs. */
  readonly policyProblems?: readonly string[]
}

/** The step has nothing to do. */
export interface NothingToDo {
  /** Says so, once the names of the inputs are known to be right: one that is misspelt may have led here. */
  done(): void | Promise<void>
}

/** The text given for an input; undefined when there is none. @throws Problem `input` when it is given twice */
export type GivenText<S extends Shape> = (key: keyof S & string) => string | undefined

/** A step as an action defines it. */
export interface StepDefinition<S extends Shape> {
  readonly name: string
  readonly inputs: S
  readonly rules?: Rules<S>
  readonly derived?: Derived<S>
  /** `inputs` are only some of the action's, as in a post step: others may be given too. */
  readonly partial?: boolean
  /** Outputs written before anything else, so that later steps always find a value. */
  readonly initialOutputs?: Readonly<Record<string, string>>
  /**
   * Saved for the action's post step before anything else. The runner takes a variable `STATE_…` of the job for the state
   * of a main step that saved none.
   */
  readonly initialState?: Readonly<Record<string, string>>
  /**
   * Runs before the inputs are read and finds what lies under them, or that the step has nothing to do.
   *
   * @throws Problem `input`, which is reported together with what is wrong with the inputs
   */
  layers?(given: GivenText<S>, tools: StepTools): Promise<Layers | NothingToDo>
  /** Instead of failing the step: what is done when the inputs are wrong. */
  refused?(error: InputError, tools: StepTools): void | Promise<void>
  /** What the inputs know better than the runner, such as the commit that was checked out. */
  runtime?(inputs: Values<S>, runtime: Runtime, log: Log): Runtime
  run(step: Step<Values<S>>): Promise<void>
}
