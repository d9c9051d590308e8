import { createServer, Agent as HttpAgent, type RequestListener, type Server } from 'node:http'
import { Agent, createServer as createTlsServer, type ServerOptions } from 'node:https'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import nock from 'nock'
import { createClient } from '../client.ts'
import { type Certificates, hasOpenssl, makeCertificates } from '../testing/certificates.ts'
import { json, listen } from '../testing/loopback.ts'
import { problemOf, testOptions } from '../testing/options.ts'
import { createAgent, proxyOf, type TlsOptions } from './agent.ts'
import { ProxyAgent } from './proxy-agent.ts'

const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY']
const CHANGE = {
  sys_id: { value: 'c1', display_value: 'c1' },
  number: { value: 'CHG0030001', display_value: 'CHG0030001' },
  state: { value: -5.0, display_value: 'New' },
  approval: { value: 'not requested', display_value: 'Not Yet Requested' }
}
const withOpenssl = hasOpenssl() ? describe : describe.skip
const open: (() => Promise<void>)[] = []
let saved: NodeJS.ProcessEnv = {}
let certificates: Certificates

beforeAll(() => {
  nock.restore()
  if (hasOpenssl()) certificates = makeCertificates()
})
beforeEach(() => {
  saved = Object.fromEntries(VARIABLES.map(name => [name, process.env[name]]))
  for (const name of VARIABLES) delete process.env[name]
})
afterEach(async () => {
  for (const [name, value] of Object.entries(saved)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  for (const close of open.splice(0).reverse()) await close()
})

/** An instance with TLS; returns its port and the headers it saw. */
async function instance(options: ServerOptions) {
  const seen: NodeJS.Dict<string | string[]>[] = []
  const server = createTlsServer(options, (request, response) => {
    seen.push(request.headers)
    json(response, 200, { result: CHANGE })
  })
  const { port, close } = await listen(server as Server)
  open.push(close)
  return { port, seen }
}

/** Reads a change of the instance with a new client. */
function read(origin: string, tls: TlsOptions = {}, more: Parameters<typeof testOptions>[1] = {}) {
  const options = testOptions(origin, { maxRetries: 2, tls, ...more })
  const client = createClient(options)
  open.push(() => client.close())
  return { options, client, change: client.changes.get('c1') }
}

withOpenssl('TLS', () => {
  /** Asserts that the connection fails in TLS and is not tried again. @returns the system's message */
  async function refused(
    code: 'tls' | 'client-certificate',
    origin: string,
    tls: TlsOptions = {}
  ): Promise<string> {
    const { change, options } = read(origin, tls)
    const { facts } = await problemOf(code, change)
    expect(facts.status).toBe('TLS')
    expect(options.pauses).toEqual([])
    return facts.message ?? ''
  }

  it('trusts an additional CA certificate', async () => {
    const { port } = await instance(certificates.server)
    const { change } = read(`https://localhost:${port}`, { ca: certificates.ca })
    await expect(change).resolves.toMatchObject({ number: 'CHG0030001' })
  })

  it('says which host has a certificate of an unknown authority', async () => {
    const { port } = await instance(certificates.server)
    expect(await refused('tls', `https://localhost:${port}`)).toMatch(
      new RegExp(`^localhost:${port}: unable to (verify the first|get local issuer)`)
    )
  })

  it('says that a certificate has expired', async () => {
    const { port } = await instance(certificates.expired)
    const message = await refused('tls', `https://localhost:${port}`, { ca: certificates.ca })
    expect(message).toContain('certificate has expired')
  })

  it('says for which host a certificate of another host is', async () => {
    const { port } = await instance(certificates.other)
    const message = await refused('tls', `https://localhost:${port}`, { ca: certificates.ca })
    expect(message).toMatch(/localhost.*other\.example\.test/)
  })

  describe('with a client certificate', () => {
    const mutual = () => instance({ ...certificates.server, ca: certificates.ca, requestCert: true })

    it('signs in with it, its key encrypted or not', async () => {
      const { port, seen } = await mutual()
      const { ca, client, lockedKey } = certificates
      for (const key of [{ key: client.key }, { key: lockedKey, passphrase: 'open sesame' }]) {
        const { change } = read(`https://localhost:${port}`, { ca, cert: client.cert, ...key })
        await expect(change).resolves.toMatchObject({ sysId: 'c1' })
      }
      expect(seen).toHaveLength(2)
    })

    it('says that the server requires one', async () => {
      const { port } = await mutual()
      const message = await refused('client-certificate', `https://localhost:${port}`, {
        ca: certificates.ca
      })
      expect(message).toMatch(new RegExp(`^localhost:${port}: `))
    })

    it.each([
      ['the passphrase is wrong', () => ({ key: certificates.lockedKey, passphrase: 'wrong' })],
      ['the key is for another certificate', () => ({ key: certificates.server.key })],
      ['the key is not PEM text', () => ({ key: 'client.key' })]
    ])('fails with the same code, and sends nothing, when %s', async (_, key) => {
      const { port, seen } = await mutual()
      const { ca, client } = certificates
      await refused('client-certificate', `https://localhost:${port}`, { ca, cert: client.cert, ...key() })
      expect(seen).toEqual([])
    })
  })
})

/** A proxy that opens tunnels to one loopback port and records what it could read. */
async function proxy(target: number, status = 200, secure?: ServerOptions) {
  const connects: { url: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = []
  const plain: string[] = []
  let bytes = Buffer.alloc(0)
  const tunnels: Duplex[] = []
  let ended = 0
  const refuse: RequestListener = (request, response) => {
    plain.push(`${request.method} ${request.url}`)
    response.writeHead(400).end()
  }
  const server = secure === undefined ? createServer(refuse) : createTlsServer(secure, refuse)
  server.on('connect', (request, socket: Duplex, head) => {
    connects.push({ url: request.url, headers: request.headers })
    tunnels.push(socket)
    socket.on('end', () => {
      ended += 1
    })
    if (status === 0) return void socket.resume()
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const onward = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk])
      })
      socket.pipe(onward).pipe(socket)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
  })
  const { port, close } = await listen(server as Server)
  open.push(close)
  const cut = () => tunnels.splice(0).forEach(one => void one.destroy())
  return { port, connects, plain, cut, ended: () => ended, bytes: () => bytes.toString('latin1') }
}

describe('a proxy', () => {
  const NAME = 'https://sn.example.test'

  withOpenssl('that opens tunnels', () => {
    it('sees a host name and encrypted data, never a credential', async () => {
      const { port, seen } = await instance(certificates.server)
      const between = await proxy(port)
      process.env.https_proxy = `http://127.0.0.1:${between.port}`
      const credentials = { scheme: 'basic', username: 'sn.user', password: 'hunter2' } as const
      const { change, client } = read(NAME, { ca: certificates.ca }, { credentials })
      await expect(change).resolves.toMatchObject({ number: 'CHG0030001' })
      await client.changes.get('c1')
      const encoded = Buffer.from('sn.user:hunter2').toString('base64')
      expect(seen.map(headers => headers.authorization)).toEqual([`Basic ${encoded}`, `Basic ${encoded}`])
      // The tunnel is kept: one for both requests.
      expect(between.connects.map(one => one.url)).toEqual(['sn.example.test:443'])
      for (const { headers } of between.connects) {
        expect(Object.keys(headers).sort()).toEqual(['connection', 'host'])
      }
      expect(between.plain).toEqual([])
      expect(between.bytes()).not.toMatch(new RegExp(`${encoded}|hunter2|authorization|change_request`, 'i'))
    })

    it('gets its own credentials from its address', async () => {
      const { port } = await instance(certificates.server)
      const between = await proxy(port)
      process.env.HTTPS_PROXY = `http://me%40corp:p%3Ass@127.0.0.1:${between.port}`
      await read(NAME, { ca: certificates.ca }).change
      const sent = `Basic ${Buffer.from('me@corp:p:ss').toString('base64')}`
      expect(between.connects[0]?.headers['proxy-authorization']).toBe(sent)
    })

    it('may use TLS itself, with the same CA certificate', async () => {
      const { port } = await instance(certificates.server)
      const between = await proxy(port, 200, certificates.server)
      process.env.https_proxy = `https://localhost:${between.port}`
      await expect(read(NAME, { ca: certificates.ca }).change).resolves.toMatchObject({ sysId: 'c1' })
      expect(between.connects).toHaveLength(1)
    })

    it('opens a tunnel for each request in parallel, and a new one after one was cut', async () => {
      const { port, seen } = await instance(certificates.server)
      const between = await proxy(port)
      process.env.https_proxy = `http://127.0.0.1:${between.port}`
      const { client, change } = read(NAME, { ca: certificates.ca })
      await change
      await Promise.all(['c1', 'c1', 'c1'].map(id => client.changes.get(id)))
      expect(between.connects).toHaveLength(3)
      between.cut()
      await expect(client.changes.get('c1')).resolves.toMatchObject({ sysId: 'c1' })
      expect(between.connects).toHaveLength(4)
      expect(seen).toHaveLength(5)
    })

    it('does not replace the check of the certificate of the instance', async () => {
      const { port } = await instance(certificates.other)
      process.env.https_proxy = `http://127.0.0.1:${(await proxy(port)).port}`
      const problem = await problemOf('tls', read(NAME, { ca: certificates.ca }).change)
      expect(problem.facts.message).toMatch(/sn\.example\.test.*other\.example\.test/)
    })
  })

  it('that refuses is reported at once', async () => {
    const between = await proxy(0, 407)
    process.env.https_proxy = `http://127.0.0.1:${between.port}`
    const { change, options } = read(NAME)
    const problem = await problemOf('proxy', change)
    expect(problem.facts).toMatchObject({
      status: 'proxy',
      message: `sn.example.test: the proxy 127.0.0.1:${between.port} responded to CONNECT with 407`
    })
    expect(options.pauses).toEqual([])
  })

  it.each([
    ['that cannot reach the instance', async () => (await proxy(0, 503)).port],
    ['that is down', async () => 1]
  ])('%s is tried again', async (_, port) => {
    process.env.https_proxy = `http://127.0.0.1:${await port()}`
    const { change, options } = read(NAME)
    expect((await problemOf('proxy-down', change)).retry.temporary).toBe(true)
    expect(options.pauses).toHaveLength(2)
  })

  it('that never responds times out, and its connection is closed', async () => {
    const between = await proxy(0, 0)
    process.env.https_proxy = `http://127.0.0.1:${between.port}`
    const { change } = read(NAME, {}, { requestTimeoutMs: 80, maxRetries: 0 })
    await problemOf('request-timeout', change)
    expect(between.connects).toHaveLength(1)
    // A long wait would gather open connections.
    while (between.ended() === 0) await new Promise(resolve => setImmediate(resolve))
  })

  it('that never responds is disconnected when the step ends before', async () => {
    const between = await proxy(0, 0)
    const stop = new AbortController()
    process.env.https_proxy = `http://127.0.0.1:${between.port}`
    const { change, client } = read(NAME, {}, { signal: stop.signal })
    const interrupted = expect(change).rejects.toThrow('interrupted')
    while (between.connects.length === 0) await new Promise(resolve => setImmediate(resolve))
    stop.abort()
    await interrupted
    expect(between.ended()).toBe(0)
    await client.close()
    // A connection left open would keep the process alive.
    while (between.ended() === 0) await new Promise(resolve => setImmediate(resolve))
  })

  it('is not used for a host listed in no_proxy, nor for loopback', async () => {
    process.env.https_proxy = 'http://127.0.0.1:1'
    process.env.http_proxy = 'http://127.0.0.1:1'
    expect(await createAgent('https://localhost:8443', {}, 1_000)).toBeInstanceOf(Agent)
    expect(await createAgent('http://127.0.0.1:8080', {}, 1_000)).toBeInstanceOf(HttpAgent)
    expect(await createAgent(NAME, {}, 1_000)).toBeInstanceOf(ProxyAgent)
    process.env.no_proxy = 'intern.test,.example.test'
    expect(await createAgent(NAME, {}, 1_000)).not.toBeInstanceOf(ProxyAgent)
  })

  it('has its address returned by the same rules', () => {
    process.env.https_proxy = 'http://me:secret@127.0.0.1:3128'
    process.env.no_proxy = 'intern.test'
    expect(proxyOf(NAME)).toBe('http://me:secret@127.0.0.1:3128/')
    expect(proxyOf('https://sn.intern.test')).toBe('')
    expect(proxyOf('http://127.0.0.1:8080')).toBe('')
    delete process.env.https_proxy
    expect(proxyOf(NAME)).toBe('')
  })
})
