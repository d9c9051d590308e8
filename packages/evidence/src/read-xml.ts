import type { QualifiedTag, SAXParser, Tag } from 'sax'
import { readBom } from './bom-xml.ts'
import { readJunit } from './junit.ts'
import { MALFORMED, notCounted, type Report, testsText, UNKNOWN_FORMAT } from './report.ts'
import { readOutcomes } from './test-dialects.ts'
import type { Element, ReportReader } from './xml.ts'

/** Failure messages are attributes and can be long; the parser's own limit (64 KiB) would give up. */
const MAX_TOKEN = 16 * 1024 * 1024

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
    for await (const chunk of text) {
      parser.write(chunk)
      if (reading.done()) return reading.report()
    }
    parser.close()
  } catch {
    return reading.cut()
  }
  return reading.report()
}

interface Reading {
  done(): boolean
  report(): Report | undefined
  /** For a file that ends too early. */
  cut(): Report | undefined
}

function readDocument(parser: SAXParser): Reading {
  const path: string[] = []
  let reader: ReportReader | undefined
  let other: { report: Report | undefined } | undefined
  let malformed = false
  let entities = false
  parser.onerror = error => {
    if (entities || !HARMLESS_ERROR.test(error.message)) malformed = true
    ;(parser as { error: unknown }).error = null
  }
  // Entities of its own could say anything, and be as long as they like.
  parser.ondoctype = doctype => {
    entities = doctype.includes('[')
  }
  parser.onopentag = tag => {
    const element = elementOf(tag)
    if (path.length === 0) {
      reader = readerOf(element)
      if (reader === undefined) other = { report: element.name === 'html' ? undefined : UNKNOWN_FORMAT }
      else if (entities) other = { report: notCounted('it has entities of its own', reader.format) }
    }
    reader?.open(element, path)
    path.push(element.name)
  }
  parser.onclosetag = name => {
    path.pop()
    reader?.close(localName(name), path)
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
    done: () => malformed || other !== undefined,
    cut,
    report: () => (malformed || reader === undefined ? cut() : (other?.report ?? reader.report()))
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
