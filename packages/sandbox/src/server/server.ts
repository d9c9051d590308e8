import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRawUpload } from '../attachment-api/routes.ts'
import type { Faults } from '../faults/faults.ts'
import { type App, answer } from './app.ts'
import { deliver, isProcessed } from './deliver.ts'
import { errorReply, type Reply } from './reply.ts'
import { type Intake, type Request, readRequest } from './request.ts'
import { Semaphore } from './semaphore.ts'

/** One request as the instance saw it, in the order of arrival. */
export interface RequestRecord {
  /** Arrival, epoch milliseconds of the instance's clock. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: string
  /** 0 while unanswered, and for good when the connection was dropped instead. */
  readonly status: number
  readonly user: string
  readonly userAgent: string
  readonly bodyBytes: number
  /** Real time until the answer was ready. */
  readonly ms: number
}

export interface RunningServer {
  readonly port: number
  readonly requests: readonly RequestRecord[]
  stop(): Promise<void>
}

interface Parts {
  readonly app: App
  readonly faults: Faults
  /** Called when a request has arrived, and again when it has been dealt with. */
  readonly settled: () => void
}

const OWN_HOSTS = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i

/** A page elsewhere whose name was pointed at loopback must not read the sandbox. */
function foreignHost(request: Request): Reply | undefined {
  if (OWN_HOSTS.test(request.headers.host ?? '')) return undefined
  return errorReply(403, 'Host not served', 'The sandbox answers to loopback names only.')
}

class Exchange {
  readonly #parts: Parts
  readonly #semaphore: Semaphore
  readonly #records: RequestRecord[]
  readonly #stopping: AbortSignal
  readonly #intake: Intake

  constructor(parts: Parts, records: RequestRecord[], stopping: AbortSignal) {
    const { store, settings } = parts.app.engine
    const { semaphore } = settings
    this.#parts = parts
    this.#semaphore = new Semaphore(semaphore?.threads, semaphore?.queue)
    this.#records = records
    this.#stopping = stopping
    this.#intake = (method, path, body) =>
      isRawUpload(method, path) ? store.files.receive(body, settings.attachmentMaxBytes) : undefined
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now()
    const request = await readRequest(message, this.#intake)
    try {
      await this.#answer(request, response, started)
    } finally {
      request.content?.discard()
    }
  }

  async #answer(request: Request, response: ServerResponse, started: number): Promise<void> {
    const { settings } = this.#parts.app.engine
    const at = settings.now()
    response.sendDate = false
    response.setHeader('Date', new Date(at).toUTCString())
    const index = this.#records.push({
      at,
      method: request.method,
      path: request.path,
      query: request.target.slice(request.path.length + 1),
      status: 0,
      user: '',
      userAgent: request.headers['user-agent'] ?? '',
      bodyBytes: request.content?.size ?? request.body.length,
      ms: 0
    })
    this.#parts.settled()
    const { status, user } = await this.#respond(request, response)
    const record = this.#records[index - 1]
    if (record) {
      this.#records[index - 1] = { ...record, status, user, ms: performance.now() - started }
    }
    this.#parts.settled()
  }

  async #respond(request: Request, response: ServerResponse): Promise<{ status: number; user: string }> {
    const foreign = foreignHost(request)
    if (foreign) return { status: deliver(response, foreign, undefined, 0), user: '' }
    if (!(await this.#semaphore.enter())) {
      return { status: deliver(response, errorReply(429, 'Too many requests'), undefined, 0), user: '' }
    }
    try {
      return await this.#work(request, response)
    } finally {
      this.#semaphore.leave()
    }
  }

  async #work(request: Request, response: ServerResponse): Promise<{ status: number; user: string }> {
    const { app, faults } = this.#parts
    const { latencyMs, now } = app.engine.settings
    const strike = faults.strike(request)
    const waitMs = latencyMs + strike.latencyMs
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false, signal: this.#stopping })
    const { effect } = strike
    const seen = effect?.kind === 'silent-no-op' ? { ...request, ignoreState: true } : request
    const answered = isProcessed(effect, now()) ? answer(app, seen) : undefined
    const status = deliver(response, answered?.reply, effect, now())
    return { status, user: answered?.user ?? '' }
  }
}

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

/** Starts listening. @throws Error when the port is taken */
export async function startServer(parts: Parts): Promise<RunningServer> {
  const stopping = new AbortController()
  const records: RequestRecord[] = []
  const exchange = new Exchange(parts, records, stopping.signal)
  const server = createServer((message, response) => {
    exchange.handle(message, response).catch(error => {
      // A caller that went away in the middle, or a stop: nobody is left to answer.
      if (response.headersSent || !response.socket?.writable) response.socket?.destroy()
      else deliver(response, errorReply(500, 'Sandbox defect', String(error)), undefined, 0)
    })
  })
  // Clients that reuse connections must not find them closed between two requests.
  server.keepAliveTimeout = 60_000
  const { host, port } = parts.app.engine.settings
  return {
    port: await listen(server, host, port),
    requests: records,
    stop: async () => {
      stopping.abort()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}
