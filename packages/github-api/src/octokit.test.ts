import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { hasOpenssl, makeCertificates } from '../../servicenow-client/src/testing/certificates.ts'
import { createGitHub } from './client.ts'
import { type ConnectProxy, connectProxy } from './testing/connect-proxy.ts'

const opened: { close(): void }[] = []
const before = { ...process.env }
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']

// nock looks into the tunnel, and sees a request to this host.
beforeAll(() => nock.enableNetConnect(/^(127\.0\.0\.1|localhost|github\.acme\.test)/))
beforeEach(() => {
  for (const name of PROXIES) delete process.env[name]
})
afterEach(() => {
  for (const name of PROXIES) {
    delete process.env[name]
    if (before[name] !== undefined) process.env[name] = before[name]
  }
  for (const one of opened.splice(0)) one.close()
})

async function portOf(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  opened.push(server)
  return (server.address() as AddressInfo).port
}

async function proxyTo(port: number, status?: number): Promise<ConnectProxy> {
  const proxy = await connectProxy(port, status)
  opened.push(proxy)
  return proxy
}

/** GitHub, as far as one run goes. */
const runs: RequestListener = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', Connection: 'close' })
  response.end('{"status":"completed"}')
}

async function readRun(apiUrl: string): Promise<unknown> {
  const octokit = await createGitHub({ apiUrl, token: 'ghs_5ecret' })
  const { data } = await octokit.rest.actions.getWorkflowRun({ owner: 'acme', repo: 'shop', run_id: 7 })
  return data.status
}

describe('a request to GitHub', () => {
  it('goes through the proxy of the environment, with its credentials', async () => {
    const proxy = await proxyTo(await portOf(createServer(runs)))
    process.env.http_proxy = proxy.origin.replace('//', '//me:p%40ss@')
    expect(await readRun('http://github.acme.test/api/v3')).toBe('completed')
    const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
    expect(proxy.tunnels).toEqual([{ target: 'github.acme.test:80', authorization }])
  })

  it('goes through a proxy that is given without a scheme', async () => {
    const proxy = await proxyTo(await portOf(createServer(runs)))
    process.env.http_proxy = proxy.origin.replace(/^http:.*:/, 'localhost:')
    expect(await readRun('http://github.acme.test/api/v3')).toBe('completed')
    expect(proxy.tunnels).toMatchObject([{ target: 'github.acme.test:80' }])
  })

  it('goes around the proxy where no_proxy says so', async () => {
    const port = await portOf(createServer(runs))
    const proxy = await proxyTo(port)
    process.env.http_proxy = proxy.origin
    process.env.no_proxy = 'localhost'
    expect(await readRun(`http://localhost:${port}`)).toBe('completed')
    expect(proxy.tunnels).toEqual([])
  })

  it.each([
    [407, false],
    [503, true]
  ])('says that the proxy responds with %i', async (status, temporary) => {
    const proxy = await proxyTo(1, status)
    process.env.http_proxy = proxy.origin.replace('//', '//me:hush@')
    const failed = await readRun('http://github.acme.test/api/v3').catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 'network',
      facts: { message: expect.stringContaining(`(${status})`) },
      retry: { temporary },
      committed: 'no'
    })
    expect(`${failed}${JSON.stringify(failed)}`).not.toContain('hush')
  })
})

/** Certificate authorities of the environment are read when a process starts. */
const CHILD = `
import { isRunCompleted } from '${pathToFileURL(join(import.meta.dirname, 'index.ts'))}'
const question = { apiUrl: 'https://sn.example.test/api/v3', repository: 'acme/shop', token: 'ghs_5ecret', runId: '7' }
const { setTimeout: sleep } = await import('node:timers/promises')
const wait = (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
console.log(await isRunCompleted({ ...question, sleep: wait, debug: text => console.log(text) }))
`

const withOpenssl = hasOpenssl() ? describe : describe.skip

withOpenssl('a private certificate authority', () => {
  it('is trusted through a proxy by NODE_EXTRA_CA_CERTS, and only by it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'authority-'))
    try {
      const { ca, server } = makeCertificates()
      writeFileSync(join(folder, 'ca.pem'), ca)
      const proxy = await proxyTo(await portOf(createSecureServer(server, runs)))
      const run = async (more: Record<string, string>) => {
        const env = { ...process.env, https_proxy: proxy.origin, ...more }
        const args = ['--no-warnings', '--input-type=module', '-e', CHILD]
        const { stdout } = await promisify(execFile)(process.execPath, args, { env })
        return stdout.trim()
      }
      expect(await run({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })).toBe('true')
      expect(await run({})).toMatch(/about run 7: network .*certificate.*\nundefined$/)
      expect(proxy.tunnels.map(({ target }) => target)).toEqual(Array(2).fill('sn.example.test:443'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
