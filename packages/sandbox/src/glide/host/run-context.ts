import type { Actor } from '../../engine/actor.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Application } from '../application.ts'
import type { Events } from '../events.ts'
import type { Flows, RunFlow } from '../flows.ts'
import type { Suspension } from '../suspension.ts'

/** What the operations of one run work with. */
export interface RunContext {
  readonly engine: Engine
  readonly application: Application
  /** In whose name the script runs. */
  readonly actor: Actor
  /** Whether the script may wait, because nobody who saves waits for it. */
  readonly mayWait: boolean
  readonly flows: Flows
  readonly events: Events
  readonly suspension: Suspension
  readonly runFlow: RunFlow
}

/** An operation that a script asks for. @throws Error with a message for the script */
export type Operation = (context: RunContext, args: Arguments) => unknown

/** Arguments as they came out of the realm. */
export type Arguments = Readonly<Record<string, unknown>>

export function textOf(args: Arguments, name: string): string {
  const value = args[name]
  return value === undefined || value === null ? '' : String(value)
}
