/** Bodies that something on the way has compressed: no request asks for it. */
import { promisify } from 'node:util'
import { MAX_RESPONSE, TooLong } from './read-body.ts'

/** The body cannot be decoded: an encoding that is not known, or not the one that the header names. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable'
  readonly status: number

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** The body ends in the middle of its compressed data. */
export class CompressedCutShort extends Error {}

/** More of them on one body are no accident. */
const MAX_LAYERS = 3

/**
 * The body without its `Content-Encoding`s (gzip, deflate, br), the last one first.
 *
 * @param header as it came; '' without one
 * @throws Undecodable, CompressedCutShort, TooLong
 */
export async function decode(body: Buffer, header: string, status: number): Promise<Buffer> {
  const names = header
    .toLowerCase()
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity')
  // Responses without a body may carry the header all the same.
  if (body.length === 0 || names.length === 0) return body
  if (names.length > MAX_LAYERS)
    throw new Undecodable(`the response is compressed ${names.length} times`, status)
  let decoded = body
  for (const name of names.reverse()) decoded = await decodeOne(decoded, name, status)
  return decoded
}

async function decodeOne(body: Buffer, name: string, status: number): Promise<Buffer> {
  const zlib = await import('node:zlib')
  const options = { maxOutputLength: MAX_RESPONSE }
  const decoders: Readonly<Record<string, () => Promise<Buffer>>> = {
    gzip: () => promisify(zlib.gunzip)(body, options),
    'x-gzip': () => promisify(zlib.gunzip)(body, options),
    // Some send it without the header of zlib.
    deflate: () => promisify(hasZlibHeader(body) ? zlib.inflate : zlib.inflateRaw)(body, options),
    br: () => promisify(zlib.brotliDecompress)(body, options)
  }
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined
  if (decoder === undefined) {
    const shown = name.replace(/[^\x21-\x7e]/g, '?').slice(0, 40)
    throw new Undecodable(
      `the response has the Content-Encoding "${shown}", which no request asks for; known are gzip, deflate and br`,
      status
    )
  }
  return decoder().catch((error: NodeJS.ErrnoException) => {
    throw problemOf(error, name, status)
  })
}

function problemOf(error: NodeJS.ErrnoException, name: string, status: number): Error {
  if (error.code === 'Z_BUF_ERROR') return new CompressedCutShort(error.message, { cause: error })
  if (error.code === 'ERR_BUFFER_TOO_LARGE') return new TooLong(status)
  const why = `has the Content-Encoding "${name}", and its body is something else (${error.message})`
  return new Undecodable(`the response ${why}`, status, { cause: error })
}

/** Two bytes of RFC 1950: method 8, and a checksum. */
function hasZlibHeader(body: Buffer): boolean {
  return ((body[0] ?? 0) & 0x0f) === 8 && body.length > 1 && body.readUInt16BE(0) % 31 === 0
}
