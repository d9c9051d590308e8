/** Filters for changes of the actions, as pages and the companion application state them, find what the actions write. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { formatBinding, parseBinding } from '../../packages/change-control/src/change-marks.ts'

const ROOT = join(import.meta.dirname, '../..')
const FILES = globSync(
  ['*.md', 'docs/**/*.md', 'actions/*/README.md', 'examples/*.yml', 'servicenow/**/*.{md,ts,js,xml,json}'],
  // The SDK of the companion application is installed beside its sources.
  { cwd: ROOT, exclude: path => path.includes('node_modules') }
)

const FILTERS = [
  // Correlation display *starts with* `…`
  /correlation[ _]display[`\s]*(?:that )?\**(?:begins|starts) with\** `([^`]*)`/gi,
  // An encoded query.
  /correlation_displaySTARTSWITH([^^&'"`<|]*)/g
]

const bound = { commit: '65dbbeda5ade'.padEnd(40, '0'), runId: '1001', scope: '0123456789abcdef.01234567' }
const WRITTEN = [
  formatBinding(bound),
  formatBinding(bound, () => '0123456789ab'),
  'gha 65dbbeda5ade 1001 0123456789ab'
]

const stated = FILES.flatMap(file => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return FILTERS.flatMap(filter => [...text.matchAll(filter)].map(([, prefix = '']) => ({ file, prefix })))
})

it('both forms of a binding are read', () => {
  for (const line of WRITTEN) expect(parseBinding(line)).toBeDefined()
})

it('the pages with filters are found', () => {
  const files = stated.map(one => one.file)
  for (const page of ['docs/monitoring.md', 'docs/approval-strategies.md', 'docs/integration-hub.md'])
    expect(files).toContain(page)
  expect(files.filter(file => file.startsWith('servicenow/')).length).toBeGreaterThan(1)
})

it('each finds every change that the actions bind', () => {
  const misses = stated.filter(
    ({ prefix }) => prefix === '' || WRITTEN.some(line => !line.startsWith(prefix))
  )
  expect(misses).toEqual([])
})
