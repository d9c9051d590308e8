import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isRawUpload } from '../attachment-api/routes.ts'
import type { Engine } from '../engine/engine.ts'
import type { Live } from '../pages/live.ts'
import { rejectionOf } from './access.ts'
import { replyTo } from './reply.ts'
import { readRequest } from './request.ts'
import type { RequestHandler } from './request-handler.ts'
import { errorResponse } from './response.ts'
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

/** @throws Error when the caller disconnects before the body is complete, or the sandbox stops during a delay */
async function respond(
  engine: Engine,
  { handler, live }: Handlers,
  message: IncomingMessage,
  output: ServerResponse
): Promise<void> {
  const { store, settings } = engine
  const request = await readRequest(message, (method, path, body) =>
    isRawUpload(method, path) ? store.files.receive(body, settings.attachmentMaxBytes) : undefined
  )
  const rejection = rejectionOf(engine, request)
  if (request.path === '/events' && request.method === 'GET' && !rejection)
    return live.connect(request, output)
  try {
    sendReply(output, await handler.handle(request, rejection))
  } finally {
    request.content?.discard()
  }
}

/**
 * Listens on a host and a port. Nothing is served until {@link serve}, so that a port in use is found before the data of
 * an instance is touched.
 * @throws Error `EADDRINUSE` when the port is in use
 */
export async function listen(host: string, port: number): Promise<Server> {
  // A long address gets the page that an instance sends, and not Node's own refusal.
  const server = createServer({ maxHeaderSize: 131_072 })
  // Longer than Node's 5 s, so that clients that reuse connections do not find them closed.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return server
}

/** Serves the requests to a server that listens. */
export function serve(server: Server, engine: Engine, handlers: Handlers): RunningServer {
  server.on('request', (message, output) => {
    respond(engine, handlers, message, output).catch(error => {
      // The caller disconnected, or the server stops: a response cannot be sent.
      if (output.headersSent || !output.socket?.writable) output.socket?.destroy()
      else sendReply(output, replyTo(errorResponse(500, 'Sandbox defect', String(error)), undefined, 0))
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}
