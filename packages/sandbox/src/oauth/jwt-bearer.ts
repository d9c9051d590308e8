import { findActorBy } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { JWT_CLIENTS, type JwtClient, verifierKey } from '../seed/jwt-client.ts'
import { equalSecrets } from './authenticate.ts'
import { claimedBy, isTimely, verifiedClaims } from './jwt.ts'
import type { Tokens } from './tokens.ts'

/** The `grant_type` of RFC 7523. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/**
 * Who an assertion signs in, and for which client; undefined when it is not valid: another key or Kid, another issuer or
 * audience than the client, expired, used before, no active user with the subject, or a
 * sandbox with a password of its own.
 */
export function grantedByAssertion(
  engine: Engine,
  tokens: Tokens,
  form: URLSearchParams
): { readonly clientId: string; readonly userName: string } | undefined {
  const { clockSkewSeconds, verifyJti, now, password } = engine.settings
  // The private keys of the clients are public.
  if (password !== undefined) return undefined
  const assertion = form.get('assertion') ?? ''
  const client = clientOf(form, assertion)
  const claims = client && verifiedClaims(assertion, verifierKey)
  if (!client || claims?.aud !== client.id || claims.iss !== client.id) return undefined
  if (!isTimely(claims, { now: now(), clockSkewSeconds })) return undefined
  const actor = findActorBy(engine.store, client.userField, String(claims.sub ?? ''))
  if (actor === undefined) return undefined
  if (verifyJti && !tokens.isFirstUse(client.id, claims.jti)) return undefined
  return { clientId: client.id, userName: actor.userName }
}

/** A public client needs neither secret nor `client_id`; what is sent must be right all the same. */
function clientOf(form: URLSearchParams, assertion: string): JwtClient | undefined {
  const client = JWT_CLIENTS.find(one => one.id === claimedBy(assertion).aud)
  const [id, secret] = [form.get('client_id'), form.get('client_secret')]
  if (client === undefined || (id !== null && id !== client.id)) return undefined
  if (secret === null) return client.isPublic ? client : undefined
  return equalSecrets(client.secret, secret) ? client : undefined
}
