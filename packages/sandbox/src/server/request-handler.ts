import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRawUpload } from '../attachment-api/routes.ts'
import type { Faults } from '../faults/faults.ts'
import { type App, handleRequest } from './app.ts'
import { type HttpRequest, type ReceiveFile, readRequest } from './request.ts'
import { errorResponse, type HttpResponse } from './response.ts'
import { Semaphore } from './semaphore.ts'
import { isProcessed, sendResponse } from './send-response.ts'

/** One request as the instance received it. */
export interface RequestRecord {
  /** Arrival, in epoch milliseconds of the instance's clock. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: string
  /** HTTP status. 0 until a response is sent, and when none is sent. */
  readonly status: number
  /** User name; empty when the request was not authenticated. */
  readonly user: string
  readonly userAgent: string
  readonly bodyBytes: number
  /** Milliseconds of real time until the response was ready. */
  readonly ms: number
}

/** What the server needs to process requests. */
export interface ServerParts {
  readonly app: App
  readonly faults: Faults
  /** Called when a request has arrived, and again when it has been processed. */
  readonly onProgress: () => void
}

interface Outcome {
  readonly status: number
  readonly user: string
}

const OWN_HOSTS = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i

/** 403 for another host name. It protects against DNS rebinding: a web page must not read the sandbox. */
function rejectUnknownHost(request: HttpRequest): HttpResponse | undefined {
  if (OWN_HOSTS.test(request.headers.host ?? '')) return undefined
  return errorResponse(403, 'Host not served', 'The sandbox answers to loopback names only.')
}

/** Processes requests: record, queue, faults, response. */
export class RequestHandler {
  readonly #parts: ServerParts
  readonly #semaphore: Semaphore
  readonly #records: RequestRecord[]
  readonly #stopping: AbortSignal
  readonly #receiveFile: ReceiveFile

  /**
   * @param records a record is appended for each request
   * @param stopping ends artificial delays when the server stops
   */
  constructor(parts: ServerParts, records: RequestRecord[], stopping: AbortSignal) {
    const { store, settings } = parts.app.engine
    const { semaphore } = settings
    this.#parts = parts
    this.#semaphore = new Semaphore(semaphore?.threads, semaphore?.queue)
    this.#records = records
    this.#stopping = stopping
    this.#receiveFile = (method, path, body) =>
      isRawUpload(method, path) ? store.files.receive(body, settings.attachmentMaxBytes) : undefined
  }

  /** @throws Error when the caller disconnects before the body is complete, or the server stops during a delay */
  async handle(message: IncomingMessage, output: ServerResponse): Promise<void> {
    const started = performance.now()
    const request = await readRequest(message, this.#receiveFile)
    try {
      await this.#record(request, output, started)
    } finally {
      request.content?.discard()
    }
  }

  /** Keeps the record of a request while it is processed. */
  async #record(request: HttpRequest, output: ServerResponse, started: number): Promise<void> {
    const { settings } = this.#parts.app.engine
    const at = settings.now()
    output.sendDate = false
    output.setHeader('Date', new Date(at).toUTCString())
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
    this.#parts.onProgress()
    const { status, user } = await this.#admit(request, output)
    const record = this.#records[index - 1]
    if (record) {
      this.#records[index - 1] = { ...record, status, user, ms: performance.now() - started }
    }
    this.#parts.onProgress()
  }

  /** Rejects unknown host names, and requests beyond the queue with 429. */
  async #admit(request: HttpRequest, output: ServerResponse): Promise<Outcome> {
    const rejection = rejectUnknownHost(request)
    if (rejection) return { status: sendResponse(output, rejection, undefined, 0), user: '' }
    if (!(await this.#semaphore.acquire())) {
      return { status: sendResponse(output, errorResponse(429, 'Too many requests'), undefined, 0), user: '' }
    }
    try {
      return await this.#process(request, output)
    } finally {
      this.#semaphore.release()
    }
  }

  /** Applies latency and faults, runs the request and sends the response. */
  async #process(request: HttpRequest, output: ServerResponse): Promise<Outcome> {
    const { app, faults } = this.#parts
    const { latencyMs, now } = app.engine.settings
    const matched = faults.match(request)
    const delayMs = latencyMs + matched.latencyMs
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false, signal: this.#stopping })
    const { effect } = matched
    const effective = effect?.kind === 'silent-no-op' ? { ...request, ignoreState: true } : request
    const handled = isProcessed(effect, now()) ? handleRequest(app, effective) : undefined
    const status = sendResponse(output, handled?.response, effect, now())
    return { status, user: handled?.user ?? '' }
  }
}
