import { createServer as createHttpServer, Agent as HttpAgent } from 'node:http'
import { Agent } from 'node:https'
import { createServer } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { hasOpenssl } from '../testing/certificates.ts'
import { listen } from '../testing/loopback.ts'
import { problemOf } from '../testing/options.ts'
import { useTls } from '../testing/secure.ts'
import { createAgent, nodeTransport } from './agent.ts'
import { proxyOf } from './proxy.ts'
import { TunnelAgent } from './tunnel-agent.ts'

const withOpenssl = hasOpenssl() ? describe : describe.skip
const { instance, read, proxy, certificates } = useTls()

describe('a proxy', () => {
  const NAME = 'https://sn.example.test'

  withOpenssl('that opens tunnels', () => {
    it('sees a host name and encrypted data, never a credential', async () => {
      const { port, seen } = await instance(certificates().server)
      const between = await proxy(port)
      process.env.https_proxy = `http://127.0.0.1:${between.port}`
      const credentials = { scheme: 'basic', username: 'sn.user', password: 'hunter2' } as const
      const { change, client } = read(NAME, { ca: certificates().ca }, { credentials })
      await expect(change).resolves.toMatchObject({ number: 'CHG0030001' })
      await client.changes.get('c1')
      const encoded = Buffer.from('sn.user:hunter2').toString('base64')
      expect(seen.map(headers => headers.authorization)).toEqual([`Basic ${encoded}`, `Basic ${encoded}`])
      // The tunnel is kept: one for both requests.
      expect(between.connects.map(one => one.url)).toEqual(['sn.example.test:443'])
      for (const { headers } of between.connects) {
        expect(Object.keys(headers).sort()).toEqual(['host', 'proxy-connection'])
      }
      expect(between.plain).toEqual([])
      expect(between.bytes()).not.toMatch(new RegExp(`${encoded}|hunter2|authorization|change_request`, 'i'))
    })

    it('gets its own credentials from its address', async () => {
      const { port } = await instance(certificates().server)
      const between = await proxy(port)
      process.env.HTTPS_PROXY = `http://me%40corp:p%3Ass@127.0.0.1:${between.port}`
      await read(NAME, { ca: certificates().ca }).change
      const sent = `Basic ${Buffer.from('me@corp:p:ss').toString('base64')}`
      expect(between.connects[0]?.headers['proxy-authorization']).toBe(sent)
    })

    it('may use TLS itself, with the same CA certificate', async () => {
      const { port } = await instance(certificates().server)
      const between = await proxy(port, 200, certificates().server)
      process.env.https_proxy = `https://localhost:${between.port}`
      await expect(read(NAME, { ca: certificates().ca }).change).resolves.toMatchObject({ sysId: 'c1' })
      expect(between.connects).toHaveLength(1)
    })

    it('opens a tunnel for each request in parallel, and a new one after one was cut', async () => {
      const { port, seen } = await instance(certificates().server)
      const between = await proxy(port)
      process.env.https_proxy = `http://127.0.0.1:${between.port}`
      const { client, change } = read(NAME, { ca: certificates().ca })
      await change
      await Promise.all(['c1', 'c1', 'c1'].map(id => client.changes.get(id)))
      expect(between.connects).toHaveLength(3)
      between.cut()
      await expect(client.changes.get('c1')).resolves.toMatchObject({ sysId: 'c1' })
      expect(between.connects).toHaveLength(4)
      expect(seen).toHaveLength(5)
    })

    it('carries 200 uploads, four at a time, through at most four tunnels', async () => {
      const { port, seen } = await instance(certificates().server)
      const between = await proxy(port)
      process.env.https_proxy = `http://127.0.0.1:${between.port}`
      const { client, change } = read(NAME, { ca: certificates().ca })
      await change
      const queue = Array.from({ length: 200 }, (_, n) => n)
      const worker = async () => {
        while (queue.pop() !== undefined) await client.changes.get('c1')
      }
      await Promise.all([worker(), worker(), worker(), worker()])
      expect(seen).toHaveLength(201)
      expect(between.connects.length).toBeLessThanOrEqual(4)
    })

    it('is not shown the client certificate, which is for the instance', async () => {
      const { server, client: own, ca } = certificates()
      const { port, peers } = await instance({ ...server, ca, requestCert: true })
      const between = await proxy(port, 200, { ...server, ca, requestCert: true, rejectUnauthorized: false })
      process.env.https_proxy = `https://localhost:${between.port}`
      await read(NAME, { ca, cert: own.cert, key: own.key }).change
      expect(peers).toEqual(['client'])
      expect(between.peers).toEqual([undefined])
    })

    it('is not blamed for a key that cannot be used, and its connection is closed', async () => {
      const { port } = await instance(certificates().server)
      const between = await proxy(port)
      process.env.https_proxy = `http://127.0.0.1:${between.port}`
      const { ca, client, lockedKey } = certificates()
      const tls = { ca, cert: client.cert, key: lockedKey, passphrase: 'wrong' }
      await problemOf('client-certificate', read(NAME, tls).change)
      while (between.ended() === 0) await new Promise(resolve => setImmediate(resolve))
    })

    it('does not replace the check of the certificate of the instance', async () => {
      const { port } = await instance(certificates().other)
      process.env.https_proxy = `http://127.0.0.1:${(await proxy(port)).port}`
      const problem = await problemOf('tls', read(NAME, { ca: certificates().ca }).change)
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

  it('that refuses is reported for every request in parallel', async () => {
    process.env.https_proxy = `http://127.0.0.1:${(await proxy(0, 503)).port}`
    const { change, client } = read(NAME, {}, { maxRetries: 0, requestTimeoutMs: 60_000 })
    const all = [change, ...Array.from({ length: 9 }, () => client.changes.get('c1'))]
    for (const one of all) await problemOf('proxy-down', one)
  })

  it('that is something else is not tried again', async () => {
    const other = await listen(createServer(socket => socket.end('220 mail.example.test ready\r\n\r\n')))
    process.env.https_proxy = `http://127.0.0.1:${other.port}`
    const { change, options } = read(NAME)
    const { facts } = await problemOf('proxy', change)
    await other.close()
    expect(facts.message).toContain('did not respond to CONNECT in HTTP')
    expect(options.pauses).toEqual([])
  })

  it('is known to the library without its credentials', async () => {
    process.env.https_proxy = 'http://me:secret@127.0.0.1:3128'
    const agent = (await createAgent(NAME, {}, 1_000)) as TunnelAgent
    expect(agent.proxy.href).toBe('http://127.0.0.1:3128/')
    expect(JSON.stringify(agent.connectOpts)).not.toContain('secret')
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

  withOpenssl('that uses TLS itself', () => {
    it('and never responds is disconnected as well', async () => {
      const between = await proxy(0, 0, certificates().server)
      const stop = new AbortController()
      process.env.https_proxy = `https://localhost:${between.port}`
      const { change, client } = read(NAME, { ca: certificates().ca }, { signal: stop.signal })
      const interrupted = expect(change).rejects.toThrow('interrupted')
      while (between.connects.length === 0) await new Promise(resolve => setImmediate(resolve))
      stop.abort()
      await interrupted
      await client.close()
      while (between.ended() === 0) await new Promise(resolve => setImmediate(resolve))
    })

    it('with a certificate that is not trusted is not tried again', async () => {
      const between = await proxy(0, 0, certificates().server)
      process.env.https_proxy = `https://localhost:${between.port}`
      const { change, options } = read(NAME)
      expect((await problemOf('proxy', change)).facts.message).toContain('cannot be reached')
      expect(options.pauses).toEqual([])
    })
  })

  it('is not used for a host listed in no_proxy, nor for loopback', async () => {
    process.env.https_proxy = 'http://127.0.0.1:1'
    process.env.http_proxy = 'http://127.0.0.1:1'
    expect(await createAgent('https://localhost:8443', {}, 1_000)).toBeInstanceOf(Agent)
    expect(await createAgent('http://127.0.0.1:8080', {}, 1_000)).toBeInstanceOf(HttpAgent)
    expect(await createAgent(NAME, {}, 1_000)).toBeInstanceOf(TunnelAgent)
    process.env.no_proxy = 'intern.test,.example.test'
    expect(await createAgent(NAME, {}, 1_000)).not.toBeInstanceOf(TunnelAgent)
  })

  it('is for plain http where http_proxy names it', async () => {
    const server = await listen(createHttpServer((_, response) => void response.end('taken')))
    const between = await proxy(server.port)
    process.env.http_proxy = `http://127.0.0.1:${between.port}`
    const transport = nodeTransport('http://collector.example.test:4318', {}, 1_000)
    const url = 'http://collector.example.test:4318/v1/traces'
    const { text } = await transport.send({ method: 'GET', url, headers: {}, timeoutMs: 1_000 })
    expect(text).toBe('taken')
    await transport.close()
    await server.close()
    expect(between.connects.map(one => one.url)).toEqual(['collector.example.test:4318'])
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
