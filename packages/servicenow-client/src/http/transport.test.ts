import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { Agent, createServer } from 'node:http'
import { createServer as createNetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import nock from '../../../../test/nock.ts'
import { json, type Listening, listen, serve } from '../testing/loopback.ts'
import { AttemptTimeout, BodyFault, CutShort, Interrupted, sendOnce, type WireRequest } from './transport.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 8 })
const open: { close(): Promise<void> }[] = []
let folder = ''

// These tests use real sockets.
beforeAll(async () => {
  nock.restore()
  folder = await mkdtemp(join(tmpdir(), 'transport-'))
})
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})
afterAll(async () => {
  agent.destroy()
  await rm(folder, { recursive: true, force: true })
})

function started<T extends Listening>(server: T): T {
  open.push(server)
  return server
}

function send(url: string, more: Partial<WireRequest> = {}) {
  return sendOnce({ method: 'GET', url, headers: {}, timeoutMs: 2_000, ...more }, agent)
}

/** A server that hands each socket to `respond` once a request has come. */
async function raw(respond: (socket: Socket) => void): Promise<string> {
  const server = createNetServer(socket => socket.once('data', () => respond(socket)))
  const { port } = started({ ...(await listen(server)) })
  return `http://127.0.0.1:${port}/`
}

describe('a complete response', () => {
  it('comes back with status, headers and text', async () => {
    const server = started(
      await serve((_, response) => json(response, 201, { result: 'grün' }, { 'X-One': 'a' }))
    )
    const response = await send(`${server.origin}/api?a=b%20c`, {
      method: 'POST',
      headers: { Authorization: 'Bearer t', 'Content-Type': 'application/json' },
      body: '{"text":"é"}'
    })
    expect(response).toMatchObject({ status: 201, text: '{"result":"grün"}', headers: { 'x-one': 'a' } })
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/api?a=b%20c',
      body: Buffer.from('{"text":"é"}')
    })
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer t',
      'content-type': 'application/json',
      'content-length': '13'
    })
    expect(server.seen[0]?.headers.cookie).toBeUndefined()
  })

  it('may be empty', async () => {
    const server = started(await serve((_, response) => response.writeHead(204).end()))
    expect(await send(server.origin)).toMatchObject({ status: 204, text: '' })
  })

  it('may have no length, and end with the connection', async () => {
    const url = await raw(socket => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"result":1}'))
    expect(await send(url)).toMatchObject({ status: 200, text: '{"result":1}' })
  })

  it('comes from IPv6 loopback as well', async () => {
    const server = createServer((_, response) => json(response, 200, {}))
    const listening = await listen(server, '::1').catch(() => undefined)
    // Some containers have no IPv6 at all.
    if (listening === undefined) return
    started(listening)
    expect((await send(`http://[::1]:${listening.port}/`)).status).toBe(200)
  })
})

describe('a response that is cut short', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'

  it.each([
    ['before its length is reached', `${head}Content-Length: 200\r\n\r\n{"result":[]}`],
    ['between two chunks', `${head}Transfer-Encoding: chunked\r\n\r\nd\r\n{"result":[]}\r\n`],
    ['inside a chunk', `${head}Transfer-Encoding: chunked\r\n\r\nff\r\n{"result":[]}`]
  ])('%s is not a success', async (_, bytes) => {
    const url = await raw(socket => socket.end(bytes))
    await expect(send(url)).rejects.toBeInstanceOf(CutShort)
  })

  it('by a reset is not a success', async () => {
    const url = await raw(socket =>
      socket.write(`${head}Content-Length: 200\r\n\r\n{"result":[]}`, () => socket.resetAndDestroy())
    )
    await expect(send(url)).rejects.toBeInstanceOf(CutShort)
  })

  it('before its first byte is the network error as Node raised it', async () => {
    const url = await raw(socket => socket.resetAndDestroy())
    await expect(send(url)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('the time limit', () => {
  it('ends an attempt without a response', async () => {
    const server = started(await serve(() => undefined))
    const from = performance.now()
    await expect(send(server.origin, { timeoutMs: 60 })).rejects.toBeInstanceOf(AttemptTimeout)
    expect(performance.now() - from).toBeLessThan(1_500)
  })

  it('ends an attempt whose response never ends, although bytes keep coming', async () => {
    const server = started(
      await serve((_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        const drip = setInterval(() => response.write(' '), 10)
        response.on('close', () => clearInterval(drip))
      })
    )
    await expect(send(server.origin, { timeoutMs: 120 })).rejects.toBeInstanceOf(AttemptTimeout)
  })

  it('is not cut by a shorter limit of the HTTP client', async () => {
    const limits: (number | undefined)[] = []
    const ownAgent = new Agent()
    const server = started(
      await serve((_, response) => {
        limits.push(...Object.values(ownAgent.sockets).flatMap(all => all?.map(socket => socket.timeout)))
        json(response, 200, {})
      })
    )
    const request = { method: 'GET', url: server.origin, headers: {}, timeoutMs: 600_000 }
    await sendOnce(request, ownAgent).finally(() => ownAgent.destroy())
    expect(limits).toHaveLength(1)
    // No limit is 0 or undefined.
    expect(limits[0] || Number.POSITIVE_INFINITY).toBeGreaterThan(600_000)
  })

  it('starts again with every chunk of an upload', async () => {
    const server = started(await serve((_, response) => json(response, 201, {})))
    const chunks = async function* () {
      for (let n = 0; n < 8; n += 1) {
        await new Promise(resolve => setTimeout(resolve, 50))
        yield Buffer.alloc(10)
      }
    }
    const body = { size: 80, open: () => Readable.from(chunks()) }
    // It takes 400 ms; the limit of 200 ms is for the time without progress.
    expect((await send(server.origin, { method: 'POST', body, timeoutMs: 200 })).status).toBe(201)
    expect(server.seen[0]?.body).toHaveLength(80)
  })

  it('ends an upload that stalls', async () => {
    const server = started(await serve((_, response) => json(response, 201, {})))
    const chunks = async function* () {
      yield Buffer.alloc(10)
      await new Promise(() => undefined)
    }
    const body = { size: 80, open: () => Readable.from(chunks()) }
    await expect(send(server.origin, { method: 'POST', body, timeoutMs: 80 })).rejects.toBeInstanceOf(
      AttemptTimeout
    )
    expect(server.seen).toHaveLength(0)
  })
})

describe('the signal of the caller', () => {
  it('ends an attempt that is under way', async () => {
    const stop = new AbortController()
    const server = started(await serve(() => stop.abort()))
    await expect(send(server.origin, { signal: stop.signal })).rejects.toBeInstanceOf(Interrupted)
  })

  it('that is aborted already keeps the request from being sent', async () => {
    const server = started(await serve((_, response) => json(response, 200, {})))
    await expect(send(server.origin, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Interrupted)
    expect(server.seen).toHaveLength(0)
  })
})

it('follows no redirect, so that no credential reaches the second server', async () => {
  const second = started(await serve((_, response) => json(response, 200, {})))
  const first = started(
    await serve((request, response) =>
      response.writeHead(Number(request.path.slice(1)), { Location: `${second.origin}/stolen` }).end()
    )
  )
  for (const status of [301, 302, 303, 307, 308]) {
    const headers = { Authorization: 'Basic c2VjcmV0', 'x-sn-apikey': 'secret' }
    expect((await send(`${first.origin}/${status}`, { headers })).status).toBe(status)
  }
  expect(second.seen).toHaveLength(0)
})

describe('a file', () => {
  const path = () => join(folder, 'report.bin')
  const file = (size: number) => ({ size, open: () => createReadStream(path()) })
  const upload = (url: string, body: WireRequest['body']) => send(url, { method: 'POST', body })

  it('arrives byte for byte, with its length', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 256))
    await writeFile(path(), bytes)
    const server = started(await serve((_, response) => json(response, 201, {})))
    await upload(server.origin, file(bytes.length))
    expect(server.seen[0]?.body.equals(bytes)).toBe(true)
    expect(server.seen[0]?.headers['content-length']).toBe('300000')
    expect(server.seen[0]?.headers['transfer-encoding']).toBeUndefined()
  })

  it('that is truncated while it is sent fails at once, and is no request', async () => {
    await writeFile(path(), Buffer.alloc(4_000_000))
    const server = started(await serve((_, response) => json(response, 201, {})))
    const open = () => createReadStream(path()).once('data', () => void truncate(path(), 100_000))
    const failed = upload(server.origin, { size: 4_000_000, open: () => open() as never })
    await expect(failed).rejects.toBeInstanceOf(BodyFault)
    expect(server.seen).toHaveLength(0)
  })

  it('that grew is not sent beyond its length, where the rest would be read as another request', async () => {
    await writeFile(path(), Buffer.alloc(2_000))
    const server = started(await serve((_, response) => json(response, 201, {})))
    await expect(upload(server.origin, file(1_000))).rejects.toBeInstanceOf(BodyFault)
    expect(await send(server.origin)).toMatchObject({ status: 201 })
    expect(server.seen.map(one => one.method)).toEqual(['GET'])
  })

  it('that is missing fails at once, and the error names it', async () => {
    const server = started(await serve((_, response) => json(response, 201, {})))
    const missing = { size: 10, open: () => createReadStream(join(folder, 'missing.bin')) }
    await expect(upload(server.origin, missing)).rejects.toThrow(/ENOENT.*missing\.bin/)
  })

  it('that gets its response too early leaves no connection that would swallow the next request', async () => {
    const early = createServer((request, response) => {
      if (request.method === 'GET') return json(response, 200, { method: 'GET' })
      response.writeHead(401, { 'Content-Type': 'application/json' }).end('{}')
    })
    const { port } = started(await listen(early))
    const cut = new Promise(resolve => {
      early.once('connection', (socket: Socket) => socket.on('close', resolve))
    })
    const url = `http://127.0.0.1:${port}/`
    const stream = new Readable({ read: () => undefined })
    stream.push(Buffer.alloc(10))
    expect(await upload(url, { size: 1_000_000, open: () => stream })).toMatchObject({ status: 401 })
    if (!stream.closed) await once(stream, 'close')
    expect(stream.destroyed).toBe(true)
    await cut
    expect(await send(url)).toMatchObject({ status: 200, text: '{"method":"GET"}' })
  })
})
