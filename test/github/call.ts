import type { IncomingHttpHeaders } from 'node:http'
import type { RateLimits } from './rate-limits.ts'
import { Defect } from './refusal.ts'
import type { Repository, User, World } from './state.ts'
import { actorOf, type Caller } from './tokens.ts'

/** A response before it is sent. No body: 204 and 304. */
export interface ApiResponse {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is, with this media type; not checked against the description. */
  readonly raw?: { readonly text: string; readonly type: string }
}

/** Carries out one operation. @throws Refusal for what GitHub refuses */
export type Handler = (call: Call) => ApiResponse

/** Fills in what a schema requires; see `Description.fill`. */
export type Fill = <T extends object>(schema: string, value: T) => T

/** A request that may be carried out: the operation is known, the caller has the rights, the form is right. */
export class Call {
  readonly world: World
  readonly limits: RateLimits
  readonly caller: Caller
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: IncomingHttpHeaders
  /** Address of the request without its query. */
  readonly url: string
  readonly fill: Fill
  readonly #repository: Repository | undefined

  constructor(parts: {
    world: World
    limits: RateLimits
    caller: Caller
    params: Readonly<Record<string, string>>
    query: URLSearchParams
    body: unknown
    headers: IncomingHttpHeaders
    url: string
    fill: Fill
    repository: Repository | undefined
  }) {
    this.world = parts.world
    this.limits = parts.limits
    this.caller = parts.caller
    this.params = parts.params
    this.query = parts.query
    this.body = (parts.body ?? {}) as Record<string, unknown>
    this.headers = parts.headers
    this.url = parts.url
    this.fill = parts.fill
    this.#repository = parts.repository
  }

  /** The repository in the path. */
  get repository(): Repository {
    if (this.#repository === undefined) throw new Defect('this path names no repository')
    return this.#repository
  }

  /** The account that the caller writes as. */
  get actor(): User {
    return actorOf(this.world, this.caller)
  }

  /** A parameter of the path. */
  param(name: string): string {
    return this.params[name] ?? ''
  }

  /** A parameter of the path that is a number. */
  id(name: string): number {
    return Number(this.params[name])
  }
}
