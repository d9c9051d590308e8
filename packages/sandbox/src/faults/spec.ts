/** Which requests a fault affects. Without `nth` and `times`: only the first that matches. */
interface FaultTarget {
  /** HTTP method, any case; every method when absent. */
  readonly method?: string
  /** Text contained in path and query, or an expression they match; every path when absent. */
  readonly path?: string | RegExp
  /** The first matching request that is affected, counted from 1. */
  readonly nth?: number
  /** How many matching requests in a row are affected; `Infinity` for all. Default 1. */
  readonly times?: number
}

/** Faults that replace the response. The request is not processed unless `committed` is true. */
interface ReplacesResponse {
  readonly committed?: boolean
}

export type FaultEffect =
  /** The connection is reset; without `committed` before the request is processed. */
  | ({ readonly kind: 'reset' } & ReplacesResponse)
  /** No response is sent; the connection stays open. */
  | ({ readonly kind: 'no-answer' } & ReplacesResponse)
  /** The real response in small pieces: `bytes` (default 1) every `everyMs` (default 50). */
  | { readonly kind: 'slow-drip'; readonly bytes?: number; readonly everyMs?: number }
  /** The connection ends before `Content-Length` bytes are sent. */
  | { readonly kind: 'truncated' }
  /** The real response without its last third; `Content-Length` is correct. */
  | { readonly kind: 'malformed-json' }
  /** 200 with part of the result and an error beside it. */
  | { readonly kind: 'partial-result' }
  /** 200 with the HTML login page. */
  | ({ readonly kind: 'login-page' } & ReplacesResponse)
  /** 200 with the HTML of a hibernating instance. */
  | ({ readonly kind: 'hibernating' } & ReplacesResponse)
  /** 302 to `location`; default: another host. */
  | ({ readonly kind: 'redirect'; readonly location?: string } & ReplacesResponse)
  /** 401 "User Not Authenticated". */
  | ({ readonly kind: 'unauthorized' } & ReplacesResponse)
  /** 403 from an access rule. */
  | ({ readonly kind: 'acl' } & ReplacesResponse)
  /** 403 from a business rule of that name. */
  | ({ readonly kind: 'business-rule'; readonly rule?: string } & ReplacesResponse)
  /** 404 "No Record found". */
  | ({ readonly kind: 'not-found' } & ReplacesResponse)
  /** 429; with `retryAfterSeconds` also `Retry-After` and the rate limit headers. */
  | ({ readonly kind: 'rate-limited'; readonly retryAfterSeconds?: number } & ReplacesResponse)
  /** 500 "Transaction cancelled". */
  | ({ readonly kind: 'server-error' } & ReplacesResponse)
  /** HTML with 502, 503 (default) or 504, the 404 of a gateway in front of the instance, or the 200 of a maintenance page. */
  | ({
      readonly kind: 'unavailable'
      readonly status?: 200 | 404 | 502 | 503 | 504
      readonly retryAfterSeconds?: number
    } & ReplacesResponse)
  /** A JSON error with this status, message and detail. */
  | ({
      readonly kind: 'error'
      readonly status: number
      readonly message: string
      readonly detail?: string | null
      readonly headers?: Readonly<Record<string, string>>
    } & ReplacesResponse)
  /** 200 with this JSON. */
  | ({ readonly kind: 'json'; readonly body: unknown } & ReplacesResponse)
  /** The state in the write is ignored; the response is 200. */
  | { readonly kind: 'silent-no-op' }
  /** Added latency; other faults still apply. */
  | { readonly kind: 'latency'; readonly ms: number }

export type FaultSpec = FaultTarget & FaultEffect

/** The handle of an injected fault. */
export interface Fault {
  /** Requests affected so far. */
  readonly hits: number
  remove(): void
}
