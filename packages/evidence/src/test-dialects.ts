/** NUnit, xUnit.net, TestNG and TRX: test cases that name their outcome in an attribute, and totals at the top. */
import { excerpt } from './limits.ts'
import { noTests, type TestCounts, type TestKey, testReport } from './report.ts'
import { count, word } from './values.ts'
import type { Element, ReportReader } from './xml.ts'

type Outcome = Exclude<TestKey, 'tests'> | 'passed'

interface Dialect {
  readonly format: string
  /** Whether a document with this root is one. */
  reads(root: Element): boolean
  /** The outcome of a test case; undefined for an element that is none. */
  outcomeOf(element: Element, path: readonly string[]): Outcome | undefined
  /** Further failures that belong to no test case: of a fixture, a configuration method, the run. */
  failureOf?(element: Element, path: readonly string[]): 'failed' | 'errors' | undefined
  /** What an element declares of the whole. */
  declaredOf(element: Element, path: readonly string[]): Partial<TestCounts> | undefined
  /** What the run says of itself: `the run says Aborted`; '' when all is well. */
  verdictOf?(element: Element, path: readonly string[]): string
}

type Words = Readonly<Partial<Record<string, Outcome>>>

function say(words: Words, said: string | undefined): Outcome {
  const key = word(said)
  return (Object.hasOwn(words, key) ? words[key] : undefined) ?? 'unknown'
}

const NUNIT: Words = {
  passed: 'passed',
  success: 'passed',
  failed: 'failed',
  failure: 'failed',
  error: 'errors',
  cancelled: 'errors',
  notrunnable: 'errors',
  invalid: 'errors',
  skipped: 'skipped',
  ignored: 'skipped',
  inconclusive: 'skipped'
}

/** Root `test-run` (version 3) or `test-results` (version 2, where `result` is missing on what was not run). */
const nunit: Dialect = {
  format: 'NUnit',
  reads: ({ name }) => name === 'test-run' || name === 'test-results',
  outcomeOf({ name, attributes }) {
    if (name !== 'test-case') return undefined
    const { result, label, executed, success } = attributes
    if (word(executed) === 'false') return word(result) === 'notrunnable' ? 'errors' : 'skipped'
    if (result === undefined && success !== undefined) return word(success) === 'true' ? 'passed' : 'failed'
    const outcome = say(NUNIT, result)
    return outcome === 'failed' && ['error', 'cancelled', 'invalid'].includes(word(label))
      ? 'errors'
      : outcome
  },
  // What a fixture's TearDown does is no test case's failure; its SetUp fails all of them.
  failureOf: ({ name, attributes }) =>
    name === 'test-suite' && word(attributes.result) === 'failed' && word(attributes.site) === 'teardown'
      ? 'errors'
      : undefined,
  declaredOf({ name, attributes }, path) {
    if (path.length > 0) return undefined
    const of = (key: string) => count(attributes[key])
    if (name === 'test-run') {
      const tests = Math.max(of('total'), of('testcasecount'))
      return { tests, failed: of('failed'), skipped: of('skipped') + of('inconclusive') }
    }
    const skipped = Math.max(of('not-run'), of('ignored') + of('skipped')) + of('inconclusive')
    return { tests: of('total'), failed: of('failures'), errors: of('errors') + of('invalid'), skipped }
  },
  verdictOf: ({ name, attributes }) =>
    name === 'test-run' && /^(failed|error|cancelled|invalid)$/.test(word(attributes.result))
      ? (attributes.result ?? '')
      : ''
}

const XUNIT: Words = {
  pass: 'passed',
  fail: 'failed',
  skip: 'skipped',
  notrun: 'skipped',
  notexecuted: 'skipped'
}

/** Root `assemblies`, or `assembly` in version 1; a manifest of .NET has that name too, and a namespace. */
const xunit: Dialect = {
  format: 'xUnit.net',
  reads: ({ name, attributes }) =>
    name === 'assemblies' || (name === 'assembly' && attributes.xmlns === undefined && 'total' in attributes),
  outcomeOf: ({ name, attributes }) => (name === 'test' ? say(XUNIT, attributes.result) : undefined),
  failureOf: ({ name }, path) => (name === 'error' && path.at(-1) === 'errors' ? 'errors' : undefined),
  declaredOf({ name, attributes }) {
    if (name !== 'assembly') return undefined
    const of = (key: string) => count(attributes[key])
    return {
      tests: of('total'),
      failed: of('failed'),
      errors: of('errors'),
      skipped: of('skipped') + of('not-run')
    }
  }
}

const TESTNG: Words = { pass: 'passed', fail: 'failed', skip: 'skipped', ignored: 'skipped' }

const testng: Dialect = {
  format: 'TestNG',
  reads: ({ name }) => name === 'testng-results',
  outcomeOf: ({ name, attributes }) =>
    name === 'test-method' && word(attributes['is-config']) !== 'true'
      ? say(TESTNG, attributes.status)
      : undefined,
  failureOf: ({ name, attributes }) =>
    name === 'test-method' && word(attributes['is-config']) === 'true' && word(attributes.status) === 'fail'
      ? 'errors'
      : undefined,
  declaredOf({ attributes }, path) {
    if (path.length > 0) return undefined
    const of = (key: string) => count(attributes[key])
    return { tests: of('total'), failed: of('failed'), skipped: of('skipped') + of('ignored') }
  }
}

const TRX: Words = {
  passed: 'passed',
  failed: 'failed',
  error: 'errors',
  timeout: 'errors',
  aborted: 'errors',
  disconnected: 'errors',
  notexecuted: 'skipped',
  notrunnable: 'skipped',
  inconclusive: 'skipped',
  pending: 'skipped'
}

const trx: Dialect = {
  format: 'TRX',
  reads: ({ name }) => name === 'TestRun',
  // The rows of a data-driven test lie inside its result, which has the worst outcome of them.
  outcomeOf: ({ name, attributes }, path) =>
    name.endsWith('Result') && path.at(-1) === 'Results' ? say(TRX, attributes.outcome) : undefined,
  declaredOf({ name, attributes }) {
    if (name !== 'Counters') return undefined
    const of = (...keys: string[]) => keys.reduce((sum, key) => sum + count(attributes[key]), 0)
    return {
      tests: of('total'),
      failed: of('failed'),
      errors: of('error', 'timeout', 'aborted', 'disconnected'),
      skipped: of('notexecuted', 'notrunnable', 'inconclusive', 'pending')
    }
  },
  verdictOf: ({ name, attributes }) =>
    name === 'ResultSummary' && !['completed', 'passed', 'warning', ''].includes(word(attributes.outcome))
      ? (attributes.outcome ?? '')
      : ''
}

const DIALECTS = [nunit, xunit, testng, trx]

/** A reader for a report of one of these dialects; undefined for another root. */
export function readOutcomes(root: Element): ReportReader | undefined {
  const dialect = DIALECTS.find(one => one.reads(root))
  return dialect === undefined ? undefined : readerFor(dialect)
}

function readerFor(dialect: Dialect): ReportReader {
  const seen = noTests()
  const declared = noTests()
  let verdict = ''
  return {
    format: dialect.format,
    open(element, path) {
      const outcome = dialect.outcomeOf(element, path)
      if (outcome !== undefined) seen.tests += 1
      if (outcome !== undefined && outcome !== 'passed') seen[outcome] += 1
      const failure = dialect.failureOf?.(element, path)
      if (failure !== undefined) seen[failure] += 1
      const told = Object.entries(dialect.declaredOf(element, path) ?? {})
      for (const [key, value] of told) declared[key as TestKey] += value
      verdict ||= dialect.verdictOf?.(element, path) ?? ''
    },
    close: () => undefined,
    tests: () => ({ ...seen }),
    report() {
      const keys = Object.keys(seen) as TestKey[]
      const pairs = keys.map(key => [key, Math.max(seen[key], declared[key])])
      const total = Object.fromEntries(pairs) as unknown as TestCounts
      // One failure may be declared as failed, and be an error by its label.
      const { failed, errors } = seen
      if (declared.failed + declared.errors <= failed + errors) Object.assign(total, { failed, errors })
      // A run that has failed for reasons that its cases tell needs no words of its own.
      const unexplained = verdict !== '' && total.failed + total.errors === 0
      const remarks =
        unexplained || /abort|timeout|error/i.test(verdict) ? [`the run says ${excerpt(verdict)}`] : []
      return testReport(dialect.format, total, seen.tests === 0 ? total : seen, remarks)
    }
  }
}
