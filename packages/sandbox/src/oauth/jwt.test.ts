import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { JWT_KEYS } from '../seed/jwt-client.ts'
import { CHANGE, request } from '../testing/caller.ts'

const NOW = Date.UTC(2026, 0, 1)
const SECONDS = NOW / 1000
let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ now: () => NOW, ...options })
}

afterEach(() => sandbox.stop())

const RSA = createPrivateKey(JWT_KEYS['sandbox-rsa'] ?? '')
const EC = createPrivateKey(JWT_KEYS['sandbox-ec'] ?? '')
const OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

interface Made {
  readonly key?: KeyObject
  readonly head?: object
  readonly claims?: object
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
let ids = 0

function jwt({ key = RSA, head = {}, claims = {} }: Made, defaults: object): string {
  ids += 1
  const alg = key.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256'
  const kid = key === EC ? 'sandbox-ec' : 'sandbox-rsa'
  const signed = `${part({ alg, kid, ...head })}.${part({ exp: SECONDS + 60, jti: `id-${ids}`, ...defaults, ...claims })}`
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

const CLIENT = 'github-actions-jwt'
const assertion = (made: Made = {}) => jwt(made, { iss: CLIENT, aud: CLIENT, sub: 'gha.deployer' })

function exchange(text: string, form: Record<string, string> = { client_id: CLIENT }) {
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  const body = new URLSearchParams({ grant_type, assertion: text, ...form })
  return request(`${sandbox.url}/oauth_token.do`, { method: 'POST', body })
}

const bearer = (token: unknown) =>
  request(`${sandbox.url}${CHANGE}`, { headers: { authorization: `Bearer ${token}` } })

describe('the JWT bearer grant', () => {
  it.each([
    ['RS256', RSA],
    ['ES256', EC]
  ])('accepts an assertion with %s, without a refresh token', async (_, key) => {
    await start()
    const granted = await exchange(assertion({ key }))
    expect(granted.status).toBe(200)
    expect(granted.at()).toEqual({
      access_token: expect.any(String),
      scope: 'useraccount',
      token_type: 'Bearer',
      expires_in: 1800
    })
    expect((await bearer(granted.at('access_token'))).status).toBe(200)
    expect(sandbox.requests.at(-1)?.user).toBe('gha.deployer')
  })

  it('needs no client_id of a public client, and the secret of another one', async () => {
    await start()
    expect((await exchange(assertion(), {})).status).toBe(200)
    const id = 'github-actions-jwt-secret'
    const other = () => assertion({ claims: { iss: id, aud: id, sub: 'gha.deployer@sandbox.example' } })
    expect((await exchange(other(), { client_id: id })).status).toBe(401)
    expect((await exchange(other(), { client_id: id, client_secret: 'no' })).status).toBe(401)
    expect((await exchange(other(), { client_id: id, client_secret: 'sandbox-jwt-secret' })).status).toBe(200)
  })

  const WRONG: Record<string, Made> = {
    'another key': { key: OTHER },
    'an unknown kid': { head: { kid: 'nobody' } },
    'the kid of another key': { head: { kid: 'sandbox-ec' } },
    'no signature': { head: { alg: 'none' } },
    'an algorithm with a shared key': { head: { alg: 'HS256' } },
    'another audience': { claims: { aud: 'somebody' } },
    'another issuer': { claims: { iss: 'somebody' } },
    'an unknown subject': { claims: { sub: 'nobody' } },
    'no subject': { claims: { sub: '' } },
    'an account that has left': { claims: { sub: 'lea.leaver' } },
    'no expiry': { claims: { exp: undefined } },
    'an expiry that has passed': { claims: { exp: SECONDS - 301 } },
    'a beginning in the future': { claims: { nbf: SECONDS + 301 } },
    'no jti': { claims: { jti: undefined } }
  }
  it.each(Object.keys(WRONG))('responds to %s as to a wrong secret', async name => {
    await start()
    const denied = await exchange(assertion(WRONG[name]))
    expect(denied.status).toBe(401)
    expect(denied.text).toBe('{"error_description":"access_denied","error":"server_error"}')
  })

  it('accepts an assertion once, unless the verification is off', async () => {
    await start()
    const text = assertion()
    expect([(await exchange(text)).status, (await exchange(text)).status]).toEqual([200, 401])
    await sandbox.stop()
    await start({ verifyJti: false })
    expect([(await exchange(text)).status, (await exchange(text)).status]).toEqual([200, 200])
  })

  it('forgives clocks that differ by the clock skew', async () => {
    await start()
    expect((await exchange(assertion({ claims: { exp: SECONDS - 299 } }))).status).toBe(200)
    await sandbox.stop()
    await start({ clockSkewSeconds: 0 })
    expect((await exchange(assertion({ claims: { exp: SECONDS - 1 } }))).status).toBe(401)
  })
})

describe('an identity token of a third party', () => {
  const ISSUER = 'https://issuer.example'
  const USER = { iss: ISSUER, aud: 'acme', sub: 'gha.deployer' }
  const oidcProvider = {
    clientId: 'acme',
    issuer: ISSUER,
    keys: [{ ...createPublicKey(RSA).export({ format: 'jwk' }), kid: 'sandbox-rsa' }],
    userClaim: 'sub',
    userField: 'user_name'
  }
  const identity = (made: Made = {}) => jwt(made, USER)

  it('is accepted once as a bearer token', async () => {
    await start({ oidcProvider })
    const token = identity()
    expect((await bearer(token)).status).toBe(200)
    expect(sandbox.requests.at(-1)?.user).toBe('gha.deployer')
    expect((await bearer(token)).status).toBe(401)
    expect((await bearer(identity({ claims: { aud: ['other', 'acme'] } }))).status).toBe(200)
  })

  it.each([
    ['another key', { key: OTHER }],
    ['another audience', { claims: { aud: 'other' } }],
    ['another issuer', { claims: { iss: 'https://other.example' } }],
    ['an unknown user', { claims: { sub: 'nobody' } }],
    ['an expiry that has passed', { claims: { exp: SECONDS - 301 } }]
  ] as const)('is refused with %s', async (_, made) => {
    await start({ oidcProvider })
    const refused = await bearer(identity(made))
    expect(refused.status).toBe(401)
    expect(refused.at('error', 'message')).toBe('User Not Authenticated')
  })

  it('is refused without a provider', async () => {
    await start()
    expect((await bearer(identity())).status).toBe(401)
  })
})
