import { randomUUID } from 'node:crypto'
import { isClientProblem } from '../problems/codes.ts'
import { defineScheme, JWT_BEARER, type SignerTools, type TokenResponse } from './scheme.ts'
import { signJwt } from './sign-jwt.ts'
import { renewingToken } from './token.ts'

/** An assertion is used once, at once: it need not live longer than a slow request. */
const LIFETIME_S = 120

/** Issued a little in the past, for clocks that differ by seconds. */
const BACKDATED_S = 30

/**
 * OAuth JWT bearer grant (RFC 7523): an assertion signed with a private key, of which the instance has the
 * certificate. It names the client as issuer and as audience, as ServiceNow documents it. A client secret is sent
 * where there is one: a client that is not public needs it.
 */
export const oauthJwtBearer = defineScheme({
  name: 'oauth-jwt-bearer',
  label: 'OAuth JWT bearer grant',
  fields: { clientId: {}, privateKey: { secret: true, pem: true }, keyId: {}, subject: {} },
  optional: { clientSecret: { secret: true } },
  signer({ clientId, clientSecret, privateKey, keyId, subject }, tools) {
    const exchange = () => {
      const now = Math.floor(tools.instanceNow() / 1000)
      // The instance takes each assertion once, by its jti.
      const assertion = signJwt(privateKey, keyId, {
        iss: clientId,
        sub: subject,
        aud: clientId,
        iat: now - BACKDATED_S,
        exp: now + LIFETIME_S,
        jti: randomUUID()
      })
      tools.onSecret(assertion)
      return tools.fetchToken({
        grant_type: JWT_BEARER,
        client_id: clientId,
        ...(clientSecret !== undefined && { client_secret: clientSecret }),
        assertion
      })
    }
    return renewingToken(() => byTheInstancesClock(exchange, tools), tools)
  }
})

/**
 * The instance's clock is known from its first response. Where that is a refusal, and the clock differs so much that
 * this may be the reason, the next assertion is made by it.
 */
async function byTheInstancesClock(
  exchange: () => Promise<TokenResponse>,
  { now, instanceNow }: Pick<SignerTools, 'now' | 'instanceNow'>
): Promise<TokenResponse> {
  const offset = () => instanceNow() - now()
  const before = offset()
  try {
    return await exchange()
  } catch (error) {
    const differs = Math.abs(offset() - before) > (BACKDATED_S * 1000) / 2
    if (!differs || !isClientProblem(error, 'sign-in')) throw error
    return exchange()
  }
}
