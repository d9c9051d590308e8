import { get } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from './options.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'
import { request, TABLE } from './testing/caller.ts'

const PASSWORD = 'a password of our own'
const NETWORK = { host: '0.0.0.0', allowNetwork: true, password: PASSWORD } as const

let sandbox: Sandbox | undefined
afterEach(async () => {
  await sandbox?.stop()
  sandbox = undefined
})

async function start(options: SandboxOptions): Promise<Sandbox> {
  sandbox = await startSandbox(options)
  return sandbox
}

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  accept: 'application/json'
})

const CHANGES = `${TABLE}/change_request`

describe('a sandbox that other machines may reach', () => {
  it.each<[SandboxOptions, string]>([
    [{ host: '0.0.0.0' }, '--allow-network'],
    [{ host: '0.0.0.0', password: PASSWORD }, '--allow-network'],
    [{ host: '0.0.0.0', allowNetwork: true }, 'SANDBOX_PASSWORD'],
    [{ allowNetwork: true }, 'SANDBOX_PASSWORD'],
    [{ ...NETWORK, password: 'short' }, 'too short'],
    [{ ...NETWORK, password: 'deployer-password' }, 'public']
  ])('is refused with %j', async (options, text) => {
    const refused = startSandbox(options)
    await expect(refused).rejects.toThrow(text)
    await expect(refused).rejects.toThrow('Fix:')
  })

  it('has no public password: of accounts, of the OAuth client, or as API key', async () => {
    const { url } = await start(NETWORK)
    const status = async (headers: Record<string, string>) =>
      (await request(url + CHANGES, { headers })).status
    expect(await status(basic('gha.deployer', 'deployer-password'))).toBe(401)
    expect(await status(basic('gha.deployer', PASSWORD))).toBe(200)
    expect(await status({ 'x-sn-apikey': 'sandbox-api-key', accept: 'application/json' })).toBe(401)
    expect(await status({ 'x-sn-apikey': PASSWORD, accept: 'application/json' })).toBe(200)
    const token = async (secret: string) => {
      const form = { grant_type: 'client_credentials', client_id: 'github-actions', client_secret: secret }
      return (await request(`${url}/oauth_token.do`, { method: 'POST', body: new URLSearchParams(form) }))
        .status
    }
    expect(await token('sandbox-client-secret')).toBe(401)
    expect(await token(PASSWORD)).toBe(200)
  })

  it.each(['/', '/control', '/requests', '/events', '/change_request.do', '/nothing'])(
    'shows %s to accounts alone',
    async path => {
      const { url } = await start(NETWORK)
      const refused = await request(url + path)
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'Basic realm="ServiceNow sandbox"'
      ])
      expect((await request(url + path, { headers: basic('admin', 'admin-password') })).status).toBe(401)
    }
  )

  it('is reached by any name, as from another container', async () => {
    const { url } = await start(NETWORK)
    const headers = { ...basic('admin', PASSWORD), host: 'servicenow:8080' }
    const status = await new Promise(resolve =>
      get(`${url}/`, { headers }, message => resolve(message.statusCode))
    )
    expect(status).toBe(200)
  })
})

it('a password of its own on loopback: pages stay open', async () => {
  const { url } = await start({ password: PASSWORD })
  expect((await request(url)).status).toBe(200)
  expect((await request(url + CHANGES, { headers: basic('admin', 'admin-password') })).status).toBe(401)
})
