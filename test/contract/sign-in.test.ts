import { afterEach, describe, expect, it } from '@jest/globals'
import { CERTIFICATE_KEY } from '../../packages/github-actions/src/testing/certificates.ts'
import { client, expectHarmless, lines, USER_AGENT, wire } from './kit.ts'
import { CHANGE, typedChange } from './responses.ts'

const FOUND = [200, { result: typedChange() }] as const
const TOKEN = [
  200,
  { access_token: 'fresh', scope: 'useraccount', token_type: 'Bearer', expires_in: 1799 }
] as const
const CLIENT = { clientId: 'client id', clientSecret: 's&cret=+ä' }
const FORM = 'client_id=client+id&client_secret=s%26cret%3D%2B%C3%A4'

afterEach(expectHarmless)

describe('signing in', () => {
  it.each([
    [
      'with client credentials',
      { scheme: 'oauth-client-credentials', ...CLIENT } as const,
      `grant_type=client_credentials&${FORM}`
    ],
    [
      'with user name and password',
      { scheme: 'oauth-password', ...CLIENT, username: 'sn.user', password: 'p w+1' } as const,
      `grant_type=password&${FORM}&username=sn.user&password=p+w%2B1`
    ]
  ])('%s is a form at the root of the instance', async (_, credentials, form) => {
    const sent = wire(TOKEN, FOUND, FOUND)
    const { changes, stats } = client({ credentials })
    await changes.get(CHANGE)
    await changes.get(CHANGE)
    expect(sent[0]).toEqual({
      method: 'POST',
      url: '/oauth_token.do',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(form.length),
        connection: 'keep-alive',
        host: 'acme.service-now.com',
        'user-agent': USER_AGENT
      },
      body: form
    })
    expect(sent.slice(1).map(one => one.headers.authorization)).toEqual(['Bearer fresh', 'Bearer fresh'])
    expect(stats).toEqual({ requests: 3, requestErrors: 0 })
  })

  it('with a private key is a form with an assertion, and with the secret where there is one', async () => {
    const sent = wire(TOKEN, FOUND)
    const credentials = {
      scheme: 'oauth-jwt-bearer',
      ...CLIENT,
      privateKey: CERTIFICATE_KEY,
      keyId: 'key 1',
      subject: 'sn.user'
    } as const
    await client({ credentials }).changes.get(CHANGE)
    const form = 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer'
    expect(sent[0]?.body.replace(/(assertion=).*/, '$1…')).toBe(`${form}&${FORM}&assertion=…`)
    const assertion = new URLSearchParams(sent[0]?.body).get('assertion') ?? ''
    expect(assertion).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    const [head, claims] = assertion.split('.').map(part => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(head ?? '')).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'key 1' })
    expect(JSON.parse(claims ?? '')).toMatchObject({ iss: 'client id', sub: 'sn.user', aud: 'client id' })
    expect(sent[1]?.headers.authorization).toBe('Bearer fresh')
  })

  it.each([
    [
      'Basic',
      { scheme: 'basic', username: 'jürgen', password: 'p:w' } as const,
      { authorization: 'Basic asO8cmdlbjpwOnc=' }
    ],
    ['a bearer token', { scheme: 'bearer', token: 't0ken' } as const, { authorization: 'Bearer t0ken' }],
    ['an API key', { scheme: 'api-key', apiKey: 'k3y' } as const, { 'x-sn-apikey': 'k3y' }]
  ])('with %s is a header, and nothing else', async (_, credentials, header) => {
    const sent = wire(FOUND)
    await client({ credentials }).changes.get(CHANGE)
    const { 'x-sn-apikey': key, authorization } = sent[0]?.headers ?? {}
    expect({ ...(key && { 'x-sn-apikey': key }), ...(authorization && { authorization }) }).toEqual(header)
    expect(lines(sent)).toEqual([`GET /api/sn_chg_rest/v1/change/${CHANGE}`])
  })

  it('again after a 401 sends the same request once more', async () => {
    const refused = [
      401,
      { error: { message: 'User Not Authenticated', detail: 'x' }, status: 'failure' }
    ] as const
    const sent = wire(TOKEN, refused, [200, { ...TOKEN[1], access_token: 'next' }], FOUND)
    await client({ credentials: { scheme: 'oauth-client-credentials', ...CLIENT } }).changes.get(CHANGE)
    expect(sent.map(one => one.headers.authorization)).toEqual([
      undefined,
      'Bearer fresh',
      undefined,
      'Bearer next'
    ])
  })
})

describe('a redirect', () => {
  it('is a problem, and nothing is sent to its target', async () => {
    const sent = wire([302, '', { Location: 'https://idp.example/saml?x=1' }])
    await expect(client().changes.get(CHANGE)).rejects.toMatchObject({
      code: 'redirect',
      facts: {
        operation: `reading the change ${CHANGE}`,
        status: 302,
        message: 'redirected to https://idp.example/saml'
      },
      retry: { temporary: false },
      committed: 'no'
    })
    expect(sent).toHaveLength(1)
  })
})

it('the page of a change has its sys_id in its address', () => {
  expect(client().changeUrl(CHANGE)).toBe(
    `https://acme.service-now.com/nav_to.do?uri=%2Fchange_request.do%3Fsys_id%3D${CHANGE}`
  )
})
