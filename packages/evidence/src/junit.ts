import { noTests, type TestCounts, type TestKey, testReport } from './report.ts'
import { count, word } from './values.ts'
import type { Element, ReportReader } from './xml.ts'

type Outcome = 'failed' | 'errors' | 'skipped' | 'unknown'

/** Elements in a test case that say how it ended. */
const ELEMENTS: ReadonlyMap<string, Outcome> = new Map([
  ['failure', 'failed'],
  ['error', 'errors'],
  ...['skipped', 'skip', 'ignored', 'disabled', 'pending', 'notrun', 'inconclusive'].map(
    name => [name, 'skipped'] as const
  )
])

/** Words of the attributes `status` and `result`, which GoogleTest, CTest, JetBrains and behave use instead. */
const WORDS: Readonly<Record<Outcome | 'passed', readonly string[]>> = {
  passed: [
    'passed',
    'pass',
    'run',
    'ran',
    'ok',
    'success',
    'successful',
    'succeeded',
    'complete',
    'completed'
  ].concat(['executed', 'finished', 'done', 'fixed', 'xpass', 'xpassed', 'true', '']),
  failed: ['failed', 'fail', 'failure', 'regression', 'false'],
  errors: ['error', 'errored', 'broken', 'aborted', 'timeout', 'timedout', 'crashed'],
  skipped: [
    'skipped',
    'skip',
    'notrun',
    'disabled',
    'ignored',
    'suppressed',
    'pending',
    'untested',
    'todo'
  ].concat(['inconclusive', 'filtered', 'xfail', 'xfailed', 'excluded', 'deselected']),
  unknown: []
}

/** What the attributes of a suite or of the root are called. */
const DECLARED: Readonly<Record<string, TestKey>> = {
  tests: 'tests',
  failures: 'failed',
  failed: 'failed',
  errors: 'errors',
  skipped: 'skipped',
  skips: 'skipped',
  skip: 'skipped',
  disabled: 'skipped',
  ignored: 'skipped'
}

const KEYS = Object.keys(noTests()) as TestKey[]

/** A suite that is open, and what was found in it. */
interface Suite {
  readonly element: Element
  /** Of its cases, and of the suites in it, each with what they declare where that is more. */
  readonly found: TestCounts
}

/**
 * Counts the cases of JUnit XML, and holds them against what the suites declare: a failure that no case carries
 * counts all the same. Undefined for another root.
 */
export function readJunit({ name }: Element): ReportReader | undefined {
  if (name !== 'testsuites' && name !== 'testsuite') return undefined
  const seen = noTests()
  const suites: Suite[] = []
  let total = noTests()
  let outcomes: Set<Outcome> | undefined
  /** Cases inside each other; the outermost counts. */
  let openCases = 0
  const add = (key: TestKey): void => {
    seen[key] += 1
    const suite = suites.at(-1)
    if (suite !== undefined) suite.found[key] += 1
  }
  const endSuite = (): void => {
    const suite = suites.pop()
    if (suite === undefined) return
    const outer = suites.at(-1)?.found
    total = worst(suite)
    if (outer !== undefined) for (const key of KEYS) outer[key] += total[key]
  }
  const endCase = (): void => {
    const counted = outcomes ?? new Set()
    // What failed was run, whatever an attribute says.
    if (counted.has('failed') || counted.has('errors'))
      for (const one of ['skipped', 'unknown'] as const) counted.delete(one)
    for (const one of counted) add(one)
    outcomes = undefined
  }
  return {
    format: 'JUnit',
    open(element, path) {
      const parent = path.at(-1)
      if (isSuite(element.name)) suites.push({ element, found: noTests() })
      else if (element.name === 'testcase') {
        openCases += 1
        if (openCases > 1) return
        add('tests')
        outcomes = outcomesOf(element)
      } else {
        const outcome = ELEMENTS.get(element.name)
        if (outcome === undefined) return
        // One case can fail in several assertions, and is still one failed case.
        if (parent === 'testcase') outcomes?.add(outcome)
        else if (parent !== undefined && isSuite(parent)) add(outcome)
      }
    },
    close(name) {
      if (isSuite(name)) endSuite()
      if (name !== 'testcase') return
      openCases -= 1
      if (openCases === 0) endCase()
    },
    tests: () => ({ ...seen }),
    // Some tools list no cases, or only failed suites; then the declared numbers are all there is.
    report: () => testReport('JUnit', total, seen.tests === 0 ? total : seen)
  }
}

function isSuite(name: string): boolean {
  return name === 'testsuites' || name === 'testsuite'
}

/** What was found or declared, whichever is more. */
function worst({ element, found }: Suite): TestCounts {
  const declared = declaredOf(element, found.tests === 0)
  return Object.fromEntries(
    KEYS.map(key => [key, Math.max(declared[key], found[key])])
  ) as unknown as TestCounts
}

/** @param alone nothing was counted: `skipped` and `disabled` are added, which elsewhere may say the same twice */
function declaredOf({ attributes }: Element, alone: boolean): TestCounts {
  const counts = noTests()
  for (const [name, key] of Object.entries(DECLARED)) {
    const number = count(attributes[name])
    counts[key] = alone ? counts[key] + number : Math.max(counts[key], number)
  }
  return counts
}

function outcomesOf({ attributes }: Element): Set<Outcome> {
  const words = [attributes.status, attributes.result].map(each => word(each).replace(/[\s_-]/g, ''))
  const said = words.map(outcomeOf).filter(one => one !== 'passed')
  return new Set(said.slice(0, 1).concat(said.includes('failed') ? ['failed'] : []))
}

function outcomeOf(said: string): Outcome | 'passed' {
  const entry = Object.entries(WORDS).find(([, words]) => words.includes(said))
  return (entry?.[0] ?? 'unknown') as Outcome | 'passed'
}
