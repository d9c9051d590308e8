import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request as the server got it, body included. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

export interface Loopback extends Listening {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  readonly seen: readonly Seen[]
}

/** A server on a free loopback port; `close` ends open connections. */
export async function listen(server: NetServer | Server, host = '127.0.0.1'): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return { port: (server.address() as AddressInfo).port, close }
}

/**
 * An HTTP server that reads each request to its end and calls `respond` for it.
 *
 * @param respond gets the request, its response and how many requests came before it
 */
export async function serve(
  respond: (request: Seen, response: ServerResponse, before: number) => void
): Promise<Loopback> {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request).catch(() => undefined)
    if (body === undefined) return
    const url = new URL(request.url ?? '/', 'http://loopback')
    const one = {
      method: request.method ?? '',
      url: request.url ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body
    }
    seen.push(one)
    respond(one, response, seen.length - 1)
  })
  const { port, close } = await listen(server)
  return { port, origin: `http://127.0.0.1:${port}`, seen, close }
}

/** Ends a response with JSON, as the instance writes it. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {}
): void {
  response.writeHead(status, { 'Content-Type': 'application/json;charset=UTF-8', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
