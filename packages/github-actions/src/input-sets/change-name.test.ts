import { describe, expect, it } from '@jest/globals'
import { changeNameFormProblems } from './change-name.ts'

describe('the number of a change', () => {
  it.each([
    'CHG0030001',
    'chg0030001',
    'C0012345',
    'CR0001',
    'CHG-2026-0042',
    'CHG/2026/0042',
    'UK1CHG0012345',
    'CHG_1.2',
    'CHG 42',
    'Änderung-7',
    '0012345',
    '12'
  ])('may be %s: an instance may hand it out', changeNumber => {
    expect(changeNameFormProblems({ changeNumber })).toEqual([])
  })

  it.each(['latest', 'CHG0030001, CHG0030002', 'CHG1^ORnumber=CHG2', 'CHG1\nCHG2', `CHG${'0'.repeat(40)}`])(
    'is not %j',
    changeNumber => {
      expect(changeNameFormProblems({ changeNumber })).toEqual([
        expect.stringMatching(
          /^`change-number` must be a number as the instance gives it, such as CHG0030001, not `/
        )
      ])
    }
  )

  it('is not a sys_id', () => {
    expect(changeNameFormProblems({ changeNumber: '0a'.repeat(16) })).toEqual([
      '`change-number` is a sys_id: give it as `change-sys-id`'
    ])
  })
})
