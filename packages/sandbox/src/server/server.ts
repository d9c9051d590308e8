import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RequestHandler, type RequestRecord, type ServerParts } from './request-handler.ts'
import { errorResponse } from './response.ts'
import { sendResponse } from './send-response.ts'

export interface RunningServer {
  readonly port: number
  /** In the order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** Closes every connection and stops listening. */
  stop(): Promise<void>
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
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const stopping = new AbortController()
  const requests: RequestRecord[] = []
  const handler = new RequestHandler(parts, requests, stopping.signal)
  const server = createServer((message, output) => {
    handler.handle(message, output).catch(error => {
      // The caller disconnected, or the server stops: a response cannot be sent.
      if (output.headersSent || !output.socket?.writable) output.socket?.destroy()
      else sendResponse(output, errorResponse(500, 'Sandbox defect', String(error)), undefined, 0)
    })
  })
  // Longer than Node's 5 s, so that clients that reuse connections do not find them closed.
  server.keepAliveTimeout = 60_000
  const { host, port } = parts.app.engine.settings
  return {
    port: await listen(server, host, port),
    requests,
    stop: async () => {
      stopping.abort()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}
