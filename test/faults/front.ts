/** A door before the sandbox: it sees every request go by, and it can be shut so that a connection is refused. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request that went by. `from` and `to` count arrivals and departures together: they tell what overlapped. */
export interface Passed {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly from: number
  to: number
}

export interface Front {
  readonly url: string
  readonly passed: readonly Passed[]
  /** Stops listening as soon as `count` responses have passed; 0: at once. */
  shutAfter(count: number): Promise<void>
  /** Listens again, at the same address. */
  open(): Promise<void>
  close(): Promise<void>
}

/** Below the ports that the system hands out by itself: one that is let go for a moment is still there afterwards. */
const FIRST_PORT = 20_000
const LAST_PORT = 32_000
let nextPort = FIRST_PORT + (process.pid % 100) * 100

export async function startFront(target: string): Promise<Front> {
  const passed: Passed[] = []
  let events = 0
  let responses = 0
  let shutAt = Number.POSITIVE_INFINITY
  const server = createServer((message, response) => {
    void pass(message, response).catch(() => response.destroy())
  })
  const pass = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(message)
    const { method = '', url = '' } = message
    const record = { method, path: url, body: body.toString('utf8'), from: events++, to: 0 }
    passed.push(record)
    const found = await forward(target, message, body)
    record.to = events++
    responses += 1
    if (responses >= shutAt) server.close()
    // No connection outlives its response, so that the next request needs a new one.
    response.writeHead(found.status, { ...found.headers, connection: 'close' })
    response.end(found.body)
  }
  const port = await listenSomewhere(server)
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    async shutAfter(count) {
      shutAt = count
      if (count === 0) await new Promise(resolve => server.close(resolve))
    },
    async open() {
      shutAt = Number.POSITIVE_INFINITY
      if (!server.listening) await listen(server, port)
    },
    async close() {
      server.closeAllConnections()
      if (server.listening) await new Promise(resolve => server.close(resolve))
    }
  }
}

interface InstanceResponse {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

function forward(target: string, message: IncomingMessage, body: Buffer): Promise<InstanceResponse> {
  return new Promise((resolve, reject) => {
    const { method, headers } = message
    const onward = request(`${target}${message.url}`, {
      method,
      headers: { ...headers, connection: 'close' }
    })
    onward.on('error', reject)
    onward.on('response', message => {
      buffer(message).then(
        bytes => resolve({ status: message.statusCode ?? 0, headers: message.headers, body: bytes }),
        reject
      )
    })
    onward.end(body)
  })
}

async function listenSomewhere(server: Server): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = nextPort
    nextPort = nextPort >= LAST_PORT ? FIRST_PORT : nextPort + 1
    try {
      await listen(server, port)
      return (server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error('no free port for a front')
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
