import { verify } from 'node:crypto'
import { Refusal } from './refusal.ts'
import type { App, World } from './state.ts'

/** Documented maximum of the time between now and `exp`, in seconds. */
const MAX_LIFETIME_SECONDS = 600
/** Clocks differ: what GitHub tolerates is not documented; a minute is what it advises for `iat`. */
const TOLERANCE_SECONDS = 60

const UNREADABLE = 'A JSON web token could not be decoded'

function decode(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    throw new Refusal(401, UNREADABLE)
  }
}

/**
 * The App that signed a JWT: RS256 with its key, `iss` its client id or its id, `exp` at most ten minutes from now.
 * @throws Refusal 401 as GitHub words it
 */
export function appOfJwt(world: World, jwt: string): App {
  const [head = '', claims = '', signature = ''] = jwt.split('.')
  const { alg } = decode(head)
  const { iss, iat, exp } = decode(claims)
  const app = world.apps.find(one => String(iss) === String(one.id) || iss === one.clientId)
  if (app === undefined)
    throw new Refusal(401, "'Issuer' claim ('iss') must be an Integer or a client ID of an App")
  const signed = Buffer.from(`${head}.${claims}`)
  if (alg !== 'RS256' || !verify('sha256', signed, app.publicKey, Buffer.from(signature, 'base64url'))) {
    throw new Refusal(401, UNREADABLE)
  }
  checkTimes(world.now() / 1000, iat, exp)
  return app
}

function checkTimes(now: number, iat: unknown, exp: unknown): void {
  if (typeof exp !== 'number' || exp <= now) {
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time"
    )
  }
  if (exp > now + MAX_LIFETIME_SECONDS + TOLERANCE_SECONDS) {
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
  }
  if (typeof iat !== 'number' || iat > now + TOLERANCE_SECONDS) {
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
    )
  }
}
