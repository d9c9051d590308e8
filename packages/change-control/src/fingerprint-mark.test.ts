import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatFingerprint, parseFingerprint, parseMarks, withoutMarkers } from './index.ts'

const read = (text: string) => parseMarks(text, 'fields').map(parseFingerprint)

describe('a fingerprint', () => {
  const digit = fc.constantFrom(...'0123456789abcdef')
  const hash = fc.option(
    fc.array(digit, { minLength: 32, maxLength: 32 }).map(all => all.join('')),
    { nil: undefined }
  )
  const time = fc.option(
    fc.integer({ min: 0, max: 4_102_444_800 }).map(s => s * 1_000),
    { nil: undefined }
  )
  const fingerprint = fc.record({
    hashes: fc.array(hash, { minLength: 7, maxLength: 7 }),
    plannedStart: time,
    plannedEnd: time
  })

  it('is read as it was written, signed or not', () => {
    fc.assert(
      fc.property(fc.array(fingerprint, { maxLength: 3 }), fc.boolean(), (all, signed) => {
        const signature = signed ? { key: 'secret', sysId: 'a'.repeat(32) } : undefined
        expect(read(all.map(one => formatFingerprint(one, signature)).join('\nwords\n'))).toEqual(all)
      })
    )
  })

  it('is in this form for good', () => {
    const hashes = ['a'.repeat(32), ...Array<undefined>(6)]
    const text = formatFingerprint({ hashes, plannedStart: Date.UTC(2026, 11, 1, 22, 0, 5) })
    expect(text).toBe(`[gha2 fields ${'a'.repeat(32)} x x x x x x 20261201220005 x]`)
    expect(read(withoutMarkers(text))).toEqual([])
  })

  it('has a hash for each field', () => {
    expect(() => formatFingerprint({ hashes: ['a'.repeat(32)] })).toThrow(RangeError)
    expect(() => formatFingerprint({ hashes: Array(7).fill('xyz') })).toThrow(RangeError)
  })
})
