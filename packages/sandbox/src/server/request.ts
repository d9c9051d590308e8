import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Incoming } from '../engine/files.ts'
import { parseLenient } from './json.ts'
import { HttpError } from './reply.ts'

/** A request read to its end. */
export interface Request {
  readonly method: string
  readonly path: string
  /** Path and query as they were sent. */
  readonly target: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  /** Empty when the body went to {@link content}. */
  readonly body: Buffer
  /** A body that was streamed to disk. */
  readonly content?: Incoming
  /** Origin under which the caller reached the instance, for links in answers. */
  readonly origin: string
  /** A fault asked that a state sent with this write changes nothing. */
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

/** Takes the body of a request that is a file; undefined for any other. */
export type Intake = (method: string, path: string, body: IncomingMessage) => Promise<Incoming> | undefined

/** @throws when the connection ends before the body does */
export async function readRequest(message: IncomingMessage, intake: Intake): Promise<Request> {
  const headers = flatHeaders(message)
  const origin = `http://${headers.host ?? '127.0.0.1'}`
  const url = new URL(message.url ?? '/', origin)
  const method = (message.method ?? 'GET').toUpperCase()
  const override = method === 'POST' ? headers['x-http-method-override'] : undefined
  const actual = override?.toUpperCase() ?? method
  const content = await intake(actual, url.pathname, message)
  return {
    method: actual,
    path: url.pathname,
    target: url.pathname + url.search,
    query: url.searchParams,
    headers,
    body: content ? Buffer.alloc(0) : await buffer(message),
    ...(content && { content }),
    origin,
    ignoreState: false
  }
}

export function mediaType(request: Request): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function refuseLargeJson(request: Request): void {
  if (request.body.length <= MAX_JSON_BYTES) return
  throw new HttpError(
    400,
    'Exception while reading request',
    `Rejected large REST payload with content-length = ${request.body.length} bytes. Max allowed: ${MAX_JSON_BYTES} bytes.`
  )
}

/** The first record of a JSON body; several may be sent, only one counts. */
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
 * @throws HttpError 400 for bad JSON or more than 10 MB, 415 for another media type
 */
export function jsonBody(request: Request): Record<string, unknown> {
  if (request.body.length === 0) return {}
  if (mediaType(request) === '') throw new HttpError(400, 'Content-Type header is required')
  if (mediaType(request) !== 'application/json') {
    throw new HttpError(415, 'Unsupported media type', `Media type "${mediaType(request)}" is not supported.`)
  }
  refuseLargeJson(request)
  let value: unknown
  try {
    value = parseLenient(request.body.toString('utf8'))
  } catch (error) {
    throw new HttpError(400, 'Exception while reading request', (error as Error).message)
  }
  return firstRecord(value)
}

/** Text as the platform's script engine makes it of a JSON value: `null`, `a,b`, `[object Object]`. */
export function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(',')
  return String(value)
}
