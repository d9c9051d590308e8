/** What the files of the report are made of. */
import { describe, expect, it } from '@jest/globals'
import { csvCell } from './csv.ts'
import { recorded } from './recorded.ts'

describe('a cell of the CSV file', () => {
  it.each([
    ['production', '"production"'],
    ['a "b", c', '"a ""b"", c"'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['\r\n=1', `"'\n=1"`],
    ['＝1', `"'＝1"`],
    ['\u001b[31m=1', `"'=1"`],
    ['', '""']
  ])('of %j is %j', (text, cell) => expect(csvCell(text)).toBe(cell))
})

describe('a recorded deployment', () => {
  const of = (...states: string[]) =>
    recorded({
      id: 7,
      environment: 'production',
      commit: 'f'.repeat(40),
      createdAt: 1,
      runId: '1',
      cut: false,
      statuses: states.map((state, n) => ({ state, at: n + 10 }))
    })

  it.each([
    [['waiting', 'in_progress', 'success', 'inactive'], { startedAt: 11, endedAt: 12, result: 'success' }],
    [['in_progress', 'error'], { startedAt: 10, endedAt: 11, result: 'failure' }],
    [['waiting', 'failure'], { startedAt: undefined, endedAt: 11, result: 'failure' }],
    [['in_progress'], { startedAt: 10, endedAt: undefined, result: undefined }],
    [[], { startedAt: undefined, result: undefined }]
  ])('with %j', (states, expected) => expect(of(...states)).toMatchObject(expected))

  it('that succeeded without being in progress started at the latest then', () => {
    expect(of('success')).toMatchObject({ startedAt: 10, result: 'success' })
  })
})
