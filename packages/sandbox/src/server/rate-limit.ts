import { HttpError } from './reply.ts'

const MINUTE_MS = 60_000

interface Window {
  readonly minute: number
  used: number
}

/** Counts the REST requests of each user in whole minutes of the instance's clock. */
export class RateLimiter {
  readonly #perMinute: number | undefined
  readonly #now: () => number
  readonly #windows = new Map<string, Window>()

  constructor(perMinute: number | undefined, now: () => number) {
    this.#perMinute = perMinute
    this.#now = now
  }

  /**
   * Counts one request.
   * @returns headers for the answer: limit, end of the window in epoch seconds, rule; there is no "remaining"
   * @throws HttpError 429 with Retry-After once the user is over the limit
   */
  admit(userName: string): Record<string, string> {
    const limit = this.#perMinute
    if (limit === undefined) return {}
    const now = this.#now()
    const minute = Math.floor(now / MINUTE_MS)
    const known = this.#windows.get(userName)
    const window = known?.minute === minute ? known : { minute, used: 0 }
    this.#windows.set(userName, window)
    window.used += 1
    const resetMs = (minute + 1) * MINUTE_MS
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
