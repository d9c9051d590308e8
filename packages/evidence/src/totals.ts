import { findingsText, inOrder, noTests, type Report, type TestKey, testsText } from './report.ts'

/** The worst first. */
const LEVELS = [
  'critical',
  'high',
  'error',
  'medium',
  'warning',
  'low',
  'note',
  'negligible',
  'info',
  'review',
  'open'
]

/**
 * Lines with what all reports say together: tests by outcome, findings by level, files without counts. None for a
 * single report, which says it itself.
 */
export function totalsOf(reports: readonly (Report | undefined)[]): readonly string[] {
  const known = reports.filter(one => one !== undefined)
  if (known.length < 2) return []
  const tests = noTests()
  const findings = new Map<string, number>()
  for (const report of known) {
    for (const [key, value] of Object.entries(report.tests ?? {})) tests[key as TestKey] += value
    for (const [level, value] of report.findings ?? [])
      findings.set(level, (findings.get(level) ?? 0) + value)
  }
  const failing = known.filter(one => one.attention === 'failures').length
  const unclear = known.filter(one => one.problem !== undefined).length
  return [
    ...(known.some(one => one.tests !== undefined) ? [`Tests: ${testsText(tests)}`] : []),
    ...(known.some(one => one.findings !== undefined)
      ? [`Findings: ${findingsText(inOrder(findings, LEVELS)) || 'none counted'}`]
      : []),
    ...(failing > 0 ? [`Files with failures or findings: ${failing}`] : []),
    ...(unclear > 0 ? [`Files not counted: ${unclear}`] : [])
  ]
}

const RANK = { failures: 0, unclear: 1, none: 2 } as const

/** The items with failures or findings first, then those that are not clear, then the rest; otherwise in their order. */
export function worstFirst<T extends { readonly report: Report | undefined }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => RANK[a.report?.attention ?? 'none'] - RANK[b.report?.attention ?? 'none'])
}
