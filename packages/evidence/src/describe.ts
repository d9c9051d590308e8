import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { describeJunit } from './junit.ts'
import { describeSarif } from './sarif.ts'
import { describeTrivy } from './trivy.ts'

/** A larger report is attached all the same, only without its counts. */
const MAX_BYTES = 50 * 1024 * 1024
const START_BYTES = 4096

/** A file to look into: its path, and its size in bytes. */
export interface ReportFile {
  readonly path: string
  readonly size: number
}

/**
 * What a report says, in one line: "JUnit: 12 tests, 1 failed, 0 errors, 2 skipped", "SARIF: 3 errors,
 * 1 warning", "Trivy: 1 critical, 2 high". Reports are known by their content. Undefined for any other,
 * malformed, unreadable or too large (over 50 MiB) file.
 */
export async function describeEvidence(file: ReportFile): Promise<string | undefined> {
  if (file.size > MAX_BYTES) return undefined
  try {
    const start = await readStart(file.path)
    const encoding = encodingOf(start)
    const first = new TextDecoder(encoding).decode(start).trimStart()[0]
    if (first === '<') return await describeJunit(readText(file.path, encoding))
    if (first === '{' || first === '[') return describeJson(await readFile(file.path), encoding)
  } catch {
    // A file that cannot be read or understood has no counts; it is not this function's to complain.
  }
  return undefined
}

function describeJson(content: Buffer, encoding: string): string | undefined {
  const report: unknown = JSON.parse(new TextDecoder(encoding).decode(content))
  return describeSarif(report) ?? describeTrivy(report)
}

async function readStart(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** By the byte order mark, which tools on Windows like to write. */
function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le'
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8'
}

async function* readText(path: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of createReadStream(path, { end: MAX_BYTES })) {
    yield decoder.decode(chunk as Buffer, { stream: true })
  }
  yield decoder.decode()
}
