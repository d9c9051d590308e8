import { timingSafeEqual } from 'node:crypto'
import { type Actor, actorNamed } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { API_KEYS } from '../seed/accounts.ts'
import { HttpError } from '../server/reply.ts'
import type { Request } from '../server/request.ts'
import type { Tokens } from './tokens.ts'

export function sameText(left: string, right: string): boolean {
  const [one, two] = [Buffer.from(left), Buffer.from(right)]
  return one.length === two.length && timingSafeEqual(one, two)
}

/** The account of that name, when the password is right. */
export function withPassword(engine: Engine, userName: string, password: string): Actor | undefined {
  const actor = actorNamed(engine.store, userName)
  const stored = actor && engine.store.get('sys_user', actor.sysId)?.user_password
  return stored && sameText(stored, password) ? actor : undefined
}

function fromBasic(engine: Engine, encoded: string): Actor | undefined {
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? undefined : withPassword(engine, decoded.slice(0, colon), decoded.slice(colon + 1))
}

function fromHeader(engine: Engine, tokens: Tokens, header: string): Actor | undefined {
  const [scheme = '', credentials = ''] = header.split(/\s+/, 2)
  if (scheme.toLowerCase() === 'basic') return fromBasic(engine, credentials)
  const userName = scheme.toLowerCase() === 'bearer' ? tokens.userOf(credentials) : undefined
  return userName === undefined ? undefined : actorNamed(engine.store, userName)
}

/** @throws HttpError 401 without valid credentials: bearer token, Basic, or `x-sn-apikey` */
export function authenticate(engine: Engine, tokens: Tokens, request: Request): Actor {
  const { authorization, 'x-sn-apikey': apiKey } = request.headers
  const keyOwner = API_KEYS.find(one => apiKey !== undefined && sameText(one.key, apiKey))?.user
  const actor = authorization
    ? fromHeader(engine, tokens, authorization)
    : keyOwner && actorNamed(engine.store, keyOwner)
  if (!actor) {
    throw new HttpError(401, 'User Not Authenticated', 'Required to provide Auth information', {
      'WWW-Authenticate': 'BASIC realm="Service-now"'
    })
  }
  return actor
}
