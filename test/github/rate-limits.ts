/** Both rate limits: requests in an hour (primary), and points and written content in a minute (secondary). */
import { createHash } from 'node:crypto'
import { Refusal } from './refusal.ts'
import { fullName, type Installation, type World } from './state.ts'
import { type Caller, covers } from './tokens.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** State of a primary limit. */
export interface PrimaryState {
  readonly limit: number
  readonly used: number
  readonly remaining: number
  /** Epoch seconds. */
  readonly reset: number
}

interface Hour {
  used: number
  readonly resetAt: number
}

/** Written content that is counted although nothing says so; see `writesAreContent`. */
const DOUBTFUL_CONTENT = /dispatch|re-run|review-/
const CONTENT = /create-(comment|deployment|check|pull)|checks\/create/

/** Owner of a limit: tokens of one person share theirs. */
function ownerOf(caller: Caller): string {
  switch (caller.kind) {
    case 'none':
      return 'address'
    case 'app':
      return `app ID ${caller.app.id}`
    case 'installation':
      return `installation ID ${caller.token.installation?.id}`
    case 'job':
      return `repository ${repositoryOf(caller)}`
    default:
      return `user ID ${caller.token.user?.id}`
  }
}

function repositoryOf({ token }: Extract<Caller, { token: unknown }>): string {
  return token.repositories === 'all' ? '' : [...token.repositories].map(fullName).join()
}

/** 5000, and 50 more for each repository above 20; at most 12 500. Users of an organisation are not counted. */
function installationLimit(world: World, installation: Installation | undefined): number {
  const all = world.repositories.filter(one => installation && covers(installation, one)).length
  return Math.min(12_500, 5000 + Math.max(0, all - 20) * 50)
}

function documentedLimit(world: World, caller: Caller): number {
  switch (caller.kind) {
    case 'none':
      return 60
    case 'job':
      return 1000
    case 'installation':
      return installationLimit(world, caller.token.installation)
    default:
      return 5000
  }
}

export class RateLimits {
  readonly #world: World
  readonly #hours = new Map<string, Hour>()
  readonly #points = new Map<string, { at: number; points: number; content: boolean }[]>()
  #open = 0

  constructor(world: World) {
    this.#world = world
  }

  /** State of the primary limit of the caller; `resource`: `core` and `graphql` are counted apart. */
  state(caller: Caller, resource: 'core' | 'graphql'): PrimaryState {
    const { rateLimits } = this.#world.settings
    const limit = (rateLimits || undefined)?.primary ?? documentedLimit(this.#world, caller)
    const { used, resetAt } = this.#hour(caller, resource)
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(resetAt / 1000) }
  }

  /** Headers of every response. */
  headers(caller: Caller, resource: 'core' | 'graphql'): Record<string, string> {
    if (this.#world.settings.rateLimits === false) return {}
    const { limit, used, remaining, reset } = this.state(caller, resource)
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': resource
    }
  }

  /** Counts one request against the primary limit. */
  spend(caller: Caller, resource: 'core' | 'graphql'): void {
    this.#hour(caller, resource).used += 1
  }

  /** Uses up the primary limit of the caller until its hour ends. */
  exhaust(caller: Caller, resource: 'core' | 'graphql' = 'core'): void {
    this.#hour(caller, resource).used = Number.MAX_SAFE_INTEGER
  }

  /**
   * Checks both limits before a request is carried out.
   * @throws Refusal 403 or 429 with the headers of the limit
   */
  check(caller: Caller, operationId: string, method: string, resource: 'core' | 'graphql'): void {
    const { rateLimits } = this.#world.settings
    if (rateLimits === false || operationId === 'rate-limit/get') return
    if (this.state(caller, resource).remaining === 0) throw this.primaryRefusal(caller, resource)
    if (this.#open > rateLimits.concurrent) throw this.secondaryRefusal()
    this.#checkPoints(caller, operationId, method === 'get' || resource === 'graphql' ? 1 : 5)
  }

  #checkPoints(caller: Caller, operationId: string, points: number): void {
    const { rateLimits, undocumented } = this.#world.settings
    if (rateLimits === false) return
    const now = this.#world.now()
    const owner = ownerOf(caller)
    const content =
      CONTENT.test(operationId) ||
      (undocumented.writesAreContent && points === 5 && DOUBTFUL_CONTENT.test(operationId))
    const recent = (this.#points.get(owner) ?? []).filter(one => one.at > now - HOUR_MS)
    recent.push({ at: now, points, content })
    this.#points.set(owner, recent)
    const minute = recent.filter(one => one.at > now - MINUTE_MS)
    const contentIn = (list: typeof recent) => list.filter(one => one.content).length
    const spent = minute.reduce((sum, one) => sum + one.points, 0)
    const over =
      content &&
      (contentIn(minute) > rateLimits.contentPerMinute || contentIn(recent) > rateLimits.contentPerHour)
    if (spent > rateLimits.pointsPerMinute || over) throw this.secondaryRefusal()
  }

  /** Counts open requests; call the result when the request has ended. */
  enter(): () => void {
    this.#open += 1
    return () => {
      this.#open -= 1
    }
  }

  /** The refusal when the primary limit is used up: no `retry-after`, but the time of the reset. */
  primaryRefusal(caller: Caller, resource: 'core' | 'graphql'): Refusal {
    const { rateLimits } = this.#world.settings
    const status = rateLimits === false ? 403 : rateLimits.status
    const message = `API rate limit exceeded for ${ownerOf(caller)}.`
    return new Refusal(status, message, {
      headers: { ...this.headers(caller, resource), 'x-ratelimit-remaining': '0' }
    })
  }

  /** The refusal of the secondary limit, with `retry-after` unless the settings say otherwise. */
  secondaryRefusal(retryAfterSeconds = 60): Refusal {
    const { rateLimits } = this.#world.settings
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    const withHeader = rateLimits === false || rateLimits.retryAfter
    const headers: Record<string, string> = withHeader ? { 'retry-after': String(retryAfterSeconds) } : {}
    return new Refusal(rateLimits === false ? 403 : rateLimits.status, message, { headers })
  }

  #hour(caller: Caller, resource: 'core' | 'graphql'): Hour {
    const key = `${resource} ${ownerOf(caller)}`
    const now = this.#world.now()
    const known = this.#hours.get(key)
    if (known && now < known.resetAt) return known
    const fresh = { used: 0, resetAt: now + HOUR_MS }
    this.#hours.set(key, fresh)
    return fresh
  }
}

/**
 * ETag of a body. GitHub's is different for each token.
 * @param owner the token, or '' where one ETag is for all
 */
export function etagOf(body: string, owner: string): string {
  return `W/"${createHash('sha256').update(owner).update('\0').update(body).digest('hex')}"`
}
