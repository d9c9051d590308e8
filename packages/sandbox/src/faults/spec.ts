/** Which requests a fault strikes. Without `nth` and `times`: the first that fits, once. */
interface FaultTarget {
  /** HTTP method, any case; every method when absent. */
  readonly method?: string
  /** Text contained in path and query, or an expression they match; every path when absent. */
  readonly path?: string | RegExp
  /** The first fitting request that is struck, from 1. */
  readonly nth?: number
  /** How many fitting requests in a row are struck; `Infinity` for all. Default 1. */
  readonly times?: number
}

/** Faults that replace the answer. With `committed` the request is carried out all the same. */
interface Replacing {
  readonly committed?: boolean
}

export type FaultEffect =
  /** The connection is reset; without `committed` before the request is looked at. */
  | ({ readonly kind: 'reset' } & Replacing)
  /** No answer ever comes. */
  | ({ readonly kind: 'no-answer' } & Replacing)
  /** The right answer in small pieces: `bytes` (1) every `everyMs` (50). */
  | { readonly kind: 'slow-drip'; readonly bytes?: number; readonly everyMs?: number }
  /** Content-Length promises more than arrives before the connection ends. */
  | { readonly kind: 'truncated' }
  /** The right answer with its end missing, correctly framed. */
  | { readonly kind: 'malformed-json' }
  /** 200 with part of the result and an error beside it. */
  | { readonly kind: 'partial-result' }
  /** 200 with the HTML login page. */
  | ({ readonly kind: 'login-page' } & Replacing)
  /** 200 with the HTML of a hibernating instance. */
  | ({ readonly kind: 'hibernating' } & Replacing)
  /** 302, to another host unless `location` says otherwise. */
  | ({ readonly kind: 'redirect'; readonly location?: string } & Replacing)
  /** 401 "User Not Authenticated". */
  | ({ readonly kind: 'unauthorized' } & Replacing)
  /** 403 from an access rule. */
  | ({ readonly kind: 'acl' } & Replacing)
  /** 403 from a business rule of that name. */
  | ({ readonly kind: 'business-rule'; readonly rule?: string } & Replacing)
  /** 404 "No Record found". */
  | ({ readonly kind: 'not-found' } & Replacing)
  /** 429; `retryAfterSeconds` also brings the rate limit headers, without it there are none. */
  | ({ readonly kind: 'rate-limited'; readonly retryAfterSeconds?: number } & Replacing)
  /** 500 "Transaction cancelled". */
  | ({ readonly kind: 'server-error' } & Replacing)
  /** 502, 503 or 504 with an HTML body, or the 404 of a gateway before the instance. */
  | ({
      readonly kind: 'unavailable'
      readonly status?: 404 | 502 | 503 | 504
      readonly retryAfterSeconds?: number
    } & Replacing)
  /** Any JSON error: message and detail in the usual envelope. */
  | ({
      readonly kind: 'error'
      readonly status: number
      readonly message: string
      readonly detail?: string | null
      readonly headers?: Readonly<Record<string, string>>
    } & Replacing)
  /** A state sent with the write is silently left out; the answer is 200. */
  | { readonly kind: 'silent-no-op' }
  /** Added time; other faults still strike. */
  | { readonly kind: 'latency'; readonly ms: number }

export type FaultSpec = FaultTarget & FaultEffect

export interface Fault {
  /** Requests struck so far. */
  readonly hits: number
  remove(): void
}
