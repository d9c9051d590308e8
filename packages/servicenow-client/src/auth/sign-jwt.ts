/** JSON Web Tokens (RFC 7519) signed with a private key. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto'

/** Of the algorithms that ServiceNow verifies with a certificate: RSA keys, and elliptic curves by their name. */
const EC_ALGORITHMS: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512'
}

/**
 * How a private key signs: RS256 with an RSA key; ES256, ES384 or ES512 with one of P-256, P-384 or P-521. undefined
 * for another kind of key.
 *
 * @param pem PEM text, not encrypted
 * @throws Error when the key cannot be read
 */
export function signingAlgorithm(pem: string): string | undefined {
  return algorithmOf(createPrivateKey(pem))
}

function algorithmOf({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details
}: KeyObject): string | undefined {
  if (type === 'rsa') return 'RS256'
  return type === 'ec' ? EC_ALGORITHMS[details?.namedCurve ?? ''] : undefined
}

/**
 * A signed JWT in its compact form.
 *
 * @param keyId says which key the signature is to be verified with
 * @throws Error for a key that `signingAlgorithm` does not know
 */
export function signJwt(pem: string, keyId: string, claims: Readonly<Record<string, unknown>>): string {
  const key = createPrivateKey(pem)
  const alg = algorithmOf(key)
  if (alg === undefined) throw new Error(`no algorithm for a key of the type ${key.asymmetricKeyType}`)
  const signed = `${base64url({ alg, typ: 'JWT', kid: keyId })}.${base64url(claims)}`
  const signature = sign(`sha${alg.slice(2)}`, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

function base64url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
