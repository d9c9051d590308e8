import { gunzipSync } from 'node:zlib'
import type { HttpRequest } from './request.ts'
import { HttpError } from './response.ts'

/** Bytes of a body after decompression. */
const MAX_DECODED_BYTES = 256 * 1024 * 1024

const encodingOf = ({ headers }: HttpRequest): string =>
  (headers['content-encoding'] ?? '').trim().toLowerCase()

/** The request with its gzipped body decompressed; the same request when the body is not in memory, or not gzip. */
export function decodedRequest(request: HttpRequest): HttpRequest {
  if (request.content || !/^(?:x-)?gzip$/.test(encodingOf(request))) return request
  try {
    const body = gunzipSync(request.body, { maxOutputLength: MAX_DECODED_BYTES })
    const { 'content-encoding': _, ...headers } = request.headers
    return { ...request, headers, body }
  } catch {
    return request
  }
}

/** @throws HttpError 415 for a body in an encoding that is not understood, 400 for a gzipped one that is damaged */
export function requireDecoded(request: HttpRequest): void {
  const encoding = encodingOf(request)
  if (encoding === '' || encoding === 'identity') return
  if (/gzip$/.test(encoding) && !request.content) {
    throw new HttpError(400, 'Exception while reading request', 'Not in GZIP format')
  }
  throw new HttpError(415, 'Unsupported media type', `Content-Encoding "${encoding}" is not supported here.`)
}
