import { describe, expect, it } from '@jest/globals'
import { interleaved, median, quantile } from './statistics.ts'

describe('quantiles', () => {
  it('are interpolated between the sorted values', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(quantile([10, 0, 20], 0.75)).toBe(15)
    expect(quantile([3, 1, 2], 1)).toBe(3)
  })

  it('need at least one value', () => {
    expect(() => median([])).toThrow('at least one value')
  })
})

describe('interleaved runs', () => {
  it('alternate the subjects, and do not count the first round', async () => {
    const order: string[] = []
    const subject = (name: string) => async () => order.push(name)
    const measured = await interleaved(2, { a: subject('a'), b: subject('b') })
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b'])
    expect(measured).toEqual({ a: [4, 5], b: [3, 6] })
  })
})
