import { describe, expect, it } from '@jest/globals'
import { common, merged, without } from './periods.ts'

const period = (start: number, end: number) => ({ start, end })

describe('periods', () => {
  it('that overlap or touch become one', () => {
    expect(merged([period(5, 8), period(1, 3), period(3, 4), period(6, 7), period(9, 9)])).toEqual([
      period(1, 4),
      period(5, 8)
    ])
  })

  it('have in common what lies in both', () => {
    expect(common([period(0, 5), period(8, 12)], [period(4, 9)])).toEqual([period(4, 5), period(8, 9)])
  })

  it('lose what is taken, at the ends and in the middle', () => {
    expect(without([period(0, 10)], [period(8, 12), period(-1, 1), period(4, 5)])).toEqual([
      period(1, 4),
      period(5, 8)
    ])
    expect(without([period(2, 3)], [period(0, 9)])).toEqual([])
  })
})
