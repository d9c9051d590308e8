import type { Agent, RequestOptions } from 'node:http'
import type { Readable } from 'node:stream'
import type { HttpClient } from '@actions/http-client'

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

/** The body could not be read to its end, or is not as long as was announced: the file changed meanwhile. */
export class BodyFault extends Error {
  override readonly name = 'BodyFault'
}

/** The caller's signal ended the attempt. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/**
 * Sends one request once and reads the whole answer. Follows no redirect, retries nothing, knows no
 * credentials but the headers it is given.
 *
 * @throws AttemptTimeout, Interrupted, CutShort, BodyFault, or the network error as Node raised it
 */
export async function sendOnce(request: WireRequest, agent: Agent, userAgent: string): Promise<WireAnswer> {
  const { HttpClient } = await import(/* webpackChunkName: "work" */ '@actions/http-client')
  // A reader that rejects when the connection is cut: the toolkit's own never settles.
  const { text: readText } = await import('node:stream/consumers')
  const abort = new AbortController()
  const timer = startTimer(request.timeoutMs, () => abort.abort(new AttemptTimeout('no answer in time')))
  const interrupt = () => abort.abort(new Interrupted('interrupted'))
  request.signal?.addEventListener('abort', interrupt, { once: true })
  if (request.signal?.aborted) interrupt()
  const handler = withOptions({ agent, signal: abort.signal })
  const client = new HttpClient(userAgent, [handler], {
    allowRedirects: false,
    allowRetries: false,
    // The client's own limit of three minutes without a byte must not come before ours.
    socketTimeout: Math.min(request.timeoutMs * 2, 2 ** 31 - 1)
  })
  const body = openBody(request.body, timer.restart, error => abort.abort(error))
  try {
    // A request that still waits for its connection (a proxy that does not answer) hears no signal by itself.
    return await Promise.race([exchange(client, request, body, readText), rejectOn(abort.signal)])
  } catch (error) {
    if (abort.signal.aborted && abort.signal.reason instanceof Error) throw abort.signal.reason
    throw error
  } finally {
    timer.stop()
    request.signal?.removeEventListener('abort', interrupt)
    close(body, abort)
  }
}

async function exchange(
  client: HttpClient,
  request: WireRequest,
  body: Body,
  readText: (stream: Readable) => Promise<string>
): Promise<WireAnswer> {
  const { message } = await client.request(request.method, request.url, body as never, headersOf(request))
  const text = await readText(message).catch(error => {
    throw new CutShort(`the connection was cut while the answer was read (${(error as Error).message})`)
  })
  if (!message.complete) throw new CutShort('the connection was cut while the answer was read')
  return { status: message.statusCode ?? 0, headers: message.headers, text }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const tell = () => reject(signal.reason as Error)
    signal.addEventListener('abort', tell, { once: true })
    if (signal.aborted) tell()
  })
}

/** The toolkit's client lets a handler change the options of the request it is about to make. */
function withOptions(options: RequestOptions & { agent: Agent }) {
  return {
    prepareRequest: (target: RequestOptions) => {
      // The brackets of an IPv6 address belong to the URL, not to the address.
      const host = target.host?.replace(/^\[(.*)\]$/, '$1')
      Object.assign(target, options, host === undefined ? {} : { host })
    },
    canHandleAuthentication: () => false,
    handleAuthentication: () => Promise.reject(new Error('credentials are headers here'))
  }
}

function headersOf(request: WireRequest): Record<string, string> {
  if (typeof request.body !== 'object') return { ...request.headers }
  return { ...request.headers, 'Content-Length': String(request.body.size) }
}

type Body = string | Readable | null

/** A file that shrinks, grows or cannot be read any more must not leave a request hanging half sent. */
function openBody(body: WireRequest['body'], progress: () => void, failed: (error: Error) => void): Body {
  if (typeof body !== 'object') return body ?? null
  const stream = body.open()
  let sent = 0
  const check = (wrong: boolean) => {
    if (wrong) failed(new BodyFault(`${body.size} bytes were announced, and ${sent} were there`))
  }
  stream.on('data', (chunk: Buffer) => {
    progress()
    sent += chunk.length
    check(sent > body.size)
  })
  stream.on('end', () => check(sent < body.size))
  stream.on('error', error => failed(new BodyFault(error.message, { cause: error })))
  return stream
}

/** A connection on which a body was left half sent would take the next request for the rest of it. */
function close(body: Body, abort: AbortController): void {
  if (body === null || typeof body === 'string') return
  if (!body.readableEnded) abort.abort(new Error('answered before the body was sent'))
  body.destroy()
}

function startTimer(ms: number, expired: () => void): { restart: () => void; stop: () => void } {
  const timer = setTimeout(expired, ms)
  return { restart: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}
