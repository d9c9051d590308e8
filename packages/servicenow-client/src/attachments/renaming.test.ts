import { expect, it } from '@jest/globals'
import { mayBeStoredAs } from './renaming.ts'

const LONG = `TEST-com.acme.${'checkout.'.repeat(12)}CardIT.xml`

it.each([
  ['report.xml', 'report.xml', true],
  ['Prüfbericht.txt'.normalize('NFD'), 'Prüfbericht.txt'.normalize('NFC'), true],
  ['Prüfbericht.txt', 'Prufbericht.txt', true],
  ['Prüfbericht #1.txt', 'Pr_fbericht _1.txt', true],
  ['results.sarif.json', 'results_sarif.json', true],
  ['build.log', 'build.log.txt', true],
  [LONG, LONG.slice(0, 100), true],
  [LONG, `${LONG.slice(0, 96)}.xml`, true],
  ['report.xml', 'other.xml', false],
  ['unit-report.xml', 'report.xml', false],
  ['report1.xml', 'report.xml', false],
  ['report.xml', 'report2.xml', false],
  ['report.xml', 'rep', false],
  ['報告.txt', '結果.txt', false],
  ['???', '__', false]
])('%s may be stored as %s: %s', (name, stored, expected) => {
  expect(mayBeStoredAs(name, stored)).toBe(expected)
})
