import { createHash } from 'node:crypto'

interface Token {
  readonly access: string
  readonly refresh: string
  readonly userName: string
  readonly clientId: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** The tokens of a granted request. */
export interface Grant {
  readonly access: string
  readonly refresh: string
  readonly remainingSeconds: number
}

/**
 * The tokens of an instance: one for each client and user. A second grant returns the same token with its remaining
 * lifetime.
 */
export class Tokens {
  readonly #current = new Map<string, Token>()
  readonly #now: () => number
  readonly #lifetimeMs: number
  readonly #usedIds = new Set<string>()
  #issued = 0

  /** @param now epoch milliseconds of the instance's clock */
  constructor(now: () => number, lifetimeSeconds: number) {
    this.#now = now
    this.#lifetimeMs = lifetimeSeconds * 1000
  }

  /** The current token, or a new one when it has expired. The refresh token stays the same. */
  grant(clientId: string, userName: string): Grant {
    const key = `${clientId} ${userName}`
    const current = this.#current.get(key)
    const valid = current && current.expiresAt > this.#now()
    const token = valid ? current : this.#issue(clientId, userName, current?.refresh)
    this.#current.set(key, token)
    const remainingSeconds = Math.floor((token.expiresAt - this.#now()) / 1000)
    return { access: token.access, refresh: token.refresh, remainingSeconds }
  }

  #issue(clientId: string, userName: string, refresh: string | undefined): Token {
    this.#issued += 1
    const text = (kind: string) =>
      createHash('sha512').update(`${kind} ${clientId} ${userName} ${this.#issued}`).digest('base64url')
    return {
      access: text('access'),
      refresh: refresh ?? text('refresh'),
      userName,
      clientId,
      expiresAt: this.#now() + this.#lifetimeMs
    }
  }

  /** The user name of a bearer token; undefined when it is unknown or expired. */
  userOf(access: string): string | undefined {
    const token = [...this.#current.values()].find(one => one.access === access)
    return token && token.expiresAt > this.#now() ? token.userName : undefined
  }

  /** The user name of a refresh token of this client. */
  userOfRefresh(clientId: string, refresh: string): string | undefined {
    return [...this.#current.values()].find(one => one.refresh === refresh && one.clientId === clientId)
      ?.userName
  }

  /** Whether a JWT of this issuer is used for the first time, by its `jti`; it is not after this call. */
  isFirstUse(issuer: string, jti: unknown): boolean {
    const id = `${issuer} ${jti}`
    if (typeof jti !== 'string' || this.#usedIds.has(id)) return false
    this.#usedIds.add(id)
    return true
  }

  /** Expires every access token. */
  revokeAll(): void {
    for (const [key, token] of this.#current) this.#current.set(key, { ...token, expiresAt: 0 })
  }
}
