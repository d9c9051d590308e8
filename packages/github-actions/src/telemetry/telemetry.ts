/** What a step tells of itself over OpenTelemetry. */
import type { OperationEvent } from '@change-actions/change-operations'
import type { RequestEvent } from '@change-actions/servicenow-client'

/** What a step has measured, at its end. */
export interface StepMeasures {
  /** One word: `created`, `approved`, … */
  readonly result: string
  readonly changeNumber: string | undefined
  /** Milliseconds; undefined when the step created no change. */
  readonly creationMs: number | undefined
  /** Milliseconds that the approval took; undefined when the step did not wait, or did not get to the end of it. */
  readonly waitMs: number | undefined
  /** When that was over, in milliseconds since 1970. */
  readonly waitEndedAt: number | undefined
  /** The change has ended, and this step ended it. */
  readonly closed: { readonly closeCode: string } | undefined
  /** Deployments that wait for their change, for a step that looks after many. */
  readonly waiting: { readonly count: number; readonly oldestSeconds: number } | undefined
}

/** A listener of what a step does. No method throws, and none but `flush` takes time. */
export interface Telemetry {
  /** @param instance origin */
  request(event: RequestEvent, instance: string): void
  operation(event: OperationEvent): void
  /** The environment that is deployed to, where the inputs name one. */
  environment(name: string): void
  /** The inputs name a change: the step creates none. */
  changeNamed(): void
  measured(measures: StepMeasures): void
  /** Sends what was gathered, in at most five seconds. @param error what failed the step */
  flush(error: unknown): Promise<void>
}
