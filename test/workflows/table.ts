import type { Result } from './play.ts'

/** Workflow by scenario, with the result and the time each took, as Markdown. */
export function table(results: readonly Result[]): string {
  const rows = results.map(({ scenario, wrong, seconds, tries }) => [
    scenario.subject,
    scenario.name,
    scenario.expected ?? 'success',
    `${wrong === undefined ? 'as it should be' : 'WRONG'}${tries === 1 ? '' : `, try ${tries}`}`,
    seconds.toFixed(1)
  ])
  const head = ['workflow', 'scenario', 'the run ends in', 'checked', 'seconds']
  const lines = [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
  return lines.join('\n')
}
