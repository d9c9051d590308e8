import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { ReceivedContent } from '../engine/attachment-files.ts'
import { parseLenient } from './json.ts'
import { HttpError } from './response.ts'

/** A request with its whole body. */
export interface HttpRequest {
  /** Upper case; the method of `X-HTTP-Method-Override` when a POST has that header. */
  readonly method: string
  readonly path: string
  /** Path and query as they were sent. */
  readonly target: string
  readonly query: URLSearchParams
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty when the body was written to {@link content}. */
  readonly body: Buffer
  /** A body that was streamed to disk. */
  readonly content?: ReceivedContent
  /** Origin of the instance as the caller addressed it, for links in responses. */
  readonly origin: string
  /** A `silent-no-op` fault: a state in this write changes nothing. */
  readonly ignoreState: boolean
}

const MAX_JSON_BYTES = 10_485_760

function flatHeaders(message: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

/** A request as a value. */
export interface ReceivedRequest {
  readonly method: string
  /** With the origin of the instance as the caller addresses it. */
  readonly url: string
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** A request from a value, with its whole body in memory. @throws TypeError for a URL that is not valid */
export function requestFrom({ method, url: text, headers = {}, body = '' }: ReceivedRequest): HttpRequest {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return requestOf(method, new URL(text), Object.fromEntries(lowerCase), Buffer.from(body))
}

function requestOf(
  sentMethod: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Buffer
): HttpRequest {
  return {
    method: methodOf(sentMethod, headers),
    path: url.pathname,
    target: url.pathname + url.search,
    query: url.searchParams,
    headers,
    body,
    origin: url.origin,
    ignoreState: false
  }
}

function methodOf(sentMethod: string, headers: Readonly<Record<string, string>>): string {
  const sent = sentMethod.toUpperCase()
  const override = sent === 'POST' ? headers['x-http-method-override'] : undefined
  return override?.toUpperCase() ?? sent
}

/** Receives the body of a request that uploads a file; undefined for every other request. */
export type ReceiveFile = (
  method: string,
  path: string,
  body: IncomingMessage
) => Promise<ReceivedContent> | undefined

/**
 * Reads a request with its body.
 * @throws Error when the connection ends before the body does
 */
export async function readRequest(message: IncomingMessage, receiveFile: ReceiveFile): Promise<HttpRequest> {
  const headers = flatHeaders(message)
  const url = new URL(message.url ?? '/', `http://${headers.host ?? '127.0.0.1'}`)
  const sentMethod = message.method ?? 'GET'
  const content = await receiveFile(methodOf(sentMethod, headers), url.pathname, message)
  const body = content ? Buffer.alloc(0) : await buffer(message)
  return { ...requestOf(sentMethod, url, headers, body), ...(content && { content }) }
}

/** Whether a query parameter is `true`, in any case: Python's clients write `True`. */
export function isTrue({ query }: HttpRequest, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true'
}

/** The `Content-Type` without parameters, in lower case; empty when there is none. */
export function mediaType(request: HttpRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Whether the body is JSON. */
export function isJson(request: HttpRequest): boolean {
  return mediaType(request) === 'application/json'
}

function requireJsonSize(request: HttpRequest): void {
  if (request.body.length <= MAX_JSON_BYTES) return
  throw new HttpError(
    400,
    'Exception while reading request',
    `Rejected large REST payload with content-length = ${request.body.length} bytes. Max allowed: ${MAX_JSON_BYTES} bytes.`
  )
}

/** The first record of a JSON body. A caller may send several; the others are ignored. */
function firstRecord(value: unknown): Record<string, unknown> {
  const records = (value as { records?: unknown } | null)?.records
  const first = Array.isArray(value) ? value[0] : Array.isArray(records) ? records[0] : value
  if (first === null || typeof first !== 'object' || Array.isArray(first)) {
    throw new HttpError(400, 'Exception while reading request', 'The payload is not valid JSON.')
  }
  return first as Record<string, unknown>
}

/**
 * The JSON object of a write; an empty body is an empty object.
 * @throws HttpError 400 for bad JSON or more than 10 MiB, 415 for another media type
 */
export function jsonBody(request: HttpRequest): Record<string, unknown> {
  return request.body.length === 0 ? {} : firstRecord(jsonValue(request))
}

/** Any JSON value. @throws HttpError as {@link jsonBody}, and 400 for an empty body */
export function jsonValue(request: HttpRequest): unknown {
  if (mediaType(request) === '') throw new HttpError(400, 'Content-Type header is required')
  if (!isJson(request)) {
    throw new HttpError(415, 'Unsupported media type', `Media type "${mediaType(request)}" is not supported.`)
  }
  requireJsonSize(request)
  try {
    return parseLenient(request.body.toString('utf8'))
  } catch (error) {
    throw new HttpError(400, 'Exception while reading request', (error as Error).message)
  }
}

/** A JSON value as ServiceNow's script engine converts it to text: `null`, `a,b`, `[object Object]`. */
export function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(',')
  return String(value)
}
