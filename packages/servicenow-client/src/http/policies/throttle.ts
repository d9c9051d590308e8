import { isClientProblem } from '../../problems/codes.ts'
import type { Policy } from '../message.ts'

interface Options {
  /** A longer limit is not waited for: the request is sent, and says when the limit resets. Milliseconds. */
  readonly maxPauseMs: number
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** A rate limit that one request met holds back the others as well. */
export function throttle({ maxPauseMs, now, sleep }: Options): Policy {
  let quietUntil = 0
  return async (request, next) => {
    const left = quietUntil - now()
    if (left > 0 && left <= maxPauseMs) await sleep(left)
    try {
      return await next(request)
    } catch (error) {
      const { afterMs } = isClientProblem(error, 'rate-limit') ? error.retry : {}
      if (afterMs !== undefined) quietUntil = now() + afterMs
      throw error
    }
  }
}
