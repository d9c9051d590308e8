import { expect, it } from '@jest/globals'
import { machine, resultsPage, resultsTable } from './report.ts'

const scenario = { name: 'size', title: 'Size of the download' }
const finding = { what: 'scripts', target: '≤ 900 KB', measured: '442 KB' }

it('shows whether a target is met; a finding may have none', () => {
  const findings = [
    { ...finding, met: true },
    { ...finding, what: 'archive', met: false },
    { what: 'with the sandbox', measured: '473 KB' }
  ]
  const rows = resultsTable([{ scenario, result: { findings, details: '' } }]).split('\n')
  expect(rows.slice(2)).toEqual([
    '| scripts | ≤ 900 KB | 442 KB | yes | `size` |',
    '| archive | ≤ 900 KB | 442 KB | **no** | `size` |',
    '| with the sandbox |  | 473 KB |  | `size` |'
  ])
})

it('shows a scenario that could not be measured as not met', () => {
  expect(resultsTable([{ scenario, error: 'no curl' }])).toContain('not measured: no curl | **no**')
})

it('shows the date and the machine on the page', () => {
  const result = { findings: [{ ...finding, met: true }], details: 'by folder' }
  const page = resultsPage([{ scenario, result }], new Date('2026-11-25T20:00:00Z'), machine())
  expect(page).toMatch(
    /on 2026-11-25: \d+ cores \(.+\), \d+ GiB of memory, load [\d.]+ at the start, \w+ \w+, Node v[\d.]+\. /
  )
  expect(page).toContain('## Size of the download (`size`)\n\nby folder')
})
