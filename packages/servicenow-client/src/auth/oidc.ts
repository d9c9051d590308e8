import { defineScheme, type Signer } from './scheme.ts'
import { renewingToken } from './token.ts'

/** For a token that does not say how long it is valid. */
const DEFAULT_LIFETIME_MS = 120_000

/**
 * An identity token of a third party that the instance trusts as an OIDC provider, as a bearer token. An instance that
 * verifies the `jti` takes each token once: when it has refused a repeated use, each request gets a token of its own.
 */
export const oidc = defineScheme({
  name: 'oidc',
  label: 'OIDC identity token',
  fields: { oidcAudience: {} },
  signer({ oidcAudience }, tools): Signer {
    const fetch = async () => {
      const token = await tools.identityToken(oidcAudience)
      return { token, expiresInMs: lifetimeOf(token) }
    }
    const shared = renewingToken(fetch, tools)
    let once = false
    let used = { authorization: '', times: 0 }
    const ofOneRequest = new WeakSet<object>()
    return {
      async headers() {
        if (once) {
          const { token } = await fetch()
          tools.onSecret(token)
          const headers = { Authorization: `Bearer ${token}` }
          ofOneRequest.add(headers)
          return headers
        }
        const headers = await shared.headers()
        const { Authorization: authorization = '' } = headers
        used = { authorization, times: authorization === used.authorization ? used.times + 1 : 1 }
        return headers
      },
      renew(headers) {
        if (ofOneRequest.has(headers)) return false
        if (headers.Authorization === used.authorization) {
          // Refused at its first use: the next one would be refused as well.
          if (used.times === 1) return false
          once ||= expiryOf(used.authorization) > tools.instanceNow()
        }
        return shared.renew(headers)
      }
    }
  }
})

/** Milliseconds from the issue of a JWT to its expiry: so the clocks of this machine and of its issuer may differ. */
function lifetimeOf(jwt: string): number {
  const { iat, exp } = claimsOf(jwt)
  return typeof iat === 'number' && typeof exp === 'number'
    ? Math.max(0, exp - iat) * 1000
    : DEFAULT_LIFETIME_MS
}

/** Epoch milliseconds; infinite where the token does not say it. */
function expiryOf(jwt: string): number {
  const { exp } = claimsOf(jwt)
  return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY
}

/** The claims of a JWT, which are not verified here. */
function claimsOf(jwt: string): { readonly iat?: unknown; readonly exp?: unknown } {
  try {
    return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) ?? {}
  } catch {
    return {}
  }
}
