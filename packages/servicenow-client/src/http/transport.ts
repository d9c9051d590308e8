import type { Agent, RequestOptions } from 'node:http'
import type { Readable } from 'node:stream'

/** A body that is read while it is sent; `open` is called once for each attempt. */
export interface StreamBody {
  readonly size: number
  open(): Readable
}

export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | StreamBody | undefined
  /** One attempt to the end of the answer; while a stream is being sent, the time without progress. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** The attempt ran out of `timeoutMs`. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout'
}

/** The connection ended before the whole answer was there. */
export class CutShort extends Error {
  override readonly name = 'CutShort'
}

/** The caller's signal ended the attempt. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/**
 * Sends one request once and reads the whole answer. Follows no redirect, retries nothing, knows no
 * credentials but the headers it is given.
 *
 * The body is read with a reader that rejects when the connection is cut: the toolkit's own never settles.
 *
 * @throws AttemptTimeout, Interrupted, CutShort, or the network error as Node raised it
 */
export async function sendOnce(request: WireRequest, agent: Agent, userAgent: string): Promise<WireAnswer> {
  const { HttpClient } = await import('@actions/http-client')
  const { text: readText } = await import('node:stream/consumers')
  const abort = new AbortController()
  const timer = startTimer(request.timeoutMs, () => abort.abort(new AttemptTimeout('no answer in time')))
  const interrupt = () => abort.abort(new Interrupted('interrupted'))
  request.signal?.addEventListener('abort', interrupt, { once: true })
  if (request.signal?.aborted) interrupt()
  try {
    const handler = withOptions({ agent, signal: abort.signal })
    const client = new HttpClient(userAgent, [handler], { allowRedirects: false, allowRetries: false })
    const body = openBody(request.body, timer.restart, error => abort.abort(error))
    const response = await client.request(request.method, request.url, body as never, headersOf(request))
    const text = await readText(response.message).catch(error => {
      throw new CutShort(`the connection was cut while the answer was read (${(error as Error).message})`)
    })
    if (!response.message.complete) throw new CutShort('the connection was cut while the answer was read')
    return { status: response.message.statusCode ?? 0, headers: response.message.headers, text }
  } catch (error) {
    if (abort.signal.aborted && abort.signal.reason instanceof Error) throw abort.signal.reason
    throw error
  } finally {
    timer.stop()
    request.signal?.removeEventListener('abort', interrupt)
  }
}

/** The toolkit's client lets a handler change the options of the request it is about to make. */
function withOptions(options: RequestOptions & { agent: Agent }) {
  return {
    prepareRequest: (target: RequestOptions) => {
      Object.assign(target, options)
    },
    canHandleAuthentication: () => false,
    handleAuthentication: () => Promise.reject(new Error('credentials are headers here'))
  }
}

function headersOf(request: WireRequest): Record<string, string> {
  if (typeof request.body !== 'object') return { ...request.headers }
  return { ...request.headers, 'Content-Length': String(request.body.size) }
}

function openBody(body: WireRequest['body'], progress: () => void, failed: (error: Error) => void) {
  if (typeof body !== 'object') return body ?? null
  const stream = body.open()
  stream.on('data', progress)
  // A file that shrinks or cannot be read any more must not leave a request hanging half sent.
  stream.on('error', failed)
  return stream
}

function startTimer(ms: number, expired: () => void): { restart: () => void; stop: () => void } {
  const timer = setTimeout(expired, ms)
  return { restart: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}
