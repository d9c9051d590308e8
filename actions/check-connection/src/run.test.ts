/** What the connection check finds, what it says to do, and that it writes nothing. */
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { hasOpenssl, makeCertificates } from '../../../packages/servicenow-client/src/testing/certificates.ts'
import { report, results, row } from '../../testing/check-report.ts'
import { startGateway } from '../../testing/gateway.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const NO_CLIENT = { SERVICENOW_CLIENT_ID: '', SERVICENOW_CLIENT_SECRET: '' }
const NO_PATH = 'Requested URI does not represent any resource'
const FOREVER = Number.POSITIVE_INFINITY
const READER = { username: 'gha.reader', password: 'reader-password' }
const ADMIN = { username: 'admin', password: 'admin-password' }

const withOpenssl = hasOpenssl() ? it : it.skip

/** With the password of an account instead of the OAuth client. */
const as = ({ perform, sandbox }: World, inputs: Record<string, string>) =>
  perform(definition, { inputs: { instance: sandbox.url, ...inputs } })

describe('an instance that is ready', () => {
  it('has a good row for everything the actions need', () =>
    inWorld({}, async ({ sandbox, plant, perform }) => {
      plant()
      const env = { SERVICENOW_BINDING_KEY: 'key-of-the-organisation' }
      const step = await perform(definition, { env })
      expect(step.failure).toBeUndefined()
      expect(step.outputs.ok).toBe('true')
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('ok')
      expect(report(step).map(one => [one.check, one.result])).toEqual([
        ['Proxy', 'ok'],
        ['Name', 'ok'],
        ['Connection', 'ok'],
        ['TLS', 'skipped'],
        ['Sign-in', 'ok'],
        ['Clock', 'ok'],
        ['Change Management API', 'ok'],
        ['Table API', 'ok'],
        ['Write changes', 'ok'],
        ['Least privilege', 'ok'],
        ['Read assignment groups', 'ok'],
        ['Read users', 'ok'],
        ['Read configuration items', 'ok'],
        ['Read choices', 'ok'],
        ['Read templates', 'ok'],
        ['Read approvals', 'ok'],
        ['Read change tasks', 'ok'],
        ['Read attachments', 'ok'],
        ['Creator of changes', 'ok'],
        ['Writers of work notes', 'ok']
      ])
      for (const { fix } of report(step)) expect(fix).toBe('')
      expect(row(step, 'Proxy').detail).toBe('none')
      expect(row(step, 'Name').detail).toBe('127.0.0.1 is 127.0.0.1')
      expect(row(step, 'Connection').detail).toBe(sandbox.url)
      expect(row(step, 'Sign-in').detail).toBe('accepted: OAuth client credentials')
      expect(row(step, 'Write changes').detail).toBe('role sn_change_write')
      expect(row(step, 'Read users').detail).toBe('/api/now/table/sys_user')
      expect(step.warnings).toEqual([])
      const writes = sandbox.requests.filter(one => one.method !== 'GET' && one.path !== '/oauth_token.do')
      expect(writes).toEqual([])
    }))

  it('is told how the step signs in', () =>
    inWorld({}, async world => {
      world.plant()
      const step = await as(world, { 'api-key': 'sandbox-api-key' })
      expect(row(step, 'Sign-in').detail).toBe('accepted: api-key')
    }))

  it('may be behind a gateway', () =>
    inWorld({}, async world => {
      world.plant()
      const gateway = await startGateway(world.sandbox.url, '/itsm')
      const env = { SERVICENOW_INSTANCE: gateway.url, SERVICENOW_API_PATH: 'itsm' }
      const step = await world.perform(definition, { env }).finally(() => gateway.close())
      expect(row(step, 'Connection').detail).toBe(`${gateway.url}/itsm`)
      expect(row(step, 'Change Management API').result).toBe('ok')
      expect(step.outputs.ok).toBe('true')
    }))

  it('is shown as a table in the log and in the summary', () =>
    inWorld({}, async ({ perform }) => {
      const step = await perform(definition)
      expect(step.info).toContain('✓ Proxy                     none')
      expect(step.info).toContain('– TLS                       plain http on loopback')
      expect(step.summary).toMatch(/^## ServiceNow connection: nothing that is needed is missing/)
      expect(step.summary).toMatch(/\| +\| Check \| Found \| Fix \|/)
      expect(step.summary).toMatch(/\| ✓ \| Proxy \| none \| +\|/)
    }))
})

describe('an instance that cannot be used', () => {
  it('has no address: the name is the first thing to check', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      // Longer than a name may be, so no name server is asked.
      const host = `${'a'.repeat(64)}.service-now.com`
      const step = await perform(definition, { env: { SERVICENOW_INSTANCE: `https://${host}` } })
      expect(step.failure?.title).toBe('ServiceNow connection: Name')
      expect(step.outputs.ok).toBe('false')
      expect(report(step).map(one => [one.check, one.result])).toEqual([
        ['Proxy', 'ok'],
        ['Name', 'fail']
      ])
      expect(row(step, 'Name')).toMatchObject({
        detail: expect.stringMatching(/^a+\.service-now\.com has no address \(E\w+\)$/),
        fix: expect.stringContaining('typing mistake')
      })
      expect(sandbox.requests).toEqual([])
    }))

  it('is behind a proxy that is down: its credentials are not told', () =>
    inWorld({}, async ({ perform }) => {
      const port = await freePort()
      const before = process.env.https_proxy
      process.env.https_proxy = `http://kim:proxy-password@127.0.0.1:${port}`
      try {
        const inputs = { 'max-retries': '0' }
        const env = { SERVICENOW_INSTANCE: 'https://acme.service-now.com' }
        const step = await perform(definition, { inputs, env })
        expect(row(step, 'Proxy').detail).toBe(`http://127.0.0.1:${port}`)
        expect(row(step, 'Name')).toMatchObject({
          result: 'skipped',
          detail: 'acme.service-now.com is resolved by the proxy'
        })
        expect(row(step, 'Connection').detail).toMatch(/proxy/)
        expect(results(step, 'fail')).toEqual(['Connection'])
        expect(JSON.stringify(step)).not.toContain('proxy-password')
      } finally {
        if (before === undefined) delete process.env.https_proxy
        else process.env.https_proxy = before
      }
    }))

  it('does not listen', () =>
    inWorld({}, async ({ perform }) => {
      const instance = `http://127.0.0.1:${await freePort()}`
      const step = await perform(definition, {
        inputs: { 'max-retries': '0' },
        env: { SERVICENOW_INSTANCE: instance }
      })
      expect(step.failure?.title).toBe('ServiceNow connection: Connection')
      expect(step.failure?.text).toMatch(/^Connection: .*connection refused.* Fix: /)
      // It is about no change, and says nothing of one.
      expect(step.failure?.text).not.toContain('Current status')
      expect(JSON.parse(step.outputs.metrics ?? '').result).toBe('failed')
      expect(results(step, 'ok')).toEqual(['Proxy', 'Name'])
    }))

  withOpenssl('has a certificate that is not trusted, or one that an input vouches for', () =>
    inWorld({}, async ({ perform }) => {
      const { ca, server } = makeCertificates()
      const instance = createTlsServer({ key: server.key, cert: server.cert }, (_, response) =>
        response.writeHead(401, { 'Content-Type': 'application/json' }).end('{"error":{"message":"no"}}')
      )
      await new Promise<void>(resolve => instance.listen(0, '127.0.0.1', resolve))
      const { port } = instance.address() as AddressInfo
      const inputs = { instance: `https://127.0.0.1:${port}`, token: 'some-token', 'max-retries': '0' }
      try {
        const step = await perform(definition, { inputs, env: NO_CLIENT })
        expect(step.failure?.title).toBe('ServiceNow connection: TLS')
        expect(results(step, 'fail')).toEqual(['TLS'])
        const trusting = await perform(definition, {
          inputs: { ...inputs, 'ca-certificate': ca },
          env: NO_CLIENT
        })
        expect(row(trusting, 'TLS')).toMatchObject({ result: 'ok', detail: 'the certificate is trusted' })
        expect(results(trusting, 'fail')).toEqual(['Sign-in'])
      } finally {
        instance.close()
      }
    })
  )

  it.each([
    ['hibernates', 'hibernating', /the instance is hibernating/],
    ['answers with a login page', 'login-page', /a login page instead of JSON/],
    ['leads elsewhere', 'redirect', /a redirect/],
    ['is unavailable', 'unavailable', /instance unavailable/],
    ['cuts its responses short', 'truncated', /response cut short/],
    ['breaks the connection', 'reset', /connection lost/]
  ] as const)('%s', (_, kind, text) =>
    inWorld({}, async ({ sandbox, perform }) => {
      sandbox.fault({ kind, path: '/api/', times: FOREVER })
      const step = await perform(definition, { inputs: { 'max-retries': '0' } })
      expect(step.failure?.title).toBe('ServiceNow connection: Connection')
      expect(row(step, 'Connection').detail).toMatch(text)
      expect(row(step, 'Connection').fix).not.toBe('')
      expect(report(step)).toHaveLength(3)
    })
  )

  it.each([
    [
      'OAuth client',
      { 'client-id': 'github-actions', 'client-secret': 'wrong-secret' },
      /^OAuth client credentials: .*OAuth sign-in refused/
    ],
    ['password', { username: 'gha.deployer', password: 'wrong-password' }, /^Basic: .*credentials refused/]
  ])('refuses a wrong %s, which is told apart from the connection', (_, inputs, text) =>
    inWorld({}, async world => {
      const step = await as(world, inputs)
      expect(step.failure?.title).toBe('ServiceNow connection: Sign-in')
      expect(report(step).map(one => [one.check, one.result])).toEqual([
        ['Proxy', 'ok'],
        ['Name', 'ok'],
        ['Connection', 'ok'],
        ['TLS', 'skipped'],
        ['Sign-in', 'fail']
      ])
      expect(row(step, 'Sign-in').detail).toMatch(text)
      const line = step.info.find(one => one.includes('✗ Sign-in')) ?? ''
      expect(line).toContain(`. Fix: ${row(step, 'Sign-in').fix}`)
    })
  )
})

describe('inputs', () => {
  it('need an instance and one way to sign in; nothing is sent without', () =>
    inWorld({}, async ({ sandbox, perform }) => {
      const step = await perform(definition, { env: { ...NO_CLIENT, SERVICENOW_INSTANCE: '' } })
      expect(step.failure?.title).toBe('Input error')
      expect(step.failure?.text).toMatch(/`instance` is required[\s\S]*No credentials are given/)
      expect(step.outputs).toEqual({ ok: 'false', report: '[]', names: '' })
      expect(sandbox.requests).toEqual([])
    }))

  it('have no dry run: nothing is written anyway', () =>
    inWorld({}, async world => {
      const step = await as(world, { ...READER, 'dry-run': 'true' })
      expect([step.failure?.text, ...step.warnings].join('\n')).toContain('dry-run')
      expect((await as(world, ADMIN)).outputs.ok).toBe('true')
    }))
})

describe('a server that says 404 to everything', () => {
  it.each([
    ['as ServiceNow says it of a record', { kind: 'not-found' }],
    ['as ServiceNow says it of a path', { kind: 'error', status: 400, message: NO_PATH }],
    ['as a server of another kind says it', { kind: 'error', status: 404, message: 'no Route matched' }]
  ] as const)('is no good connection: %s', (_, fault) =>
    inWorld({}, async world => {
      world.sandbox.fault({ ...fault, path: '/api/', times: FOREVER })
      const step = await as(world, READER)
      expect(step.failure?.title).toBe('ServiceNow connection: Connection')
      expect(report(step).map(one => [one.check, one.result])).toEqual([
        ['Proxy', 'ok'],
        ['Name', 'ok'],
        ['Connection', 'fail']
      ])
      expect(row(step, 'Connection').fix).not.toBe('')
    })
  )

  it('but not to one of the APIs is one', () =>
    inWorld({}, async world => {
      world.plant()
      world.sandbox.fault({ kind: 'not-found', path: '/api/now/table/change_request', times: FOREVER })
      const step = await as(world, READER)
      expect(row(step, 'Connection').result).toBe('ok')
      expect(row(step, 'Sign-in').result).toBe('ok')
    }))
})

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
