import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { TextDecoder } from 'node:util'
import { BOM, describeBom } from './bom.ts'
import { CTRF, describeCtrf } from './ctrf.ts'
import { describeInToto, IN_TOTO } from './in-toto.ts'
import { BeyondLimit, MAX_BYTES } from './limits.ts'
import { readJson } from './read-json.ts'
import { describeXml } from './read-xml.ts'
import { joinReports, MALFORMED, notCounted, type Report, UNKNOWN_FORMAT } from './report.ts'
import { describeSarif, SARIF } from './sarif.ts'
import { describeTrivy, TRIVY } from './trivy.ts'

/** Files of these names hold data; so do those without an extension. */
const DATA_EXTENSION = /\.(xml|trx|json|jsonl|sarif|intoto|spdx|cdx|bom)$/i

/** A file to look into. */
export interface ReportFile {
  /** Its name tells whether it should be a report. */
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** Its bytes. Called once. */
  open(): Readable
}

const SHAPES = [...SARIF, CTRF, TRIVY, BOM, IN_TOTO]
const FORMATS = [describeSarif, describeCtrf, describeTrivy, describeBom]

/**
 * What a report says: "JUnit: 12 tests, 1 failed, 0 errors, 2 skipped", "SARIF: 3 errors, 1 warning". Reports are
 * known by their content. XML and JSON that is cut, malformed, too large (over 50 MiB), too deep or in a format that is
 * not known is `not counted`, never clean. Undefined for any other file. Files are read as streams: the process hears
 * signals meanwhile, whatever is in them.
 */
export async function describeEvidence(file: ReportFile): Promise<Report | undefined> {
  const bytes = file.open()
  try {
    return await describeBytes(file, bytes)
  } catch {
    return notCounted('cannot be read')
  } finally {
    bytes.destroy()
  }
}

async function describeBytes({ path, size }: ReportFile, bytes: Readable): Promise<Report | undefined> {
  const chunks: AsyncIterator<Buffer> = bytes[Symbol.asyncIterator]()
  const { value: start = Buffer.alloc(0) } = await chunks.next()
  const decoder = new TextDecoder(encodingOf(start))
  const text = decoder.decode(start, { stream: true })
  const sign = text.trimStart()[0]
  if (sign !== '<' && sign !== '{' && sign !== '[') {
    if (text.trimStart().startsWith('SPDXVersion:')) return notCounted('SPDX tag-value; JSON is read')
    return DATA_EXTENSION.test(path) ? notCounted('neither XML nor JSON') : undefined
  }
  if (size > MAX_BYTES) return notCounted('over 50 MiB')
  const whole = textOf(text, chunks, decoder)
  const report = await (sign === '<' ? describeXml(whole) : describeJson(whole))
  // A log may begin with a bracket.
  return report === MALFORMED && !isData(path) ? undefined : report
}

function isData(path: string): boolean {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return !name.includes('.') || DATA_EXTENSION.test(name)
}

/** By the byte order mark, which tools on Windows like to write. */
function encodingOf(start: Buffer): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le'
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8'
}

async function* textOf(
  start: string,
  chunks: AsyncIterator<Buffer>,
  decoder: TextDecoder
): AsyncGenerator<string> {
  yield start
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
    yield decoder.decode(next.value, { stream: true })
  yield decoder.decode()
}

async function describeJson(text: AsyncIterable<string>): Promise<Report | undefined> {
  const reports: Report[] = []
  try {
    for await (const document of readJson(text, SHAPES)) reports.push(await describeDocument(document))
  } catch (error) {
    return error instanceof BeyondLimit ? notCounted(error.message) : MALFORMED
  }
  return reports.length > 1 ? joinReports(reports) : reports[0]
}

async function describeDocument(document: unknown): Promise<Report> {
  for (const describe of FORMATS) {
    const report = describe(document)
    if (report !== undefined) return report
  }
  return (await describeInToto(document, openEnvelope)) ?? UNKNOWN_FORMAT
}

/** @throws for what is no JSON */
async function openEnvelope(payload: string): Promise<readonly unknown[]> {
  const documents: unknown[] = []
  for await (const one of readJson(decodeBase64(payload), [IN_TOTO])) documents.push(one)
  return documents
}

/** Signs that are decoded in one turn of the event loop. */
const SLICE = 64 * 1024

async function* decodeBase64(text: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let left = ''
  for (let from = 0; from < text.length; from += SLICE) {
    await setImmediate()
    const signs = left + text.slice(from, from + SLICE).replace(/\s/g, '')
    // Four signs are three bytes.
    const whole = signs.length - (signs.length % 4)
    left = signs.slice(whole)
    yield decoder.decode(Buffer.from(signs.slice(0, whole), 'base64'), { stream: true })
  }
  yield decoder.decode(Buffer.from(left, 'base64'))
}
