import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Incoming, RequestHandler } from './handler.ts'
import type { Outgoing } from './outgoing.ts'
import type { RequestRecord } from './requests.ts'
import { fingerprint } from './tokens.ts'

export interface RunningServer {
  readonly port: number
  /** Closes every connection and stops listening. */
  stop(): Promise<void>
}

interface ServerParts {
  readonly handler: RequestHandler
  readonly requests: RequestRecord[]
  /** Path of the REST API and of GraphQL: '' and `/graphql`, or `/api/v3` and `/api/graphql`. */
  readonly prefix: { readonly rest: string; readonly graphql: string }
  /** Headers of every response. */
  readonly headers: Readonly<Record<string, string>>
  now(): number
}

function parse(body: string): { value: unknown } | undefined {
  if (body === '') return { value: undefined }
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}

/** Undefined for a path that is not below one of the two APIs. */
function apiPath(path: string, { rest, graphql }: ServerParts['prefix']): string | undefined {
  if (path === graphql) return '/graphql'
  return path.startsWith(`${rest}/`) ? path.slice(rest.length) : undefined
}

async function read(message: IncomingMessage, parts: ServerParts): Promise<Incoming> {
  const [path = '', query = ''] = (message.url ?? '').split('?', 2)
  const json = parse(await text(message))
  const record: RequestRecord = {
    at: parts.now(),
    method: (message.method ?? '').toLowerCase(),
    path: apiPath(path, parts.prefix) ?? path,
    query,
    operationId: '',
    caller: 'none',
    token: fingerprint(message.headers),
    body: json?.value,
    status: 0,
    committed: false,
    fault: undefined
  }
  parts.requests.push(record)
  return { record, headers: message.headers, json }
}

function send(output: ServerResponse, outgoing: Outgoing | undefined, parts: ServerParts): void {
  if (outgoing === undefined) {
    output.socket?.destroy()
    return
  }
  const date = new Date(parts.now()).toUTCString()
  const id = randomBytes(8).toString('hex').toUpperCase()
  const usual = { date, server: 'github.com', 'x-github-request-id': id, ...parts.headers }
  output.writeHead(outgoing.status, { ...usual, ...outgoing.headers })
  output.end(outgoing.text)
}

async function serve(message: IncomingMessage, output: ServerResponse, parts: ServerParts): Promise<void> {
  const incoming = await read(message, parts)
  const outgoing = await parts.handler.handle(incoming)
  send(output, outgoing, parts)
}

/** Listens on a free port of loopback. Neither the server nor its connections keep a process alive. */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const server: Server = createServer((message, output) => {
    // The caller has gone, or the server stops: a response cannot be sent.
    serve(message, output, parts).catch(() => output.socket?.destroy())
  })
  server.on('connection', socket => socket.unref())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}
