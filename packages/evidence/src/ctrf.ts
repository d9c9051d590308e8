import { type Shape, VALUE } from './json-documents.ts'
import { noTests, type Report, type TestCounts, testReport } from './report.ts'
import { count, list, record, word } from './values.ts'

/** What is read of a report. */
export const CTRF: Shape = {
  reportFormat: VALUE,
  results: {
    tool: VALUE,
    tests: { status: VALUE },
    summary: {
      tests: VALUE,
      passed: VALUE,
      failed: VALUE,
      skipped: VALUE,
      pending: VALUE,
      other: VALUE
    }
  }
}

/** Pending tests were not run. */
const OUTCOMES: ReadonlyMap<string, keyof TestCounts | 'passed'> = new Map([
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
  ['pending', 'skipped']
])

/** The counts of a report in the Common Test Report Format; undefined for anything else. */
export function describeCtrf(report: unknown): Report | undefined {
  const { reportFormat, results } = record(report)
  const { summary, tests, tool } = record(results)
  const claimed = reportFormat === 'CTRF' || (tool !== undefined && 'tests' in record(summary))
  if (!claimed || !(Array.isArray(tests) || summary !== undefined)) return undefined
  const seen = noTests()
  for (const test of list(tests).map(record)) {
    seen.tests += 1
    const outcome = OUTCOMES.get(word(test.status)) ?? 'unknown'
    if (outcome !== 'passed') seen[outcome] += 1
  }
  const told = declaredOf(record(summary))
  if (seen.tests === 0) return testReport('CTRF', told)
  const worst = Object.entries(seen).map(([key, value]) => [
    key,
    Math.max(value, told[key as keyof TestCounts])
  ])
  return testReport('CTRF', Object.fromEntries(worst) as TestCounts, seen)
}

function declaredOf(summary: Readonly<Record<string, unknown>>): TestCounts {
  return {
    tests: count(summary.tests),
    failed: count(summary.failed),
    errors: 0,
    skipped: count(summary.skipped) + count(summary.pending),
    unknown: count(summary.other)
  }
}
