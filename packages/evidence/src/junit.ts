import type { QualifiedTag, SAXParser, Tag } from 'sax'
import { plural } from './counts.ts'

/** Failure messages are attributes and can be long; the parser's own limit (64 KiB) would give up. */
const MAX_TOKEN = 16 * 1024 * 1024

interface Counts {
  tests: number
  failed: number
  errors: number
  skipped: number
}

/** The counts of a JUnit report; undefined when the text is no well-formed JUnit XML. */
export async function describeJunit(text: AsyncIterable<string>): Promise<string | undefined> {
  const { default: sax } = await import('sax')
  Object.assign(sax, { MAX_BUFFER_LENGTH: MAX_TOKEN })
  const parser = sax.parser(true)
  const reader = readReport(parser)
  for await (const chunk of text) {
    parser.write(chunk)
    if (reader.notJunit()) return undefined
  }
  parser.close()
  if (reader.notJunit()) return undefined
  const { tests, failed, errors, skipped } = reader.counts()
  return `JUnit: ${plural(tests, 'test')}, ${failed} failed, ${plural(errors, 'error')}, ${skipped} skipped`
}

type Outcome = 'failed' | 'errors' | 'skipped'
const OUTCOMES: Readonly<Record<string, Outcome>> = { failure: 'failed', error: 'errors', skipped: 'skipped' }

/**
 * Counts test cases as they pass by. A document with a document type is not ours to read: no JUnit report has
 * one, and entities are all it would be good for.
 */
function readReport(parser: SAXParser): { notJunit(): boolean; counts(): Counts } {
  const path: string[] = []
  const counts: Counts = { tests: 0, failed: 0, errors: 0, skipped: 0 }
  const declared: Counts = { tests: 0, failed: 0, errors: 0, skipped: 0 }
  let seen = new Set<Outcome>()
  let notJunit = false
  parser.onerror = parser.ondoctype = () => {
    notJunit = true
  }
  parser.onopentag = tag => {
    const parent = path.at(-1)
    path.push(tag.name)
    if (parent === undefined && tag.name !== 'testsuites' && tag.name !== 'testsuite') notJunit = true
    if (tag.name === 'testsuite' && parent !== 'testsuite') addDeclared(declared, tag)
    if (tag.name === 'testcase') {
      counts.tests += 1
      seen = new Set()
    }
    const outcome = OUTCOMES[tag.name]
    if (outcome === undefined || (parent !== 'testcase' && parent !== 'testsuite')) return
    // One case can fail in several assertions, and is still one failed case.
    if (parent === 'testcase' && seen.has(outcome)) return
    if (parent === 'testcase') seen.add(outcome)
    counts[outcome] += 1
  }
  parser.onclosetag = () => void path.pop()
  return { notJunit: () => notJunit, counts: () => (counts.tests > 0 ? counts : merge(counts, declared)) }
}

/** Some tools list no cases, or only failed suites; then the numbers the outer suites declare count. */
function merge(counts: Counts, declared: Counts): Counts {
  return {
    tests: declared.tests,
    failed: Math.max(counts.failed, declared.failed),
    errors: Math.max(counts.errors, declared.errors),
    skipped: Math.max(counts.skipped, declared.skipped)
  }
}

function addDeclared(declared: Counts, { attributes }: Tag | QualifiedTag): void {
  const number = (name: string): number => {
    const value = attributes[name]
    return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : 0
  }
  declared.tests += number('tests')
  declared.failed += number('failures')
  declared.errors += number('errors')
  declared.skipped += number('skipped') || number('disabled')
}
