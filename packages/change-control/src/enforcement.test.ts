import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { allowedByAll, allowedValues, comparisonKey } from './index.ts'

describe('values that bind', () => {
  it.each([
    [14_400_000, 14_400_000, true],
    ['a', 'b', false],
    ['1', 1, false],
    [['a', 'b'], ['b', 'a', 'a'], true],
    [['a'], ['a', 'b'], false],
    [{ a: 1, b: { c: [1, 2], d: 2 } }, { b: { d: 2, c: [1, 2] }, a: 1 }, true],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [[{ name: 'x', file: 'y' }], [{ file: 'y', name: 'x' }], true],
    [undefined, 'undefined', false]
  ])('%j and %j are the same: %s', (a, b, same) => {
    expect(comparisonKey(a) === comparisonKey(b)).toBe(same)
  })

  it('are a list of allowed ones, except for an input that is a list', () => {
    expect(allowedValues('a', 'value')).toEqual(['a'])
    expect(allowedValues(['a', 'b'], 'value')).toEqual(['a', 'b'])
    expect(allowedValues(['a', 'b'], 'values')).toEqual([['a', 'b']])
    expect(allowedValues([['a', 'b'], ['a']], 'values')).toEqual([['a', 'b'], ['a']])
    expect(allowedValues([], 'list')).toEqual([[]])
    expect(allowedValues([{ a: 1 }, { a: 2 }], 'map')).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('must be allowed by both levels', () => {
    const keyed = (...keys: string[]) => keys.map(key => ({ key }))
    expect(allowedByAll([keyed('a', 'b', 'a')])).toEqual(keyed('a', 'b'))
    expect(allowedByAll([keyed('a', 'b'), keyed('b', 'c')])).toEqual(keyed('b'))
    expect(allowedByAll([keyed('a'), keyed('b')])).toEqual([])
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
        const left = allowedByAll([keyed(...a), keyed(...b)]).map(one => one.key)
        expect(new Set(left)).toEqual(new Set(a.filter(one => b.includes(one))))
      })
    )
  })
})
