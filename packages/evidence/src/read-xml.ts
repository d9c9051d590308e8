import type { QualifiedTag, SAXParser, Tag } from 'sax'
import { readBom } from './bom-xml.ts'
import { readJunit } from './junit.ts'
import { BeyondLimit, MAX_ATTRIBUTES, MAX_DEPTH, MAX_INVALID } from './limits.ts'
import { MALFORMED, notCounted, type Report, testsText, UNKNOWN_FORMAT } from './report.ts'
import { readOutcomes } from './test-dialects.ts'
import type { Element, ReportReader } from './xml.ts'

/** Failure messages are attributes and can be long; the parser's own limit (64 KiB) would give up. */
const MAX_TOKEN = 4 * 1024 * 1024

/**
 * Tools write what a program printed into their reports: colour codes and NUL as references, and bare ampersands.
 * XML has no such characters, and the counts do not depend on them.
 */
const HARMLESS_ERROR = /^Invalid character (entity|in entity name)/

/** What the text of an XML file says; undefined for a page or another document that is made to be read. */
export async function describeXml(text: AsyncIterable<string>): Promise<Report | undefined> {
  const { default: sax } = await import('sax')
  Object.assign(sax, { MAX_BUFFER_LENGTH: MAX_TOKEN })
  const parser = sax.parser(true)
  const reading = readDocument(parser)
  try {
    for await (const chunk of text) withoutStacks(() => writeSlices(parser, chunk))
    parser.close()
  } catch (error) {
    return error instanceof BeyondLimit ? reading.beyond(error) : reading.cut()
  }
  return reading.report()
}

interface Reading {
  report(): Report | undefined
  /** For a file that ends too early, is malformed, or needs not be read to its end. */
  cut(): Report | undefined
  beyond(limit: BeyondLimit): Report
}

/** UTF-16 units that the parser is given at once. */
const SLICE = 2_048

/** For a declaration (`<!…`) the parser takes time with the square of its length; a real one is a few words. */
function writeSlices(parser: SAXParser, chunk: string): void {
  for (let from = 0; from < chunk.length; from += SLICE) {
    parser.write(chunk.slice(from, from + SLICE))
    const { sgmlDecl = '' } = parser as { sgmlDecl?: string }
    if (sgmlDecl.length >= SLICE) throw new Enough()
  }
}

/** The parser makes an error of each character that is no XML; a stack for each would take ten times as long. */
function withoutStacks(action: () => void): void {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    action()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Ends the reading at once: the parser would go on to the end of what it was given. */
class Enough extends Error {}

function readDocument(parser: SAXParser): Reading {
  const path: string[] = []
  let reader: ReportReader | undefined
  let other: { report: Report | undefined } | undefined
  let entities = false
  let attributes = 0
  let invalid = 0
  parser.onerror = error => {
    if (entities || !HARMLESS_ERROR.test(error.message)) throw new Enough()
    invalid += 1
    if (invalid > MAX_INVALID) throw new BeyondLimit(`over ${MAX_INVALID} invalid characters`)
    ;(parser as { error: unknown }).error = null
  }
  parser.onattribute = () => {
    attributes += 1
    if (attributes > MAX_ATTRIBUTES) throw new BeyondLimit(`over ${MAX_ATTRIBUTES} attributes in an element`)
  }
  // Entities of its own could say anything, and be as long as they like.
  parser.ondoctype = doctype => {
    entities = doctype.includes('[')
  }
  parser.onopentag = tag => {
    attributes = 0
    if (path.length >= MAX_DEPTH) throw new BeyondLimit('nested too deeply')
    const element = elementOf(tag)
    if (path.length === 0) {
      reader = readerOf(element)
      if (reader === undefined) other = { report: element.name === 'html' ? undefined : UNKNOWN_FORMAT }
      else if (entities) other = { report: notCounted('it has entities of its own', reader.format) }
      if (other !== undefined) throw new Enough()
    }
    reader?.open(element, path)
    path.push(element.name)
  }
  parser.onclosetag = name => {
    path.pop()
    reader?.close(localName(name))
  }
  const cut = () => {
    if (other !== undefined) return other.report
    if (reader === undefined) return MALFORMED
    const tests = reader.tests?.()
    const seen = tests === undefined || tests.tests === 0 ? '' : `; up to there ${testsText(tests)}`
    const report = notCounted(`cut or malformed${seen}`, reader.format)
    return tests !== undefined && tests.failed + tests.errors > 0
      ? { ...report, attention: 'failures' as const }
      : report
  }
  return {
    cut,
    beyond: ({ message }) => notCounted(message, reader?.format),
    report: () => reader?.report() ?? cut()
  }
}

function readerOf(root: Element): ReportReader | undefined {
  return readJunit(root) ?? readOutcomes(root) ?? readBom(root)
}

/** Names without a namespace's prefix, those of attributes in lower case: tools differ in both. */
function elementOf({ name, attributes }: Tag | QualifiedTag): Element {
  const pairs = Object.entries(attributes).map(([key, value]) => [key.toLowerCase(), String(value)])
  return { name: localName(name), attributes: Object.fromEntries(pairs) }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
