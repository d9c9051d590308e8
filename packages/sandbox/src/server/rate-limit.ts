import { HttpError } from './response.ts'

const MINUTE_MS = 60_000

interface Window {
  readonly minute: number
  used: number
}

/** Counts the REST requests of each user in whole minutes of the instance's clock. */
export class RateLimiter {
  readonly #maxPerMinute: number | undefined
  readonly #now: () => number
  readonly #windows = new Map<string, Window>()

  /**
   * @param maxPerMinute requests that a user may make in one minute; undefined: no limit
   * @param now epoch milliseconds
   */
  constructor(maxPerMinute: number | undefined, now: () => number) {
    this.#maxPerMinute = maxPerMinute
    this.#now = now
  }

  /**
   * Counts one request.
   * @returns headers of the response: limit, end of the minute in epoch seconds, name of the rule
   * @throws HttpError 429 with `Retry-After` in seconds once the user is over the limit
   */
  count(userName: string): Record<string, string> {
    const limit = this.#maxPerMinute
    if (limit === undefined) return {}
    const now = this.#now()
    const minute = Math.floor(now / MINUTE_MS)
    const last = this.#windows.get(userName)
    const window = last?.minute === minute ? last : { minute, used: 0 }
    this.#windows.set(userName, window)
    window.used += 1
    const resetMs = (minute + 1) * MINUTE_MS
    // There is no X-RateLimit-Remaining: ServiceNow does not send it.
    const headers = {
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Reset': String(Math.floor(resetMs / 1000)),
      'X-RateLimit-Rule': 'Sandbox REST limit'
    }
    if (window.used <= limit) return headers
    throw new HttpError(
      429,
      'Rate limit exceeded',
      `Rate limit of ${limit} requests per minute for the REST API exceeded`,
      { ...headers, 'Retry-After': String(Math.max(Math.ceil((resetMs - now) / 1000), 1)) }
    )
  }
}
