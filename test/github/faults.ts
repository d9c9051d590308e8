/** Faults for tests: chosen by operation or predicate, and by count. */
import type { RequestRecord } from './requests.ts'

/** What goes wrong. `committed`: the request was carried out before it went wrong. */
export type FaultEffect =
  /** Carried out; the connection is cut before the response. */
  | { readonly kind: 'lost-response' }
  /** The connection is cut; nothing was carried out. */
  | { readonly kind: 'cut' }
  /** A page of the load balancer instead of a response. Default: 502, not carried out. */
  | { readonly kind: 'unavailable'; readonly status?: 500 | 502 | 503 | 504; readonly committed?: boolean }
  /** 403, as for a missing right; `accepted`: value of `X-Accepted-GitHub-Permissions`. */
  | { readonly kind: 'forbidden'; readonly message?: string; readonly accepted?: string }
  /** The primary limit: `x-ratelimit-remaining: 0` and the time of the reset, no `retry-after`. */
  | { readonly kind: 'primary-limit'; readonly status?: 403 | 429; readonly resetInSeconds?: number }
  /** The secondary limit; `retryAfterSeconds` null: no `retry-after`. Default: 60. */
  | {
      readonly kind: 'secondary-limit'
      readonly status?: 403 | 429
      readonly retryAfterSeconds?: number | null
    }
  /** 404, as for a run that was deleted meanwhile. */
  | { readonly kind: 'vanished' }
  /** The response comes after so many real milliseconds. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The request waits until `release()`, then goes on. */
  | { readonly kind: 'held' }

export type FaultSpec = FaultEffect & {
  /** An `operationId`, `graphql`, or an expression that it matches; every request when absent. */
  readonly operation?: string | RegExp
  readonly when?: (request: RequestRecord) => boolean
  /** The first matching request that is affected, counted from 1. */
  readonly nth?: number
  /** How many matching requests in a row are affected; `Infinity` for all. Default 1. */
  readonly times?: number
}

/** The handle of an injected fault. */
export interface Fault {
  /** Requests affected so far. */
  readonly hits: number
  /** Lets held requests go on, now and later. */
  release(): void
  remove(): void
}

interface Injected {
  readonly spec: FaultSpec
  readonly released: Promise<void>
  matches: number
  hits: number
}

/** A fault that affects one request. */
export interface Struck {
  readonly effect: FaultEffect
  /** Resolves when a held request may go on. */
  readonly released: Promise<void>
}

export class Faults {
  readonly #injected = new Set<Injected>()

  add(spec: FaultSpec): Fault {
    let resolve = () => {}
    const released = new Promise<void>(done => {
      resolve = done
    })
    const injected: Injected = { spec, released, matches: 0, hits: 0 }
    this.#injected.add(injected)
    return {
      get hits() {
        return injected.hits
      },
      release: resolve,
      remove: () => {
        resolve()
        this.#injected.delete(injected)
      }
    }
  }

  /** The first fault that affects the request; counts the request for every fault that it matches. */
  strike(request: RequestRecord): Struck | undefined {
    const struck = [...this.#injected].filter(one => {
      if (!matches(one.spec, request)) return false
      one.matches += 1
      const { nth = 1, times = 1 } = one.spec
      return one.matches >= nth && one.matches < nth + times
    })
    const [first] = struck
    if (first === undefined) return undefined
    first.hits += 1
    return { effect: first.spec, released: first.released }
  }
}

function matches({ operation, when }: FaultSpec, request: RequestRecord): boolean {
  const { operationId } = request
  if (typeof operation === 'string' && operation !== operationId) return false
  if (operation instanceof RegExp && !operation.test(operationId)) return false
  return when === undefined || when(request)
}
