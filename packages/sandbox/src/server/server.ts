import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isRawUpload } from '../attachment-api/routes.ts'
import type { Engine } from '../engine/engine.ts'
import type { Live } from '../pages/live.ts'
import { replyTo } from './reply.ts'
import { type HttpRequest, readRequest } from './request.ts'
import type { RequestHandler } from './request-handler.ts'
import { errorResponse, type HttpResponse } from './response.ts'
import { sendReply } from './send-reply.ts'

export interface RunningServer {
  readonly port: number
  /** Closes every connection and stops listening. */
  stop(): Promise<void>
}

/** What responds to requests. */
export interface Handlers {
  readonly handler: RequestHandler
  /** Responds to `/events`. */
  readonly live: Live
}

const OWN_HOSTS = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i

/** 403 for another host name. It protects against DNS rebinding: a web page must not read the sandbox. */
function rejectUnknownHost(request: HttpRequest): HttpResponse | undefined {
  if (OWN_HOSTS.test(request.headers.host ?? '')) return undefined
  return errorResponse(403, 'Host not served', 'The sandbox answers to loopback names only.')
}

/** @throws Error when the caller disconnects before the body is complete, or the sandbox stops during a delay */
async function respond(
  { store, settings }: Engine,
  { handler, live }: Handlers,
  message: IncomingMessage,
  output: ServerResponse
): Promise<void> {
  const request = await readRequest(message, (method, path, body) =>
    isRawUpload(method, path) ? store.files.receive(body, settings.attachmentMaxBytes) : undefined
  )
  const rejection = rejectUnknownHost(request)
  if (request.path === '/events' && request.method === 'GET' && !rejection)
    return live.connect(request, output)
  try {
    sendReply(output, await handler.handle(request, rejection))
  } finally {
    request.content?.discard()
  }
}

/** Resolves with the port once the server listens. */
async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

/**
 * Starts listening on the host and port in the settings.
 * @throws Error `EADDRINUSE` when the port is in use
 */
export async function startServer(engine: Engine, handlers: Handlers): Promise<RunningServer> {
  // A long address gets the page that an instance sends, and not Node's own refusal.
  const server = createServer({ maxHeaderSize: 131_072 }, (message, output) => {
    respond(engine, handlers, message, output).catch(error => {
      // The caller disconnected, or the server stops: a response cannot be sent.
      if (output.headersSent || !output.socket?.writable) output.socket?.destroy()
      else sendReply(output, replyTo(errorResponse(500, 'Sandbox defect', String(error)), undefined, 0))
    })
  })
  // Longer than Node's 5 s, so that clients that reuse connections do not find them closed.
  server.keepAliveTimeout = 60_000
  const { host, port } = engine.settings
  return {
    port: await listen(server, host, port),
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}
