import { timingSafeEqual } from 'node:crypto'
import { type Actor, findActor } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { API_KEYS } from '../seed/accounts.ts'
import type { HttpRequest } from '../server/request.ts'
import { HttpError } from '../server/response.ts'
import { authenticateIdentity } from './oidc.ts'
import type { Tokens } from './tokens.ts'

/** Compares in constant time. */
export function equalSecrets(left: string, right: string): boolean {
  const [one, two] = [Buffer.from(left), Buffer.from(right)]
  return one.length === two.length && timingSafeEqual(one, two)
}

/** A secret of the sandbox is public, unless it was given a password of its own. */
export function secretOf(engine: Engine, known: string): string {
  return engine.settings.password ?? known
}

/** The active account of that user name; undefined when the password is wrong. */
export function authenticatePassword(engine: Engine, userName: string, password: string): Actor | undefined {
  const actor = findActor(engine.store, userName)
  const stored = actor && engine.store.get('sys_user', actor.sysId)?.user_password
  return stored && equalSecrets(secretOf(engine, stored), password) ? actor : undefined
}

/** The account of a Basic header's encoded part. */
export function authenticateBasic(engine: Engine, encoded: string): Actor | undefined {
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 0) return undefined
  return authenticatePassword(engine, decoded.slice(0, colon), decoded.slice(colon + 1))
}

function authenticateHeader(engine: Engine, tokens: Tokens, header: string): Actor | undefined {
  const [scheme = '', credentials = ''] = header.split(/\s+/, 2)
  if (scheme.toLowerCase() === 'basic') return authenticateBasic(engine, credentials)
  if (scheme.toLowerCase() !== 'bearer') return undefined
  const userName = tokens.userOf(credentials)
  // What is no token of the instance may be one of a provider that it trusts.
  if (userName === undefined) return authenticateIdentity(engine, tokens, credentials)
  return findActor(engine.store, userName)
}

/**
 * The account of a request: by bearer token, Basic authentication or `x-sn-apikey`.
 * @throws HttpError 401 without valid credentials
 */
export function authenticate(engine: Engine, tokens: Tokens, request: HttpRequest): Actor {
  const { authorization, 'x-sn-apikey': apiKey } = request.headers
  const keyOwner = API_KEYS.find(
    one => apiKey !== undefined && equalSecrets(secretOf(engine, one.key), apiKey)
  )?.user
  const actor = authorization
    ? authenticateHeader(engine, tokens, authorization)
    : keyOwner && findActor(engine.store, keyOwner)
  if (!actor) {
    throw new HttpError(401, 'User Not Authenticated', 'Required to provide Auth information', {
      'WWW-Authenticate': `${/^bearer\b/i.test(authorization ?? '') ? 'BEARER' : 'BASIC'} realm="Service-now"`
    })
  }
  return actor
}
