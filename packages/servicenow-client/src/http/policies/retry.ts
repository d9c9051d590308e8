import { type ClientProblem, isClientProblem } from '../../problems/codes.ts'
import type { RequestEvent } from '../events.ts'
import type { Next, Request } from '../message.ts'

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

export interface RetryOptions {
  /** Maximum pause before a retry, in milliseconds; a longer `Retry-After` fails instead. */
  readonly maxPauseMs: number
  readonly sleep: (ms: number) => Promise<void>
  /** A number in [0, 1). */
  readonly random: () => number
  readonly emit: (event: RequestEvent) => void
}

/**
 * Attempts until one succeeds, the problem is not temporary, or the retries are used up. After a write that may have
 * been carried out it checks whether it was: before it sends it again, and before it reports a failure. One that can
 * neither be checked nor repeated is not sent again.
 */
export function retry({ maxPauseMs, sleep, random, emit }: RetryOptions) {
  return async <R>(request: Request, next: Next<R>): Promise<R> => {
    const { operation, maxRetries, repeatable, check } = request
    let doubt = false
    for (let n = 0; ; n += 1) {
      try {
        return await next({ ...request, attempt: n + 1 })
      } catch (error) {
        if (!isClientProblem(error)) throw error
        const unclear = error.committed === 'maybe'
        doubt ||= unclear
        const pauseMs = pauseBefore(n, error, random(), maxPauseMs)
        const again = error.retry.temporary && n < maxRetries && pauseMs <= maxPauseMs
        if (!again || (unclear && !repeatable && check === undefined)) {
          const found = doubt ? await checkOr<R>(request, error) : undefined
          if (found !== undefined) return found
          throw error
        }
        emit({ type: 'retry', operation, attempt: n + 1, of: maxRetries + 1, pauseMs, problem: error })
        await sleep(pauseMs)
        const found = doubt ? await checkOr<R>(request, error) : undefined
        if (found !== undefined) return found
      }
    }
  }
}

/** When a request of the check fails, the problem to report is that of the write. */
async function checkOr<R>({ check }: Request, problem: ClientProblem): Promise<R | undefined> {
  try {
    // A check finds what the request itself would have returned.
    return (await check?.()) as R | undefined
  } catch (error) {
    throw isClientProblem(error) ? problem : error
  }
}
