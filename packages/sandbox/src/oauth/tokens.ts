import { createHash } from 'node:crypto'

interface Token {
  readonly access: string
  readonly refresh: string
  readonly userName: string
  readonly clientId: string
  readonly expiresAt: number
}

/** What the token endpoint hands out. */
export interface Grant {
  readonly access: string
  readonly refresh: string
  readonly remainingSeconds: number
}

/**
 * One current token a client and user: asked again, the endpoint gives the same one with what is left of its life.
 * Times are epoch milliseconds of the instance's clock.
 */
export class Tokens {
  readonly #current = new Map<string, Token>()
  readonly #now: () => number
  readonly #lifetimeMs: number
  #issued = 0

  constructor(now: () => number, lifetimeSeconds: number) {
    this.#now = now
    this.#lifetimeMs = lifetimeSeconds * 1000
  }

  grant(clientId: string, userName: string): Grant {
    const key = `${clientId} ${userName}`
    const known = this.#current.get(key)
    const valid = known && known.expiresAt > this.#now()
    const token = valid ? known : this.#issue(clientId, userName, known?.refresh)
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

  /** The user a bearer token stands for, while it is valid. */
  userOf(access: string): string | undefined {
    const token = [...this.#current.values()].find(one => one.access === access)
    return token && token.expiresAt > this.#now() ? token.userName : undefined
  }

  /** The user a refresh token of this client was issued to. */
  userOfRefresh(clientId: string, refresh: string): string | undefined {
    return [...this.#current.values()].find(one => one.refresh === refresh && one.clientId === clientId)
      ?.userName
  }

  /** Ends every access token at once, as a revocation would. */
  revokeAll(): void {
    for (const [key, token] of this.#current) this.#current.set(key, { ...token, expiresAt: 0 })
  }
}
