import type { ServiceNowClient } from '@change-actions/servicenow-client'
import type { OperationEvent } from './events.ts'

/** What every operation works with. Time comes in from outside, so that tests decide how it passes. */
export interface OperationContext {
  readonly client: ServiceNowClient
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
