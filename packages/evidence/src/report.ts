/** What a report says, as values, and how it is written in one line. */

/** Tests by outcome; those not in any other count have passed. */
export interface TestCounts {
  tests: number
  failed: number
  errors: number
  skipped: number
  /** With an outcome that is not known: never taken as passed. */
  unknown: number
}

export type TestKey = keyof TestCounts

/** What a report says. */
export interface Report {
  /** One line: `JUnit: 12 tests, 1 failed, 0 errors, 2 skipped`, or `not counted (…)`. */
  readonly text: string
  /** Tests by outcome; undefined for a report of another kind. */
  readonly tests?: TestCounts
  /** Findings by level or severity, in the order they are named. */
  readonly findings?: ReadonlyMap<string, number>
  /** `failures`: something failed or was found; `unclear`: not everything is known; `none`: neither. */
  readonly attention: 'failures' | 'unclear' | 'none'
  /** Why a report that should have counts has none. */
  readonly problem?: string
}

export function noTests(): TestCounts {
  return { tests: 0, failed: 0, errors: 0, skipped: 0, unknown: 0 }
}

/** Words that have no plural of their own. */
const UNCHANGED = /^(failed|skipped|unknown|critical|high|medium|low|negligible|info|review|open)$/

/** `3 errors`, `1 error`, `3 failed`. */
export function counted(count: number, one: string): string {
  return `${count} ${count === 1 || UNCHANGED.test(one) ? one : `${one}s`}`
}

const TEST_WORDS: readonly (readonly [TestKey, string])[] = [
  ['tests', 'test'],
  ['failed', 'failed'],
  ['errors', 'error'],
  ['skipped', 'skipped'],
  ['unknown', 'unknown']
]

/**
 * `12 tests, 1 failed, 0 errors, 2 skipped`, and `1 unknown` where there are any.
 *
 * @param seen what was counted, where the report declares more: `3 failed (1 counted)`
 */
export function testsText(tests: TestCounts, seen: TestCounts = tests): string {
  return TEST_WORDS.filter(([key]) => key !== 'unknown' || tests.unknown > 0)
    .map(([key, one]) => {
      const more = seen[key] < tests[key] ? ` (${seen[key]} counted)` : ''
      return counted(tests[key], one) + more
    })
    .join(', ')
}

/** The report of tests. @param remarks what the report says beside its counts: `the run says Aborted` */
export function testReport(
  format: string,
  tests: TestCounts,
  seen: TestCounts = tests,
  remarks: readonly string[] = []
): Report {
  const bad = tests.failed + tests.errors > 0 || remarks.length > 0
  const differs = TEST_WORDS.some(([key]) => seen[key] < tests[key])
  return {
    text: `${format}: ${[testsText(tests, seen), ...remarks].join(', ')}`,
    tests,
    attention: bad ? 'failures' : tests.unknown > 0 || differs ? 'unclear' : 'none'
  }
}

/** `1 critical, 2 high`. */
export function findingsText(findings: ReadonlyMap<string, number>): string {
  return [...findings].map(([one, count]) => counted(count, one)).join(', ')
}

/**
 * The report of findings.
 *
 * @param order levels in the order they are named; others, which nobody knows, are `unknown`
 * @param remarks what keeps the findings from being complete: `scan failed`
 */
export function findingsReport(
  format: string,
  found: ReadonlyMap<string, number>,
  order: readonly string[],
  remarks: readonly string[] = []
): Report {
  const findings = inOrder(found, order)
  const parts = [...remarks, ...(findings.size === 0 ? [] : [findingsText(findings)])]
  return {
    text: `${format}: ${parts.join(', ') || 'no findings'}`,
    findings,
    attention: parts.length > 0 ? 'failures' : 'none'
  }
}

/** Known levels in their order, all others together as `unknown`. */
export function inOrder(found: ReadonlyMap<string, number>, order: readonly string[]): Map<string, number> {
  const known = order.filter(one => one !== 'unknown')
  const others = [...found].filter(([one]) => !known.includes(one))
  const unknown = others.reduce((sum, [, count]) => sum + count, 0)
  const all = [...known.map(one => [one, found.get(one) ?? 0] as const), ['unknown', unknown] as const]
  return new Map(all.filter(([, count]) => count > 0))
}

/** A report whose counts cannot be had although its format is known, or should be. */
export function notCounted(reason: string, format = ''): Report {
  const start = format === '' ? '' : `${format}: `
  return { text: `${start}not counted (${reason})`, attention: 'unclear', problem: reason }
}

/** Data in a format that is not known. */
export const UNKNOWN_FORMAT: Report = { text: 'not counted', attention: 'none' }

/** What begins as XML or JSON, and is neither. */
export const MALFORMED = notCounted('cut or malformed')

/** Texts that are named of the documents in one file; of more the number must do. */
const MAX_TEXTS = 10

/** Several documents of one file, each text named once. */
export function joinReports(reports: readonly Report[]): Report {
  const texts = [...new Set(reports.map(one => one.text))]
  const more = texts.length > MAX_TEXTS ? [`and ${texts.length - MAX_TEXTS} more`] : []
  const attentions = new Set(reports.map(one => one.attention))
  const attention = (['failures', 'unclear'] as const).find(one => attentions.has(one)) ?? 'none'
  return { text: [...texts.slice(0, MAX_TEXTS), ...more].join('; '), attention }
}
