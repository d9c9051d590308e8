/** JSON Web Tokens as an instance verifies them. */
import { type KeyObject, verify } from 'node:crypto'

/** The claims that are looked at. */
export interface Claims extends Readonly<Record<string, unknown>> {
  readonly iss?: unknown
  readonly sub?: unknown
  readonly aud?: unknown
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly jti?: unknown
}

/** How times and repeats are judged. */
export interface JwtRules {
  /** Epoch milliseconds. */
  readonly now: number
  /** "Clock Skew". */
  readonly clockSkewSeconds: number
}

const ALGORITHM = /^(RS|ES)(256|384|512)$/

/**
 * The claims of a JWT with a valid signature; undefined for any other text. ServiceNow documents RS256, RS384, RS512,
 * ES256, ES384 and ES512 for certificates.
 *
 * @param keyOf the public key of a `kid`; undefined for an unknown one
 */
export function verifiedClaims(
  jwt: string,
  keyOf: (kid: string) => KeyObject | undefined
): Claims | undefined {
  const [head = '', claims = '', signature = '', ...more] = jwt.split('.')
  const { alg, kid } = decode(head)
  const [algorithm, family, bits] = ALGORITHM.exec(String(alg)) ?? []
  const key = keyOf(String(kid))
  if (more.length > 0 || algorithm === undefined || key === undefined) return undefined
  if (key.asymmetricKeyType !== (family === 'RS' ? 'rsa' : 'ec')) return undefined
  const signed = Buffer.from(`${head}.${claims}`)
  const bytes = Buffer.from(signature, 'base64url')
  return verify(`sha${bits}`, signed, { key, dsaEncoding: 'ieee-p1363' }, bytes) ? decode(claims) : undefined
}

/** Whether a token is valid now: `exp` is needed, `nbf` counts where it is there. */
export function isTimely({ exp, nbf }: Claims, { now, clockSkewSeconds }: JwtRules): boolean {
  const seconds = now / 1000
  if (typeof exp !== 'number' || exp + clockSkewSeconds <= seconds) return false
  return typeof nbf !== 'number' || nbf - clockSkewSeconds <= seconds
}

/** The claims of a text that may be a JWT, without a look at its signature. */
export function claimedBy(jwt: string): Claims {
  return decode(jwt.split('.')[1] ?? '')
}

function decode(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Claims) : {}
  } catch {
    return {}
  }
}
