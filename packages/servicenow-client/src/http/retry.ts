import { ServiceNowError } from '../errors/servicenow-error.ts'

export interface RetryPolicy {
  /** Retries after the first attempt. */
  readonly maxRetries: number
  /** The longest pause before a retry, in milliseconds; a longer `Retry-After` fails instead. */
  readonly maxPauseMs: number
}

/** First pause in milliseconds; doubled each time. */
const FIRST_PAUSE_MS = 1_000

/**
 * The pause before retry number `retry` (0-based): what the instance asked for, else 1, 2, 4, 8… seconds,
 * of which a random half is taken off so that many runners do not come back together. To what the instance asked for
 * up to a tenth is added, for it told all of them the same moment.
 *
 * @param random a number in [0, 1)
 */
export function pauseBefore(
  retry: number,
  error: ServiceNowError,
  random: number,
  maxPauseMs: number
): number {
  const { retryAfterMs: asked } = error
  if (asked !== undefined)
    return Math.max(asked, 100, Math.min(Math.round(asked * (1 + random / 10)), maxPauseMs))
  const full = Math.min(FIRST_PAUSE_MS * 2 ** retry, maxPauseMs)
  return Math.round(full * (0.5 + random / 2))
}

export interface Retry<T> {
  readonly policy: RetryPolicy
  attempt(retry: number): Promise<T>
  /** Looks whether an earlier attempt was carried out after all; undefined: it was not. */
  readonly look?: (() => Promise<T | undefined>) | undefined
  /** False for a write without a look: it must not be sent again when it may have been carried out. */
  readonly repeatable: boolean
  sleep(ms: number): Promise<void>
  random(): number
  onRetry(retry: number, pauseMs: number, error: ServiceNowError): void
}

/**
 * Attempts until one succeeds, the fault is not a passing one, or the retries are used up. A write that may
 * have happened is looked for before it is sent again, and before its failure is believed.
 */
export async function withRetries<T>(retry: Retry<T>): Promise<T> {
  let doubt = false
  for (let n = 0; ; n += 1) {
    try {
      return await retry.attempt(n)
    } catch (error) {
      if (!(error instanceof ServiceNowError)) throw error
      doubt ||= error.mayHaveCommitted
      const pause = pauseBefore(n, error, retry.random(), retry.policy.maxPauseMs)
      const again = error.transient && n < retry.policy.maxRetries && pause <= retry.policy.maxPauseMs
      if (!again || (error.mayHaveCommitted && !retry.repeatable && retry.look === undefined)) {
        return await lastLook(retry, doubt, error)
      }
      retry.onRetry(n, pause, error)
      await retry.sleep(pause)
      const found = doubt ? await lookOr(retry, error) : undefined
      if (found !== undefined) return found
    }
  }
}

async function lastLook<T>(retry: Retry<T>, doubt: boolean, error: ServiceNowError): Promise<T> {
  const found = doubt ? await lookOr(retry, error) : undefined
  if (found !== undefined) return found
  throw error
}

/** The write's own error is the one worth reporting; a failing look adds nothing to it. */
async function lookOr<T>(retry: Retry<T>, error: ServiceNowError): Promise<T | undefined> {
  try {
    return await retry.look?.()
  } catch (fault) {
    throw fault instanceof ServiceNowError ? error : fault
  }
}
