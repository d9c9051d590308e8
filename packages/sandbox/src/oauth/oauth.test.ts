import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, basic, CHANGE, request, type TestResponse } from '../testing/caller.ts'

let sandbox: Sandbox
let now = Date.UTC(2026, 0, 1)

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ now: () => now, ...options })
}

afterEach(() => sandbox.stop())

const CLIENT = { client_id: 'github-actions', client_secret: 'sandbox-client-secret' }
const ANNA = { grant_type: 'password', username: 'anna.approver', password: 'anna-password' }

function token(form: Record<string, string>, init: RequestInit = {}): Promise<TestResponse> {
  return request(`${sandbox.url}/oauth_token.do`, {
    method: 'POST',
    body: new URLSearchParams(form),
    ...init
  })
}

function withHeaders(headers: Record<string, string>): Promise<TestResponse> {
  return request(`${sandbox.url}${CHANGE}`, { headers })
}

const bearer = (access: unknown) => withHeaders({ authorization: `Bearer ${access}` })

describe('the token endpoint', () => {
  it('grants client credentials for the application user, without a refresh token', async () => {
    await start()
    const granted = await token({ ...CLIENT, grant_type: 'client_credentials' })
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

  it('returns the current token with its remaining lifetime, and a new one when it has expired', async () => {
    await start({ tokenLifetimeSeconds: 100 })
    const grant = { ...CLIENT, grant_type: 'client_credentials' }
    const first = await token(grant)
    now += 95_500
    const second = await token(grant)
    expect(second.at('access_token')).toBe(first.at('access_token'))
    expect(second.at('expires_in')).toBe(4)
    now += 4500
    expect((await bearer(first.at('access_token'))).status).toBe(401)
    const third = await token(grant)
    expect(third.at('access_token')).not.toBe(first.at('access_token'))
    expect((await bearer(third.at('access_token'))).status).toBe(200)
  })

  it('grants a password, and keeps the refresh token', async () => {
    await start({ tokenLifetimeSeconds: 10 })
    const first = await token({ ...CLIENT, ...ANNA })
    const refresh_token = String(first.at('refresh_token'))
    now += 10_000
    const second = await token({ ...CLIENT, grant_type: 'refresh_token', refresh_token })
    expect(second.at('refresh_token')).toBe(refresh_token)
    expect((await bearer(second.at('access_token'))).status).toBe(200)
    expect(sandbox.requests.at(-1)?.user).toBe('anna.approver')
  })

  it.each([
    ['a wrong secret', { ...CLIENT, client_secret: 'no', grant_type: 'client_credentials' }],
    ['an unknown client', { ...CLIENT, client_id: 'no', grant_type: 'client_credentials' }],
    ['a wrong password', { ...CLIENT, ...ANNA, password: 'no' }],
    ['an inactive user', { ...CLIENT, ...ANNA, username: 'lea.leaver', password: 'lea-password' }],
    ['an unknown refresh token', { ...CLIENT, grant_type: 'refresh_token', refresh_token: 'no' }],
    ['an unknown grant type', { ...CLIENT, grant_type: 'magic' }]
  ])('responds the same to %s', async (_what, form) => {
    await start()
    const denied = await token(form)
    expect(denied.status).toBe(401)
    expect(denied.text).toBe('{"error_description":"access_denied","error":"server_error"}')
  })

  it('refuses grant types that are disabled', async () => {
    await start({ clientCredentials: false, passwordGrant: false })
    expect((await token({ ...CLIENT, grant_type: 'client_credentials' })).status).toBe(401)
    expect((await token({ ...CLIENT, ...ANNA })).status).toBe(401)
  })

  it('accepts only form parameters in the body', async () => {
    await start()
    const grant = { ...CLIENT, grant_type: 'client_credentials' }
    const json = { body: JSON.stringify(grant), headers: { 'content-type': 'application/json' } }
    expect((await token({}, json)).status).toBe(401)
    const inUrl = await request(`${sandbox.url}/oauth_token.do?${new URLSearchParams(grant)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' }
    })
    expect(inUrl.status).toBe(401)
  })

  it('accepts no revoked token', async () => {
    await start()
    const granted = await token({ ...CLIENT, grant_type: 'client_credentials' })
    sandbox.revokeTokens()
    expect((await bearer(granted.at('access_token'))).status).toBe(401)
  })
})

describe('authentication', () => {
  it.each([
    ['no credentials', {}],
    ['an unknown token', { authorization: 'Bearer nope' }],
    ['a wrong password', { authorization: `Basic ${Buffer.from('admin:nope').toString('base64')}` }],
    ['no colon', { authorization: `Basic ${Buffer.from('admin').toString('base64')}` }],
    ['an unknown scheme', { authorization: 'Digest x' }],
    ['a wrong key', { 'x-sn-apikey': 'nope' }],
    ['an inactive user', { authorization: basic('lea.leaver') }]
  ])('with %s fails with 401', async (_what, headers) => {
    await start()
    const refused = await withHeaders(headers as Record<string, string>)
    expect(refused.status).toBe(401)
    expect(refused.at('error')).toEqual({
      message: 'User Not Authenticated',
      detail: 'Required to provide Auth information'
    })
  })

  it('accepts Basic and an API key', async () => {
    await start()
    const signedIn = await as(sandbox, 'gha.reader').get(CHANGE)
    expect([signedIn.status, signedIn.headers.get('x-is-logged-in')]).toEqual([200, 'true'])
    expect((await withHeaders({ 'x-sn-apikey': 'sandbox-api-key' })).status).toBe(200)
    expect(sandbox.requests.map(one => one.user)).toEqual(['gha.reader', 'gha.deployer'])
  })

  it('fails for an account that is locked out', async () => {
    await start()
    const user = sandbox.rows('sys_user').find(row => row.user_name === 'gha.reader')
    sandbox.set('sys_user', user?.sys_id ?? '', { locked_out: 'true' })
    expect((await as(sandbox, 'gha.reader').get(CHANGE)).status).toBe(401)
  })
})
