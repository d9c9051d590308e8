import type { After } from '../clock.ts'
import type { Faults } from '../faults/faults.ts'
import { isPage } from '../pages/pages.ts'
import { type App, type HandledRequest, handleRequest, handleScripted } from './app.ts'
import { decodedRequest } from './content-encoding.ts'
import { dated, encoded, isProcessed, type Reply, replyTo, statusOf } from './reply.ts'
import { type HttpRequest, isJson } from './request.ts'
import type { RequestRecord } from './request-record.ts'
import { errorResponse, type HttpResponse } from './response.ts'
import { Semaphore } from './semaphore.ts'

/** What processing requests needs. */
export interface HandlerParts {
  readonly app: App
  readonly faults: Faults
  /** Called when a request has arrived, and again when it has been processed. */
  readonly onProgress: () => void
  /** Called when a request has been processed, before its response is sent. */
  readonly onProcessed: (request: RequestRecord) => void
}

interface Outcome {
  readonly reply: Reply
  readonly user: string
}

/** Processes requests: record, queue, faults, response. It does not know how requests arrive. */
export class RequestHandler {
  /** In the order of arrival. */
  readonly requests: RequestRecord[] = []
  readonly #parts: HandlerParts
  readonly #semaphore: Semaphore
  readonly #stopping = new AbortController()

  constructor(parts: HandlerParts) {
    const { semaphore } = parts.app.engine.settings
    this.#parts = parts
    this.#semaphore = new Semaphore(semaphore?.threads, semaphore?.queue)
  }

  /** Ends artificial delays. */
  stop(): void {
    this.#stopping.abort(new Error('The sandbox was stopped.'))
  }

  /**
   * Processes a request and keeps its record.
   * @param rejection a response that is sent without processing the request
   * @throws Error when the sandbox stops during a delay
   */
  async handle(received: HttpRequest, rejection?: HttpResponse): Promise<Reply> {
    const request = decodedRequest(received)
    const at = this.#parts.app.engine.settings.now()
    const acceptEncoding = request.headers['accept-encoding'] ?? ''
    if (isPage(request) && !rejection) return encoded(dated(this.#page(request), at), acceptEncoding)
    const started = performance.now()
    const index = this.requests.push({
      at,
      method: request.method,
      path: request.path,
      query: request.target.slice(request.path.length + 1),
      status: 0,
      user: '',
      userAgent: request.headers['user-agent'] ?? '',
      bodyBytes: received.content?.size ?? received.body.length,
      json: isJson(request) ? request.body.toString('utf8') : '',
      ms: 0
    })
    this.#parts.onProgress()
    const { reply, user } = rejection
      ? { reply: replyTo(rejection, undefined, at), user: '' }
      : await this.#queue(request)
    const arrived = this.requests[index - 1] as RequestRecord
    const record = { ...arrived, status: statusOf(reply), user, ms: performance.now() - started }
    this.requests[index - 1] = record
    this.#parts.onProcessed(record)
    this.#parts.onProgress()
    return encoded(dated(reply, at), acceptEncoding)
  }

  /** The pages are not part of what is tested: faults, limits and delays do not affect them, and they leave no record. */
  #page(request: HttpRequest): Reply {
    return { kind: 'response', response: handleRequest(this.#parts.app, request).response }
  }

  /** Rejects requests beyond the queue with 429. */
  async #queue(request: HttpRequest): Promise<Outcome> {
    if (!(await this.#semaphore.acquire())) {
      return { reply: replyTo(errorResponse(429, 'Too many requests'), undefined, 0), user: '' }
    }
    try {
      return await this.#process(request)
    } finally {
      this.#semaphore.release()
    }
  }

  /** Applies latency and faults, and runs the request. */
  async #process(request: HttpRequest): Promise<Outcome> {
    const { app, faults } = this.#parts
    const { latencyMs, now, after } = app.engine.settings
    const matched = faults.match(request)
    const delayMs = latencyMs + matched.latencyMs
    if (delayMs > 0) await delay(after, delayMs, this.#stopping.signal)
    const { effect } = matched
    const effective = effect?.kind === 'silent-no-op' ? { ...request, ignoreState: true } : request
    const handled = isProcessed(effect, now()) ? await handle(app, effective) : undefined
    return { reply: replyTo(handled?.response, effect, now()), user: handled?.user ?? '' }
  }
}

function handle(app: App, request: HttpRequest): HandledRequest | Promise<HandledRequest> {
  return app.engine.scripts ? handleScripted(app, request) : handleRequest(app, request)
}

/** @throws the reason of the signal when it ends the delay */
function delay(after: After, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const stop = () => {
      cancel()
      reject(signal.reason)
    }
    const cancel = after(ms, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    signal.addEventListener('abort', stop, { once: true })
  })
}
