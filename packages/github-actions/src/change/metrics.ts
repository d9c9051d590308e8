import type { ServiceNowClient } from '@change-actions/servicenow-client'

/** The measures of one step, as the output `metrics` has them; a measure that is not known is absent. */
export interface Metrics {
  /** Milliseconds of the creation alone, until the record is complete in New; only for a change that this step made. */
  readonly creation_ms?: number
  /** Milliseconds that the approval took; a hold or a window after it does not count. */
  readonly wait_ms?: number
  /** Approved changes whose deployment waits. */
  readonly waiting?: number
  /** Age of the oldest of them since its last update; 0 where none waits. */
  readonly oldest_waiting_seconds?: number
  /** Requests sent, sign-ins and failed attempts included. */
  readonly requests: number
  readonly request_errors: number
  /** One word: `created`, `approved`, `closed`, … */
  readonly result: string
  /** Milliseconds that the step took. */
  readonly added_ms: number
}

/** The deployments that wait although their change is approved. */
export interface Backlog {
  readonly count: number
  /** Since its last update; 0 where none waits. */
  readonly oldestSeconds: number
}

/** What a step measured by itself. */
export interface Measured {
  readonly creationMs?: number | undefined
  readonly waitMs?: number | undefined
  readonly backlog?: Backlog | undefined
  readonly result: string
}

/** The measures of a step, in the spelling of the output `metrics`. @param addedMs milliseconds from the start of the step */
export function metricsOf(client: ServiceNowClient, measured: Measured, addedMs: number): Metrics {
  return {
    ...(measured.creationMs === undefined ? {} : { creation_ms: measured.creationMs }),
    ...(measured.waitMs === undefined ? {} : { wait_ms: measured.waitMs }),
    ...(measured.backlog === undefined
      ? {}
      : { waiting: measured.backlog.count, oldest_waiting_seconds: measured.backlog.oldestSeconds }),
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
  const parts = [
    ...(metrics.creation_ms === undefined ? [] : [`creation ${seconds(metrics.creation_ms)}`]),
    ...(metrics.wait_ms === undefined ? [] : [`wait for approval ${seconds(metrics.wait_ms)}`]),
    // Of the whole wait.
    ...(polls === undefined ? [] : [`${polls} ${polls === 1 ? 'poll' : 'polls'}`]),
    ...(metrics.waiting ? [`oldest waiting ${age(metrics.oldest_waiting_seconds ?? 0)}`] : []),
    `${metrics.requests} requests${failed}`,
    `${seconds(metrics.added_ms)} added`
  ]
  return `Measures: ${parts.join(' · ')}.`
}

/** Days, hours and minutes: `2 d 3 h`, `45 min`. */
function age(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}
