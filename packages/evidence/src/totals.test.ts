import { describe, expect, it } from '@jest/globals'
import { findingsReport, notCounted, testReport } from './report.ts'
import { totalsOf, worstFirst } from './totals.ts'

const tests = (failed: number) => testReport('JUnit', { tests: 2, failed, errors: 0, skipped: 1, unknown: 0 })
const found = findingsReport('SARIF', new Map([['error', 2]]), ['error'])
const clean = findingsReport('SARIF', new Map(), ['error'])

describe('totals', () => {
  it('add up tests and findings, and say how many files could not be counted', () => {
    expect(totalsOf([tests(0), tests(1), found, undefined, notCounted('over 50 MiB')])).toEqual([
      'Tests: 4 tests, 1 failed, 0 errors, 2 skipped',
      'Findings: 2 errors',
      'Files with failures or findings: 2',
      'Files not counted: 1'
    ])
  })

  it('are left to the report where there is one', () => {
    expect(totalsOf([tests(1), undefined])).toEqual([])
    expect(totalsOf([clean, clean])).toEqual(['Findings: none counted'])
  })
})

describe('the order', () => {
  it('is by what needs attention, and else as it was', () => {
    const items = [clean, undefined, notCounted('x'), tests(0), found, tests(1)].map((report, n) => ({
      n,
      report
    }))
    expect(worstFirst(items).map(one => one.n)).toEqual([4, 5, 2, 0, 1, 3])
  })
})
