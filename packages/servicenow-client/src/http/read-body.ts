import type { IncomingMessage } from 'node:http'

/** The largest list that is read (500 records with all fields) has a few megabytes. In bytes, decompressed. */
export const MAX_RESPONSE = 16 * 1024 * 1024

/** The words of an error fit into a fraction of it. In bytes. */
export const MAX_ERROR = 1024 * 1024

/** The connection ended before the whole response was there. */
export class CutShort extends Error {
  override readonly name = 'CutShort'
}

/** The response is longer than `MAX_RESPONSE`. Whoever sends it may never end it. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
  readonly status: number

  constructor(status: number) {
    super(`the response is longer than ${MAX_RESPONSE / 1024 / 1024} MiB`)
    this.status = status
  }
}

/** A body as it came over the network. */
export interface Body {
  readonly bytes: Buffer
  /** Only its beginning: the body of an error, whose status says enough. */
  readonly cut: boolean
}

/**
 * The body of a response, read no further than its limit; then the connection is ended.
 *
 * @throws CutShort, TooLong
 */
export async function readBody(message: IncomingMessage): Promise<Body> {
  const { statusCode: status = 0 } = message
  const limit = status >= 300 ? MAX_ERROR : MAX_RESPONSE
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      // Leaving the loop destroys the message, and its connection with it.
      if (size > limit) break
    }
  } catch (error) {
    throw new CutShort(`the connection was cut while the response was read (${(error as Error).message})`)
  }
  if (size > limit) {
    if (status < 300) throw new TooLong(status)
    return { bytes: Buffer.concat(chunks).subarray(0, limit), cut: true }
  }
  if (!message.complete) throw new CutShort('the connection was cut while the response was read')
  return { bytes: Buffer.concat(chunks), cut: false }
}
