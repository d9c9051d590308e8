import { describe, expect, it } from '@jest/globals'
import { credentialSets, incompleteCredentials, simplestSchemes } from './complete.ts'
import type { SignerTools } from './scheme.ts'
import { CREDENTIAL_NAMES, type Credentials, isSecretCredential, signerOf } from './schemes.ts'

const CLIENT = { scheme: 'oauth-client-credentials', clientId: 'id', clientSecret: 'se&cret=1' } as const
const PASSWORD = { ...CLIENT, scheme: 'oauth-password', username: 'me@corp', password: 'pä ss+w%' } as const

/**
 * A token endpoint like ServiceNow's: it returns its current token with the time left of it, and makes the next one
 * only after that time.
 */
function endpoint(lifetimeMs: number) {
  const state = { now: 0, forms: [] as string[], secrets: [] as string[], made: 0, endsAt: 0 }
  const auth = (credentials: Credentials) =>
    signerOf(credentials, {
      async fetchToken(form) {
        state.forms.push(new URLSearchParams(form).toString())
        if (state.now >= state.endsAt) {
          state.made += 1
          state.endsAt = state.now + lifetimeMs
        }
        return { token: `token-${state.made}`, expiresInMs: state.endsAt - state.now }
      },
      identityToken: async () => '',
      onSecret: secret => void state.secrets.push(secret),
      now: () => state.now,
      instanceNow: () => state.now
    })
  return { state, auth }
}

const TOOLS: SignerTools = {
  fetchToken: async () => {
    throw new Error('no sign-in is needed')
  },
  identityToken: async () => '',
  onSecret: () => undefined,
  now: () => 0,
  instanceNow: () => 0
}

const bearerOf = async (auth: { headers(): Promise<Readonly<Record<string, string>>> }) =>
  (await auth.headers()).Authorization

describe('OAuth', () => {
  it('sends the client credentials as a form', async () => {
    const { state, auth } = endpoint(1_800_000)
    await auth(CLIENT).headers()
    expect(state.forms).toEqual(['grant_type=client_credentials&client_id=id&client_secret=se%26cret%3D1'])
  })

  it('sends user name and password with the password grant', async () => {
    const { state, auth } = endpoint(1_800_000)
    await auth(PASSWORD).headers()
    expect(Object.fromEntries(new URLSearchParams(state.forms[0]))).toEqual({
      grant_type: 'password',
      client_id: 'id',
      client_secret: 'se&cret=1',
      username: 'me@corp',
      password: 'pä ss+w%'
    })
  })

  it('uses one token for many requests, and masks it before its first use', async () => {
    const { state, auth } = endpoint(1_800_000)
    const one = auth(CLIENT)
    expect(await bearerOf(one)).toBe('Bearer token-1')
    state.now = 1_000_000
    expect(await bearerOf(one)).toBe('Bearer token-1')
    expect(state.forms).toHaveLength(1)
    expect(state.secrets).toEqual(['token-1'])
  })

  it('renews it a minute before its end', async () => {
    const { state, auth } = endpoint(1_800_000)
    const one = auth(CLIENT)
    await one.headers()
    state.now = 1_739_999
    await one.headers()
    expect(state.forms).toHaveLength(1)
    state.now = 1_740_000
    await one.headers()
    expect(state.forms).toHaveLength(2)
  })

  it('uses a shared token to its end and gets the next', async () => {
    const { state, auth } = endpoint(1_800_000)
    // Another job signed in earlier: only 40 s are left.
    await auth(CLIENT).headers()
    state.now = 1_760_000
    const one = auth(CLIENT)
    const used: (string | undefined)[] = []
    for (; state.now < 1_830_000; state.now += 1_000) {
      used.push(await bearerOf(one))
      // Never an expired token.
      expect(used.at(-1)).toBe(state.now < 1_800_000 ? 'Bearer token-1' : 'Bearer token-2')
    }
    // It signs in again with 40, 20, 10, 5, 3, 2 and 1 s left, not for each of 70 requests.
    expect(state.forms.length).toBeLessThan(10)
  })

  it('signs in once for look-ups in parallel', async () => {
    const { state, auth } = endpoint(1_800_000)
    const one = auth(CLIENT)
    await Promise.all([one.headers(), one.headers(), one.headers()])
    expect(state.forms).toHaveLength(1)
  })

  it('signs in again after a 401', async () => {
    const { state, auth } = endpoint(1_800_000)
    const one = auth(CLIENT)
    await one.headers()
    expect(one.renew(await one.headers())).toBe(true)
    await one.headers()
    expect(state.forms).toHaveLength(2)
  })

  it('signs in once for two requests that got the same 401 one after the other', async () => {
    const { state, auth } = endpoint(1_800_000)
    const one = auth(CLIENT)
    const [first, second] = [await one.headers(), await one.headers()]
    // The instance ends the token and makes a new one.
    state.endsAt = state.now
    one.renew(first)
    await one.headers()
    one.renew(second)
    await one.headers()
    expect(state.forms).toHaveLength(2)
  })

  it('tries again after a sign-in that failed', async () => {
    let fail = true
    const fetchToken = async () => {
      if (fail) throw new Error('503')
      return { token: 'late', expiresInMs: 1_000 }
    }
    const one = signerOf(CLIENT, { ...TOOLS, fetchToken })
    await expect(Promise.all([one.headers(), one.headers()])).rejects.toThrow('503')
    fail = false
    expect(await bearerOf(one)).toBe('Bearer late')
  })
})

describe('the other schemes', () => {
  it('Basic encodes as UTF-8 and masks the encoded form', async () => {
    const secrets: string[] = []
    const one = signerOf(
      { scheme: 'basic', username: 'jürgen', password: 'pä:ss' },
      { ...TOOLS, onSecret: secret => void secrets.push(secret) }
    )
    const encoded = Buffer.from('jürgen:pä:ss', 'utf8').toString('base64')
    expect(await one.headers()).toEqual({ Authorization: `Basic ${encoded}` })
    expect(secrets).toEqual([encoded])
  })

  it('bearer and API key are headers; none of the three has anything to renew', async () => {
    const bearer = signerOf({ scheme: 'bearer', token: 't0ken' }, TOOLS)
    const apiKey = signerOf({ scheme: 'api-key', apiKey: 'k3y' }, TOOLS)
    const basic = signerOf({ scheme: 'basic', username: 'a', password: 'b' }, TOOLS)
    expect(await bearer.headers()).toEqual({ Authorization: 'Bearer t0ken' })
    expect(await apiKey.headers()).toEqual({ 'x-sn-apikey': 'k3y' })
    for (const one of [basic, bearer, apiKey]) expect(one.renew(await one.headers())).toBe(false)
  })
})

describe('the sets of credentials', () => {
  const USER = { username: 'me', password: 'p' }
  const CLIENT_PAIR = { clientId: 'id', clientSecret: 's' }
  const schemes = (given: Parameters<typeof credentialSets>[0]) =>
    credentialSets(given).map(one => one.scheme)

  it('hold the fields of their scheme and nothing else', () => {
    expect(credentialSets({ ...USER, clientId: 'id' })).toEqual([{ scheme: 'basic', ...USER }])
    expect(credentialSets({ token: 't', username: 'me' })).toEqual([{ scheme: 'bearer', token: 't' }])
    expect(credentialSets({})).toEqual([])
  })

  it('are one when a larger one includes the others', () => {
    expect(schemes({ ...USER, ...CLIENT_PAIR })).toEqual(['oauth-password'])
  })

  it('are several when they have nothing to do with each other', () => {
    expect(schemes({ ...CLIENT_PAIR, token: 't', apiKey: 'k' })).toEqual([
      'oauth-client-credentials',
      'bearer',
      'api-key'
    ])
  })

  it('that are incomplete lack what the nearest scheme needs', () => {
    expect(incompleteCredentials({ username: 'me', clientId: 'id' })).toEqual([
      { given: 'clientId', missing: ['clientSecret'] },
      { given: 'username', missing: ['password'] }
    ])
    expect(incompleteCredentials({ ...CLIENT_PAIR, password: 'p' })).toEqual([
      { given: 'password', missing: ['username'] }
    ])
    expect(incompleteCredentials({ ...CLIENT_PAIR, ...USER, token: 't' })).toEqual([])
  })

  it('of a private key take a client secret too, and are one', () => {
    const signed = { clientId: 'id', privateKey: 'pem', keyId: 'k', subject: 'me' }
    expect(credentialSets(signed)).toEqual([{ scheme: 'oauth-jwt-bearer', ...signed }])
    const both = { ...signed, clientSecret: 's' }
    expect(credentialSets(both)).toEqual([{ scheme: 'oauth-jwt-bearer', ...both }])
    expect(schemes({ ...both, ...USER })).toEqual(['oauth-password', 'oauth-jwt-bearer'])
    expect(schemes({ ...signed, ...USER })).toEqual(['oauth-jwt-bearer', 'basic'])
  })

  it('of a private key that are incomplete say once what is missing of them', () => {
    expect(incompleteCredentials({ clientId: 'id', privateKey: 'pem' })).toEqual([
      { given: 'privateKey', missing: ['keyId', 'subject'] }
    ])
    expect(incompleteCredentials({ ...CLIENT_PAIR, keyId: 'k', subject: 'me' })).toEqual([
      { given: 'keyId', missing: ['privateKey'] }
    ])
    expect(incompleteCredentials({ username: 'me', privateKey: 'pem' })).toEqual([
      { given: 'username', missing: ['password'] },
      { given: 'privateKey', missing: ['clientId', 'keyId', 'subject'] }
    ])
  })

  it('to choose from are those that need the least', () => {
    expect(simplestSchemes().map(one => one.name)).toEqual([
      'oauth-client-credentials',
      'oauth-jwt-bearer',
      'oidc',
      'basic',
      'bearer',
      'api-key'
    ])
    expect(CREDENTIAL_NAMES.filter(isSecretCredential)).toEqual([
      'clientSecret',
      'password',
      'privateKey',
      'token',
      'apiKey'
    ])
  })
})
