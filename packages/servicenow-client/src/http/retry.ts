import { type ClientProblem, isClientProblem } from '../problems/codes.ts'

export interface RetryPolicy {
  /** Retries after the first attempt. */
  readonly maxRetries: number
  /** Maximum pause before a retry, in milliseconds; a longer `Retry-After` fails instead. */
  readonly maxPauseMs: number
}

/** First pause in milliseconds; doubled each time. */
const FIRST_PAUSE_MS = 1_000

/**
 * The pause in milliseconds before retry number `retry` (0-based): what the instance asked for, else 1, 2, 4, 8…
 * seconds, of which a random half is taken off so that many runners do not come back together. To what the instance
 * asked for, up to a tenth is added, because all runners were given the same moment.
 *
 * @param random a number in [0, 1)
 */
export function pauseBefore(
  retry: number,
  { retry: { afterMs: asked } }: Pick<ClientProblem, 'retry'>,
  random: number,
  maxPauseMs: number
): number {
  if (asked !== undefined)
    return Math.max(asked, 100, Math.min(Math.round(asked * (1 + random / 10)), maxPauseMs))
  const full = Math.min(FIRST_PAUSE_MS * 2 ** retry, maxPauseMs)
  return Math.round(full * (0.5 + random / 2))
}

export interface Retries<T> {
  readonly policy: RetryPolicy
  attempt(retry: number): Promise<T>
  /** Checks whether an earlier attempt was carried out after all; undefined: it was not. */
  readonly check?: (() => Promise<T | undefined>) | undefined
  /** False for a write without a check: it must not be sent again when it may have been carried out. */
  readonly repeatable: boolean
  sleep(ms: number): Promise<void>
  random(): number
  onRetry(retry: number, pauseMs: number, problem: ClientProblem): void
}

/**
 * Attempts until one succeeds, the problem is not temporary, or the retries are used up. After a write that may have
 * been carried out it checks whether it was: before it sends it again, and before it reports a failure.
 */
export async function withRetries<T>(retries: Retries<T>): Promise<T> {
  const { policy } = retries
  let doubt = false
  for (let n = 0; ; n += 1) {
    try {
      return await retries.attempt(n)
    } catch (error) {
      if (!isClientProblem(error)) throw error
      const unclear = error.committed === 'maybe'
      doubt ||= unclear
      const pause = pauseBefore(n, error, retries.random(), policy.maxPauseMs)
      const again = error.retry.temporary && n < policy.maxRetries && pause <= policy.maxPauseMs
      if (!again || (unclear && !retries.repeatable && retries.check === undefined)) {
        return await checkAtLast(retries, doubt, error)
      }
      retries.onRetry(n, pause, error)
      await retries.sleep(pause)
      const found = doubt ? await checkOr(retries, error) : undefined
      if (found !== undefined) return found
    }
  }
}

async function checkAtLast<T>(retries: Retries<T>, doubt: boolean, problem: ClientProblem): Promise<T> {
  const found = doubt ? await checkOr(retries, problem) : undefined
  if (found !== undefined) return found
  throw problem
}

/** When a request of the check fails, the problem to report is that of the write. */
async function checkOr<T>(retries: Retries<T>, problem: ClientProblem): Promise<T | undefined> {
  try {
    return await retries.check?.()
  } catch (error) {
    throw isClientProblem(error) ? problem : error
  }
}
