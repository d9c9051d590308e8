import type { ClientProblem } from '../problems/codes.ts'

/** One attempt of a request: no headers, no bodies, no query. */
interface Attempt {
  /** What is being done, as a participle: `creating the change request`. */
  readonly operation: string
  readonly method: string
  readonly path: string
  /** The first attempt is 1; the one after a renewed sign-in has the number of the one before. */
  readonly attempt: number
  /** Sent once more with a new sign-in, after the instance refused the first one. */
  readonly resigned?: true | undefined
}

/** What happens to requests, sign-ins included, for logs and measures. */
export type RequestEvent =
  | ({ readonly type: 'attempt-started' } & Attempt)
  | ({
      readonly type: 'attempt-ended'
      /** HTTP status, or the layer that failed where there is none: `DNS`, `timeout`; `interrupted`. */
      readonly status: number | string
      readonly ms: number
      /** Why it failed; undefined for a success, and when the caller's signal ended it. */
      readonly problem?: ClientProblem | undefined
    } & Attempt)
  | {
      readonly type: 'retry'
      readonly operation: string
      /** The attempt that failed; the first one is 1. */
      readonly attempt: number
      /** Attempts in all. */
      readonly of: number
      readonly pauseMs: number
      readonly problem: ClientProblem
    }
