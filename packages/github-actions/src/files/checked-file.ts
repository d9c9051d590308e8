/** A file that was checked and is opened later: what is read is what was checked. */
import fs, { type BigIntStats, constants, createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'

/** Which file it was when it was checked. */
export interface FileIdentity {
  readonly device: bigint
  readonly inode: bigint
}

/** A file that may be attached. */
export interface CheckedFile {
  /** The real path, symbolic links resolved. */
  readonly path: string
  readonly size: number
  readonly identity: FileIdentity
}

export function identityOf({ dev, ino }: BigIntStats): FileIdentity {
  return { device: dev, inode: ino }
}

/** Read at once: less takes longer, more takes more memory than it saves time (npm run bench -- large-file). */
const CHUNK_BYTES = 128 * 1024

/**
 * Reads as much of a file as it had when it was checked; a file that still grows is not read further. The stream fails
 * where another file is at its path by now, or it has become shorter.
 */
export function openChecked(file: CheckedFile, signal?: AbortSignal): Readable {
  return createReadStream(file.path, {
    end: file.size - 1,
    highWaterMark: CHUNK_BYTES,
    ...(signal === undefined ? {} : { signal }),
    fs: { open: opener(file), read: fs.read, close: fs.close }
  })
}

type Opened = (error: Error | null, handle?: number) => void

/** Opens a file and looks what was opened, before anything is read of it. */
function opener(file: CheckedFile) {
  return (path: string, _flags: unknown, _mode: unknown, opened: Opened): void => {
    // A pipe or device in its place must not make the step wait.
    fs.open(path, constants.O_RDONLY | noWait(), (error, handle) => {
      if (error !== null) return opened(error)
      fs.fstat(handle, { bigint: true }, (failed, status) => {
        const problem = failed ?? problemOf(file, status, handle)
        if (problem === undefined) return opened(null, handle)
        fs.close(handle, () => opened(problem))
      })
    })
  }
}

/** Windows knows neither of the two. */
function noWait(): number {
  return (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)
}

function problemOf(
  { path, size, identity }: CheckedFile,
  status: BigIntStats,
  handle: number
): Error | undefined {
  const same = status.dev === identity.device && status.ino === identity.inode && status.isFile()
  if (!same || placeOf(handle, path) !== path)
    return new Error(`another file is at ${path} since it was checked`)
  return status.size < BigInt(size) ? new Error(`${path} has become shorter since it was checked`) : undefined
}

/** Where an open file is, as Linux tells it; on other systems the path it was opened by. */
function placeOf(handle: number, path: string): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${handle}`)
  } catch {
    return path
  }
}
