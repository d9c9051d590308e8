import type { StateMap } from '@change-actions/change-control'
import type { ServiceNowClient } from '@change-actions/servicenow-client'
import type { OperationEvent } from './events.ts'

/** What every operation works with. Time comes in from outside, so that tests decide how it passes. */
export interface OperationContext {
  /** Shows each state as what it counts as, see `withStates`. */
  readonly client: ServiceNowClient
  /** The life cycle of the instance. */
  readonly states: StateMap
  /** Told what an operation does, for log, summary and metrics. */
  emit(event: OperationEvent): void
  /** Epoch milliseconds on this machine. */
  now(): number
  sleep(ms: number): Promise<void>
  /** A number in [0, 1). */
  random(): number
  /** Everything is read and checked, nothing is written. */
  readonly dryRun: boolean
}
