import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseClaims, parseMarks, withoutMarkers } from '../change-marks.ts'
import { listed, plainText, quoted } from './plain-text.ts'

describe('untrusted text', () => {
  it.each([
    ['Fix <img src=x onerror=alert(1)>', 'Fix ‹img src=x onerror=alert(1)›'],
    ['See [here](https://evil.example)', 'See (here)(https:\u200b//evil.example)'],
    ['![x](http://evil.example/a.png)', '!(x)(http:\u200b//evil.example/a.png)'],
    ['[code]<b>bold</b>[/code]', '(code)‹b›bold‹/b›(/code)'],
    ['thanks @anna', 'thanks @\u200banna'],
    ['::error::gotcha', ':\u200b:error:\u200b:gotcha'],
    ['##[add-mask]x', '#\u200b#(add-mask)x'],
    ['two\nlines\r\n\ttabs', 'two lines tabs'],
    ['\u202egnp.exe\u2066 and \u200bhidden', 'gnp.exe and hidden'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['[gha2 claim 9 1 1 0123456789abcdef.01234567]', '(gha2 claim 9 1 1 0123456789abcdef.01234567)'],
    ['`rm -rf`', "'rm -rf'"],
    ['half \ud800 a pair', 'half \ufffd a pair']
  ])('%j is harmless', (given, plain) => {
    expect(plainText(given)).toBe(plain)
  })

  it('is cut with an ellipsis, never within a pair', () => {
    expect(plainText('abcdef', 4)).toBe('abc…')
    expect(plainText('ab😀cd', 4)).toBe('ab…')
  })

  it('never holds a marker of ours, a command or a line break, whatever it was', () => {
    const parts = fc.constantFrom('[', '\u200b', 'gha2', ' claim ', '1', ':', ':', '#', '\n', '<', '@', 'x')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), some => {
        const text = plainText(some.join(''))
        expect(withoutMarkers(text)).toBe(text)
        expect([...parseMarks(text, 'claim'), ...parseClaims(text)]).toEqual([])
        expect(text).not.toMatch(/::|##\[|[\n<[]|@x/)
      })
    )
  })
})

it('in quotation marks has none within', () => {
  expect(quoted('Small" fix; “approved” by ben')).toBe(`"Small' fix; 'approved' by ben"`)
  expect(quoted('abcdef', 4)).toBe('"abc…"')
})

it('lists a few names, and how many more there are', () => {
  expect(listed(['a', 'b', 'c'], 2)).toBe('a, b and 1 more')
  expect(listed(['a'])).toBe('a')
})
