import { createHash, randomUUID } from 'node:crypto'
import {
  createWriteStream,
  existsSync,
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

/** Content that has arrived and belongs to no record yet. */
export interface Incoming {
  /** Bytes received; those beyond the limit are counted, not stored. */
  readonly size: number
  /** SHA-256 of what was stored, hexadecimal. */
  readonly sha256: string
  /** Makes it the content of an attachment. */
  keep(sysId: string): void
  /** Removes what was not kept. */
  discard(): void
}

/** Files this store writes: nothing else in its folder is ever touched. */
const OWN = /^[0-9a-f]{32}(?:\.part)?$/

/** Few, large writes: the disk is not to be what an upload waits for. */
const WRITE_BUFFER_BYTES = 1_048_576

/** The content of attachments, one file each, never whole in memory. */
export class Files {
  readonly #kept: string | undefined
  #temporary: string | undefined

  /** @param folder keeps the files across restarts; without it they live in a temporary folder until {@link close} */
  constructor(folder?: string) {
    this.#kept = folder
  }

  /** Made when first needed: most instances never see an attachment. */
  #folder(): string {
    if (this.#kept !== undefined) {
      mkdirSync(this.#kept, { recursive: true, mode: 0o700 })
      return this.#kept
    }
    this.#temporary ??= mkdtempSync(join(tmpdir(), 'servicenow-sandbox-'))
    return this.#temporary
  }

  pathOf(sysId: string): string {
    return join(this.#folder(), sysId)
  }

  /** @throws Error when there is no such file */
  read(sysId: string): Buffer {
    return readFileSync(this.pathOf(sysId))
  }

  remove(sysId: string): void {
    rmSync(this.pathOf(sysId), { force: true })
  }

  /**
   * Streams to disk. What goes beyond the limit is read, so that the sender gets its answer, and dropped.
   * @throws when the source ends too early
   */
  async receive(source: Readable, maxBytes: number): Promise<Incoming> {
    const path = join(this.#folder(), `${randomUUID().replaceAll('-', '')}.part`)
    const discard = () => rmSync(path, { force: true })
    const hash = createHash('sha256')
    let size = 0
    async function* metered(chunks: AsyncIterable<Buffer>) {
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
      await pipeline(source, metered, target)
    } catch (error) {
      discard()
      throw error
    }
    const keep = (sysId: string) => renameSync(path, this.pathOf(sysId))
    return { size, sha256: hash.digest('hex'), keep, discard }
  }

  /** Content that is in memory already. */
  incoming(bytes: Buffer): Incoming {
    return {
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      keep: sysId => writeFileSync(this.pathOf(sysId), bytes, { mode: 0o600 }),
      discard: () => {}
    }
  }

  /** Drops what an earlier run left behind without a record. */
  keepOnly(sysIds: ReadonlySet<string>): void {
    if (this.#kept === undefined || !existsSync(this.#kept)) return
    for (const name of readdirSync(this.#folder())) {
      if (OWN.test(name) && !sysIds.has(name)) this.remove(name)
    }
  }

  /** Removes the temporary folder. */
  close(): void {
    if (this.#temporary !== undefined)
      rmSync(this.#temporary, { recursive: true, force: true, maxRetries: 3 })
  }
}
