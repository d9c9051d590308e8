import type { Agent, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { CutShort, readBody, TooLong } from './read-body.ts'

export { CutShort, TooLong } from './read-body.ts'

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
  /** One attempt to the end of the response; while a stream is being sent, the time without progress. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** What carries one request to the instance and back: Node's own client, or an instance in the same process. */
export interface Transport {
  /**
   * Sends the request once. It follows no redirect, retries nothing and adds no credentials.
   *
   * @throws AttemptTimeout, Interrupted, CutShort, BodyFault, Undecodable, TooLong, or the network error as Node raised it
   */
  send(request: WireRequest): Promise<WireResponse>
  /** Ends idle connections. */
  close(): Promise<void>
}

/** The attempt ran out of `timeoutMs`. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout'
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
 * Sends one request once and reads the whole response. It follows no redirect, retries nothing and adds no
 * credentials to the headers. It uses Node's own client: the toolkit's never settles when a response is cut, and loads
 * TLS with all root certificates even for plain HTTP.
 *
 * @throws AttemptTimeout, Interrupted, CutShort, BodyFault, Undecodable, TooLong, or the network error as Node raised it
 */
export async function sendOnce(request: WireRequest, agent: Agent): Promise<WireResponse> {
  const abort = new AbortController()
  const timer = startTimer(request.timeoutMs, () => abort.abort(new AttemptTimeout('no response in time')))
  const interrupt = () => abort.abort(new Interrupted('interrupted'))
  request.signal?.addEventListener('abort', interrupt, { once: true })
  if (request.signal?.aborted) interrupt()
  const body = openBody(request.body, timer.restart, error => abort.abort(error))
  try {
    // The signal does not end a request that still waits for its connection (a proxy that does not respond).
    const response = exchange(request, { agent, signal: abort.signal, body })
    return await Promise.race([response.then(readWhole), rejectOn(abort.signal)])
  } catch (error) {
    if (abort.signal.aborted && abort.signal.reason instanceof Error) throw abort.signal.reason
    throw error
  } finally {
    timer.stop()
    request.signal?.removeEventListener('abort', interrupt)
    close(body, abort)
  }
}

interface Sending {
  readonly agent: Agent
  readonly signal: AbortSignal
  readonly body: Body
}

/** Sends the request; resolves with the beginning of the response. */
async function exchange(request: WireRequest, sending: Sending): Promise<IncomingMessage> {
  const { agent, signal, body } = sending
  const url = new URL(request.url)
  const { request: begin } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  const headers = headersOf(request)
  return new Promise((resolve, reject) => {
    const outgoing = begin(url, { method: request.method, headers, agent, signal })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    if (body === null || typeof body === 'string') outgoing.end(body ?? undefined)
    else body.pipe(outgoing)
  })
}

async function readWhole(message: IncomingMessage): Promise<WireResponse> {
  const { bytes, cut } = await readBody(message)
  const { statusCode: status = 0, headers } = message
  const encoding = String(headers['content-encoding'] ?? '')
  if (encoding === '') return { status, headers, text: textOf(bytes) }
  // Of a compressed error that is cut its status is all there is.
  const body = cut ? Buffer.alloc(0) : await decompressed(bytes, encoding, status)
  return { status, headers, text: textOf(body) }
}

async function decompressed(body: Buffer, encoding: string, status: number): Promise<Buffer> {
  const { CompressedCutShort, decode, Undecodable } = await import('./decode.ts')
  return decode(body, encoding, status).catch(error => {
    if (error instanceof CompressedCutShort)
      throw new CutShort(`the compressed response is incomplete (${error.message})`)
    // The status of an error says enough: whether it is temporary, for one.
    const unreadable = error instanceof Undecodable || error instanceof TooLong
    if (unreadable && status >= 300) return Buffer.from(error.message)
    throw error
  })
}

/** UTF-8, without a mark of the byte order. */
function textOf(body: Buffer): string {
  return new TextDecoder().decode(body)
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason as Error)
    signal.addEventListener('abort', fail, { once: true })
    if (signal.aborted) fail()
  })
}

function headersOf(request: WireRequest): Record<string, string> {
  if (typeof request.body !== 'object') return { ...request.headers }
  return { ...request.headers, 'Content-Length': String(request.body.size) }
}

type Body = string | Readable | null

/** When a file shrinks, grows or cannot be read any more, the request fails at once. */
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

/** Ends a connection with a body that was sent in part: the next request would be read as the rest of it. */
function close(body: Body, abort: AbortController): void {
  if (body === null || typeof body === 'string') return
  if (!body.readableEnded) abort.abort(new Error('a response came before the body was sent'))
  body.destroy()
}

function startTimer(ms: number, expired: () => void): { restart: () => void; stop: () => void } {
  const timer = setTimeout(expired, ms)
  return { restart: () => void timer.refresh(), stop: () => clearTimeout(timer) }
}
