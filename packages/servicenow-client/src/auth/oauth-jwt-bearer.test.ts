import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { clientProblem } from '../problems/codes.ts'
import { signerOf } from './schemes.ts'
import { signingAlgorithm } from './sign-jwt.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const RSA = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
const ec = (namedCurve: string) => pemOf(generateKeyPairSync('ec', { namedCurve }).privateKey)

function pemOf(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }))
}

/** Signs with a key at a token endpoint that is tried with `respond`, and keeps its forms. */
function signIn(privateKey = RSA, more: { readonly clientSecret?: string } = {}) {
  const state = {
    now: NOW,
    offset: 0,
    forms: [] as Record<string, string>[],
    secrets: [] as string[],
    respond: (): { token: string; expiresInMs: number } => ({
      token: `token-${state.forms.length}`,
      expiresInMs: 1_800_000
    })
  }
  const credentials = {
    scheme: 'oauth-jwt-bearer',
    clientId: 'c1',
    keyId: 'k1',
    subject: 'gha',
    privateKey
  } as const
  const signer = signerOf(
    { ...credentials, ...more },
    {
      async fetchToken(form) {
        state.forms.push({ ...form })
        return state.respond()
      },
      identityToken: async () => '',
      onSecret: secret => void state.secrets.push(secret),
      now: () => state.now,
      instanceNow: () => state.now + state.offset
    }
  )
  return { state, signer }
}

function read(jwt = '') {
  const [head = '', claims = '', signature = ''] = jwt.split('.')
  const part = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString())
  return { head: part(head), claims: part(claims), signed: Buffer.from(`${head}.${claims}`), signature }
}

const refused = () => clientProblem('sign-in', { operation: 'signing in', status: 401 })

describe('the JWT bearer grant', () => {
  it('sends an assertion of a few minutes, which names the client, the user and the key', async () => {
    const { state, signer } = signIn()
    expect(await signer.headers()).toEqual({ Authorization: 'Bearer token-1' })
    const [{ assertion = '', ...form } = {}] = state.forms
    expect(form).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id: 'c1' })
    const { head, claims } = read(assertion)
    expect(head).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' })
    expect(claims).toEqual({
      iss: 'c1',
      sub: 'gha',
      aud: 'c1',
      iat: NOW / 1000 - 30,
      exp: NOW / 1000 + 120,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/)
    })
    expect(state.secrets).toEqual([assertion, 'token-1'])
  })

  it('sends a client secret where there is one', async () => {
    const { state, signer } = signIn(RSA, { clientSecret: 's3cret' })
    await signer.headers()
    expect(state.forms[0]).toMatchObject({ client_id: 'c1', client_secret: 's3cret' })
  })

  it.each([
    ['RS256', 'sha256', RSA],
    ['ES256', 'sha256', ec('P-256')],
    ['ES384', 'sha384', ec('P-384')],
    ['ES512', 'sha512', ec('P-521')]
  ])('signs with %s, as anybody can verify', async (alg, hash, pem) => {
    const { state, signer } = signIn(pem)
    await signer.headers()
    const { head, signed, signature } = read(state.forms[0]?.assertion)
    expect(head.alg).toBe(alg)
    const key = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' as const }
    expect(verify(hash, signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  it('has no algorithm for other keys', () => {
    expect(signingAlgorithm(pemOf(generateKeyPairSync('ed25519').privateKey))).toBeUndefined()
    expect(signingAlgorithm(ec('secp256k1'))).toBeUndefined()
    expect(() => signingAlgorithm('no key')).toThrow()
  })

  it('makes a new assertion when the token ends in a long wait, one for all requests', async () => {
    const { state, signer } = signIn()
    await signer.headers()
    state.now += 1_800_000
    await Promise.all([signer.headers(), signer.headers(), signer.headers()])
    const ids = state.forms.map(form => read(form.assertion).claims.jti)
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(2)
    expect(read(state.forms[1]?.assertion).claims.exp).toBe(state.now / 1000 + 120)
  })

  it("is tried once more by the instance's clock when a refusal tells that the clocks differ", async () => {
    const { state, signer } = signIn()
    const { respond } = state
    state.respond = () => {
      if (state.forms.length > 1) return respond()
      state.offset = 3_600_000
      throw refused()
    }
    expect(await signer.headers()).toEqual({ Authorization: 'Bearer token-2' })
    expect(state.forms.map(form => read(form.assertion).claims.exp)).toEqual([
      NOW / 1000 + 120,
      NOW / 1000 + 3_600 + 120
    ])
  })

  it('is not tried again when the clocks agree, nor after the second refusal', async () => {
    const { state, signer } = signIn()
    state.respond = () => {
      throw refused()
    }
    await expect(signer.headers()).rejects.toMatchObject({ code: 'sign-in' })
    expect(state.forms).toHaveLength(1)
    state.respond = () => {
      state.offset = -600_000
      throw refused()
    }
    await expect(signer.headers()).rejects.toMatchObject({ code: 'sign-in' })
    expect(state.forms).toHaveLength(3)
  })
})
