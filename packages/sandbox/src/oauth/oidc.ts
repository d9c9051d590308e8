import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Actor } from '../engine/actor.ts'
import { findActorBy } from '../engine/actor.ts'
import type { Engine } from '../engine/engine.ts'
import { isTimely, verifiedClaims } from './jwt.ts'
import type { OidcProvider } from './oidc-provider.ts'
import type { Tokens } from './tokens.ts'

/**
 * The account that an identity token signs in; undefined when the token is not accepted. With `verifyJti` each token is
 * accepted once.
 */
export function authenticateIdentity(engine: Engine, tokens: Tokens, jwt: string): Actor | undefined {
  const { oidcProvider: provider, clockSkewSeconds, verifyJti, now } = engine.settings
  if (provider === undefined) return undefined
  const claims = verifiedClaims(jwt, kid => keyOf(provider, kid))
  if (claims === undefined || claims.iss !== provider.issuer) return undefined
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (!audiences.includes(provider.clientId)) return undefined
  if (!isTimely(claims, { now: now(), clockSkewSeconds })) return undefined
  const actor = findActorBy(engine.store, provider.userField, String(claims[provider.userClaim] ?? ''))
  if (actor === undefined) return undefined
  return verifyJti && !tokens.isFirstUse(provider.issuer, claims.jti) ? undefined : actor
}

function keyOf({ keys }: OidcProvider, kid: string): KeyObject | undefined {
  const key = keys.find(one => one.kid === kid)
  return key && createPublicKey({ key, format: 'jwk' })
}
