import { list, plural, record } from './counts.ts'

/**
 * The findings of a SARIF log by level, without those suppressed in the source or gone since the
 * baseline; undefined for anything else. OASIS SARIF 2.1.0, sections 3.27.9 (how a level is found),
 * 3.27.23 (suppressions) and 3.27.24 (baselineState).
 */
export function describeSarif(report: unknown): string | undefined {
  const { version, $schema, runs } = record(report)
  const claimed = /^2\.\d/.test(String(version)) || (typeof $schema === 'string' && $schema.includes('sarif'))
  if (!claimed || !Array.isArray(runs)) return undefined
  const counts = new Map<unknown, number>()
  for (const run of runs.map(record)) {
    for (const result of list(run.results).map(record)) {
      if (isSettled(result)) continue
      const level = levelOf(result, run)
      counts.set(level, (counts.get(level) ?? 0) + 1)
    }
  }
  const parts = ['error', 'warning', 'note'].flatMap(level => {
    const count = counts.get(level) ?? 0
    return count === 0 ? [] : [plural(count, level)]
  })
  return `SARIF: ${parts.join(', ') || 'no findings'}`
}

type Fields = Readonly<Record<string, unknown>>

function isSettled(result: Fields): boolean {
  if (result.baselineState === 'absent') return true
  const suppressions = list(result.suppressions).map(record)
  return suppressions.some(({ status }) => status === undefined || status === 'accepted')
}

function levelOf(result: Fields, run: Fields): unknown {
  if (typeof result.level === 'string') return result.level
  if (typeof result.kind === 'string' && result.kind !== 'fail') return 'none'
  return record(ruleOf(result, run).defaultConfiguration).level ?? 'warning'
}

/** The rule is referred to by index or by id, in the driver or in one of the extensions. */
function ruleOf(result: Fields, run: Fields): Fields {
  const tool = record(run.tool)
  const reference = record(result.rule)
  const extension = record(reference.toolComponent).index
  const component = typeof extension === 'number' ? list(tool.extensions)[extension] : tool.driver
  const rules = list(record(component).rules)
  const index = result.ruleIndex ?? reference.index
  if (typeof index === 'number' && index >= 0) return record(rules[index])
  const id = result.ruleId ?? reference.id
  return record(rules.find(rule => id !== undefined && record(rule).id === id))
}
