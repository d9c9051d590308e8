import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { describeBom } from './bom.ts'
import { describeCtrf } from './ctrf.ts'
import { describeInToto } from './in-toto.ts'
import { describeXml } from './read-xml.ts'
import { MALFORMED, notCounted, type Report, UNKNOWN_FORMAT } from './report.ts'
import { describeSarif } from './sarif.ts'
import { describeTrivy } from './trivy.ts'

/** A larger report is attached all the same, only without its counts. */
const MAX_BYTES = 50 * 1024 * 1024
const START_BYTES = 4096

/** Files of these names, or without an extension, hold data. */
const DATA_NAME = /(^|[\\/])[^.\\/]+$|\.(xml|trx|json|jsonl|sarif|intoto|spdx|cdx|bom)$/i

/** A file to look into: its path, and its size in bytes. */
export interface ReportFile {
  readonly path: string
  readonly size: number
}

const FORMATS = [describeSarif, describeCtrf, describeTrivy, describeBom, describeInToto]

/**
 * What a report says: "JUnit: 12 tests, 1 failed, 0 errors, 2 skipped", "SARIF: 3 errors, 1 warning". Reports are
 * known by their content. XML and JSON that is cut, malformed, too large (over 50 MiB) or in a format that is not
 * known is `not counted`, never clean. Undefined for any other file.
 */
export async function describeEvidence(file: ReportFile): Promise<Report | undefined> {
  try {
    const start = await readStart(file.path)
    const encoding = encodingOf(start)
    const first = new TextDecoder(encoding).decode(start).trimStart()[0]
    if (first !== '<' && first !== '{' && first !== '[') {
      return /\.(xml|trx|json|sarif)$/i.test(file.path) ? notCounted('neither XML nor JSON') : undefined
    }
    const named = DATA_NAME.test(file.path)
    if (file.size > MAX_BYTES) return notCounted('over 50 MiB')
    const report =
      first === '<'
        ? await describeXml(readText(file.path, encoding))
        : describeJson(new TextDecoder(encoding).decode(await readFile(file.path)))
    // A log may begin with a bracket.
    return report === MALFORMED && !named ? undefined : report
  } catch {
    return notCounted('cannot be read')
  }
}

function describeJson(text: string): Report | undefined {
  const documents = parse(text)
  if (documents === undefined) return MALFORMED
  const reports = documents.map(one => {
    for (const describe of FORMATS) {
      const report = describe(one)
      if (report !== undefined) return report
    }
    return UNKNOWN_FORMAT
  })
  const [report] = reports
  return reports.length === 1 ? report : joined(reports)
}

/** The document, or one of each line; undefined for what is no JSON. */
function parse(text: string): readonly unknown[] | undefined {
  try {
    return [JSON.parse(text)]
  } catch {
    const lines = text.split('\n').filter(line => line.trim() !== '')
    if (lines.length < 2) return undefined
    try {
      return lines.map(line => JSON.parse(line))
    } catch {
      return undefined
    }
  }
}

/** Several documents of one file, each named once. */
function joined(reports: readonly Report[]): Report {
  const texts = [...new Set(reports.map(one => one.text))]
  const attentions = reports.map(one => one.attention)
  const attention = (['failures', 'unclear'] as const).find(one => attentions.includes(one)) ?? 'none'
  return { text: texts.join('; '), attention }
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
