import { createHash, randomUUID } from 'node:crypto'
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** The content of an upload that is not attached to a record yet. */
export interface ReceivedContent {
  /** Bytes received. Bytes beyond the limit are counted, not stored. */
  readonly size: number
  /** SHA-256 of the stored bytes, hexadecimal. */
  readonly sha256: string
  /** Keeps the bytes as the content of this attachment. */
  keep(sysId: string): void
  /** Deletes the bytes unless they were kept. */
  discard(): void
}

/** The names of files that this class writes. Other files in the folder are not touched. */
const OWN_FILE_NAME = /^[0-9a-f]{32}(?:\.part)?$/

/** A large buffer, so that an upload does not wait for many small writes. */
const WRITE_BUFFER_BYTES = 1_048_576

/** The content of attachments: one file for each. An upload is streamed and never completely in memory. */
export class AttachmentFiles {
  readonly #permanent: string | undefined
  #temporary: string | undefined

  /** @param folder keeps the files across restarts; when absent they are in a temporary folder until {@link close} */
  constructor(folder?: string) {
    this.#permanent = folder
  }

  /** The folder. It is created on first use: many instances never store an attachment. */
  #folder(): string {
    if (this.#permanent !== undefined) {
      mkdirSync(this.#permanent, { recursive: true, mode: 0o700 })
      return this.#permanent
    }
    this.#temporary ??= mkdtempSync(join(tmpdir(), 'servicenow-sandbox-'))
    return this.#temporary
  }

  /** The path of the file of an attachment, whether it exists or not. */
  pathOf(sysId: string): string {
    return join(this.#folder(), sysId)
  }

  /** @throws Error when the file does not exist */
  read(sysId: string): Buffer {
    return readFileSync(this.pathOf(sysId))
  }

  /** Does nothing when the file does not exist. */
  remove(sysId: string): void {
    rmSync(this.pathOf(sysId), { force: true })
  }

  /**
   * Streams an upload to disk. Bytes beyond `maxBytes` are read and dropped, so that the caller receives a response.
   * @throws Error when the source ends before it is complete
   */
  async receive(source: Readable, maxBytes: number): Promise<ReceivedContent> {
    const path = join(this.#folder(), `${randomUUID().replaceAll('-', '')}.part`)
    const discard = () => rmSync(path, { force: true })
    const hash = createHash('sha256')
    let size = 0
    async function* countAndHash(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        size += chunk.length
        if (size > maxBytes) continue
        hash.update(chunk)
        yield chunk
      }
    }
    try {
      const target = createWriteStream(path, {
        flags: 'wx',
        mode: 0o600,
        highWaterMark: WRITE_BUFFER_BYTES
      })
      await pipeline(source, countAndHash, target)
    } catch (error) {
      discard()
      throw error
    }
    const keep = (sysId: string) => renameSync(path, this.pathOf(sysId))
    return { size, sha256: hash.digest('hex'), keep, discard }
  }

  /** Content that is in memory. Nothing is written before `keep`. */
  receiveBuffer(bytes: Buffer): ReceivedContent {
    return {
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      keep: sysId => writeFileSync(this.pathOf(sysId), bytes, { mode: 0o600 }),
      discard: () => {}
    }
  }

  /** Copies the content of attachments to another folder, as links where that is possible: a file never changes. */
  copyTo(folder: string, sysIds: readonly string[]): void {
    for (const sysId of sysIds) copyFile(this.pathOf(sysId), join(folder, sysId))
  }

  /** Brings back the content of attachments that was copied to another folder. */
  copyFrom(folder: string, sysIds: readonly string[]): void {
    for (const sysId of sysIds) {
      if (!existsSync(this.pathOf(sysId))) copyFile(join(folder, sysId), this.pathOf(sysId))
    }
  }

  /** Deletes the files in the permanent folder that belong to no record: an earlier run may have left some. */
  removeAllExcept(sysIds: ReadonlySet<string>): void {
    if (this.#permanent === undefined || !existsSync(this.#permanent)) return
    for (const name of readdirSync(this.#folder())) {
      if (OWN_FILE_NAME.test(name) && !sysIds.has(name)) this.remove(name)
    }
  }

  /** Removes the temporary folder. */
  close(): void {
    if (this.#temporary !== undefined)
      rmSync(this.#temporary, { recursive: true, force: true, maxRetries: 3 })
  }
}

function copyFile(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    // Another file system, or one without links.
    copyFileSync(from, to)
  }
}
