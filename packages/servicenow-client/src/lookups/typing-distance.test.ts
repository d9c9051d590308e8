import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { typingDistance } from './typing-distance.ts'

describe('typingDistance', () => {
  it.each([
    ['', '', 0],
    ['timeout', 'timeout', 0],
    ['', 'abc', 3],
    ['timeout', 'timout', 1],
    ['timeout', 'timeoutt', 1],
    ['timeout', 'timeort', 1],
    ['timeout', 'timeuot', 1],
    ['policyfile', 'polcyfiel', 2],
    ['ab', 'ba', 1],
    // No letter moves twice: in the unrestricted form it would be 2.
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3]
  ])('%s and %s are %i apart', (a, b, off) => {
    expect(typingDistance(a, b)).toBe(off)
    expect(typingDistance(b, a)).toBe(off)
  })

  it('is that of what follows a common beginning, and never more than the longer word', () => {
    const word = fc.string({ maxLength: 12 })
    fc.assert(
      fc.property(word, word, word, (start, a, b) => {
        const off = typingDistance(a, b)
        expect(typingDistance(start + a, start + b)).toBe(off)
        expect(off).toBeLessThanOrEqual(Math.max(a.length, b.length))
        expect(off === 0).toBe(a === b)
      })
    )
  })
})
