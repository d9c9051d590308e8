/** What a step is made to do while the instance fails it. */
import type { Sandbox, SandboxOptions } from '@change-actions/sandbox'
import type { Script } from './bundles.ts'
import type { ChangeRecord } from './record.ts'
import type { World } from './world.ts'

export type Api = 'change-management' | 'table'

/** A change that is there before the step. */
export interface Planted {
  readonly number: string
  readonly sysId: string
}

export interface Scenario {
  readonly name: string
  readonly script: Script
  readonly api: Api
  readonly sandbox?: SandboxOptions
  /** Credentials in the environment. */
  readonly account: Readonly<Record<string, string>>
  inputs(planted: Planted): Readonly<Record<string, string>>
  /** What the main step saved for the post step. @param env with the inputs, as the runner sets them */
  saved?(planted: Planted, env: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>
  /** Sets the instance up; returns the change the step is about, when there is one. */
  prepare?(sandbox: Sandbox): Promise<Planted> | Planted
  /** Somebody who acts while the step runs. */
  person?(world: World): void
  /** Waits until what the step started on the instance is over. */
  settle?(sandbox: Sandbox): Promise<unknown>
  /** Scenario whose requests are struck already where both send them; default: the one of this name. */
  readonly like?: string
  /** The attempt that follows a failed one; 1 for a post step, which no runner repeats by itself. */
  readonly nextAttempt?: number
  /** The undisturbed run's request whose response names the change, as `method path`, ids and query left out. */
  readonly naming?: string
  /** What an undisturbed run must leave behind; every other run is then held to the same record. */
  isDone(changes: readonly ChangeRecord[]): boolean
}
