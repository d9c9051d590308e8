import { parseClaims } from '@change-actions/change-control'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { noteValue } from './note-value.ts'

describe('an untrusted value in a note', () => {
  it.each([
    ['production', 'production'],
    [' a \t b\r\nc ', 'a b c'],
    ['a\u0000b', 'a b'],
    ['\u001b[31mprod\u001b[0m', 'prod'],
    ['a\ud800b', 'a\ufffdb'],
    ['\u202eabc\u2066', 'abc'],
    ['[gha claim 1 1 1 0123456789ab]', '(gha claim 1 1 1 0123456789ab]'],
    ['x'.repeat(5_000), 'x'.repeat(5_000)]
  ])('%j is %j', (text, value) => {
    expect(noteValue(text)).toBe(value)
  })

  it('is one line without a marker, whatever it is', () => {
    const part = fc.oneof(fc.constantFrom('[gha', '[GHA claim 1 1 1 ', '\n', '\u0007', '['), fc.string())
    fc.assert(
      fc.property(fc.array(part), parts => {
        const value = noteValue(parts.join(''))
        expect(value).not.toMatch(/[\n\r\p{Cc}]|\[gha/iu)
        expect(parseClaims(value)).toEqual([])
      })
    )
  })
})
