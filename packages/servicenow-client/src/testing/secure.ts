import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach } from '@jest/globals'
import nock from '../../../../test/nock.ts'
import { createClient } from '../client.ts'
import type { TlsOptions } from '../http/agent.ts'
import { type Certificates, hasOpenssl, makeCertificates } from './certificates.ts'
import { json, listen } from './loopback.ts'
import { testOptions } from './options.ts'

const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY']
const CHANGE = {
  sys_id: { value: 'c1', display_value: 'c1' },
  number: { value: 'CHG0030001', display_value: 'CHG0030001' },
  state: { value: -5.0, display_value: 'New' },
  approval: { value: 'not requested', display_value: 'Not Yet Requested' }
}

/** A proxy as `useTls` makes it, with what it could read. */
export interface TestProxy {
  readonly port: number
  readonly connects: { readonly url: string | undefined; readonly headers: NodeJS.Dict<string | string[]> }[]
  /** The name in the client certificate of each, where it had one. */
  readonly peers: readonly (string | undefined)[]
  /** Requests that were no CONNECT. */
  readonly plain: readonly string[]
  /** Ends all tunnels. */
  cut(): void
  /** Connections that clients have ended. */
  ended(): number
  /** What went through the tunnels. */
  bytes(): string
}

function peerOf(socket: Duplex): string | undefined {
  return socket instanceof TLSSocket ? (socket.getPeerCertificate().subject?.CN as string) : undefined
}

/** Has the tests of a file use real sockets, without the proxy variables of this machine. All is closed after each. */
export function useTls() {
  const open: (() => Promise<void>)[] = []
  let saved: NodeJS.ProcessEnv = {}
  let made: Certificates | undefined
  beforeAll(() => {
    nock.restore()
    if (hasOpenssl()) made = makeCertificates()
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

  /** An instance with TLS; returns its port, the headers it saw, and the names in client certificates. */
  async function instance(options: ServerOptions) {
    const seen: NodeJS.Dict<string | string[]>[] = []
    const peers: (string | undefined)[] = []
    const server = createTlsServer(options, (request, response) => {
      seen.push(request.headers)
      peers.push(peerOf(request.socket))
      json(response, 200, { result: CHANGE })
    })
    const { port, close } = await listen(server as Server)
    open.push(close)
    return { port, seen, peers }
  }

  /** Reads a change of the instance with a new client. */
  function read(origin: string, tls: TlsOptions = {}, more: Parameters<typeof testOptions>[1] = {}) {
    const options = testOptions(origin, { maxRetries: 2, tls, ...more })
    const client = createClient(options)
    open.push(() => client.close())
    return { options, client, change: client.changes.get('c1') }
  }

  /** A proxy that opens tunnels to one loopback port and records what it could read. */
  async function proxy(target: number, status = 200, secure?: ServerOptions): Promise<TestProxy> {
    const connects: TestProxy['connects'] = []
    const peers: (string | undefined)[] = []
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
      peers.push(peerOf(socket))
      tunnels.push(socket)
      // A connection of TLS may be closed without an end.
      const gone = new Promise<void>(resolve => socket.once('end', resolve).once('close', resolve))
      void gone.then(() => {
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
    return { port, connects, peers, plain, cut, ended: () => ended, bytes: () => bytes.toString('latin1') }
  }

  return {
    instance,
    read,
    proxy,
    /** Of one authority; only where there is an `openssl`. */
    certificates: () => made as Certificates
  }
}
