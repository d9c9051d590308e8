import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { StreamBody } from '../http/transport.ts'

/** A body that is hashed while it is sent, so that a large file is read only once. */
export class HashingBody implements StreamBody {
  readonly size: number
  private readonly body: StreamBody
  private readonly whole: () => Promise<string>
  private sent: string | undefined

  /** @param whole the hash of the whole file, for when it was not sent to its end */
  constructor(body: StreamBody, whole: () => Promise<string>) {
    this.body = body
    this.size = body.size
    this.whole = whole
  }

  open(): Readable {
    const hash = createHash('sha256')
    this.sent = undefined
    const stream = this.body.open()
    stream.on('data', (chunk: Buffer) => void hash.update(chunk))
    stream.on('end', () => {
      this.sent = hash.digest('hex')
    })
    return stream
  }

  /** SHA-256, hex, of what was sent last. */
  async sha256(): Promise<string> {
    return this.sent ?? (await this.whole()).toLowerCase()
  }
}
