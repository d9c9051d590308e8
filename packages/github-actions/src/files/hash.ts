import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { type CheckedFile, openChecked } from './checked-file.ts'

/** The SHA-256 of a file as lower-case hex, read as a stream. */
export async function hashFile(file: CheckedFile, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(openChecked(file, signal), hash)
  return hash.digest('hex')
}
