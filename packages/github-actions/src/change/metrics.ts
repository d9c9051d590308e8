import type { ServiceNowClient } from '@change-actions/servicenow-client'

/** The measures of one step, as the output `metrics` has them; a measure that is not known is absent. */
export interface Metrics {
  /** Milliseconds of the creation alone, until the record is complete in New; only for a change that this step made. */
  readonly creation_ms?: number
  readonly wait_ms?: number
  /** Requests sent, sign-ins and failed attempts included. */
  readonly requests: number
  readonly request_errors: number
  /** One word: `created`, `approved`, `closed`, … */
  readonly result: string
  /** Milliseconds that the step took. */
  readonly added_ms: number
}

/** What a step measured by itself. */
export interface Measured {
  readonly creationMs?: number | undefined
  readonly waitMs?: number | undefined
  readonly result: string
}

/** The measures of a step, in the spelling of the output `metrics`. @param addedMs milliseconds from the start of the step */
export function metricsOf(client: ServiceNowClient, measured: Measured, addedMs: number): Metrics {
  return {
    ...(measured.creationMs === undefined ? {} : { creation_ms: measured.creationMs }),
    ...(measured.waitMs === undefined ? {} : { wait_ms: measured.waitMs }),
    requests: client.stats.requests,
    request_errors: client.stats.requestErrors,
    result: measured.result,
    added_ms: addedMs
  }
}

/** The line of the summary about the measures. @param polls how often a wait looked */
export function metricsLine(metrics: Metrics, polls: number | undefined): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const failed = metrics.request_errors === 0 ? '' : ` (${metrics.request_errors} failed)`
  const looks = polls === undefined ? '' : ` (${polls} ${polls === 1 ? 'poll' : 'polls'})`
  const parts = [
    ...(metrics.creation_ms === undefined ? [] : [`creation ${seconds(metrics.creation_ms)}`]),
    ...(metrics.wait_ms === undefined ? [] : [`wait for approval ${seconds(metrics.wait_ms)}${looks}`]),
    `${metrics.requests} requests${failed}`,
    `${seconds(metrics.added_ms)} added`
  ]
  return `<sub>${parts.join(' · ')}</sub>`
}
