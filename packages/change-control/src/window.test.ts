import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatServiceNowDate, parseServiceNowDate, windowAt } from './index.ts'

const NOW = Date.UTC(2026, 11, 1, 22, 0, 0)

describe('the planned window', () => {
  it.each([
    [{}, { kind: 'none' }],
    [{ plannedStart: NOW + 1 }, { kind: 'before', opensAt: NOW + 1 }],
    [{ plannedStart: NOW }, { kind: 'open' }],
    [{ plannedEnd: NOW }, { kind: 'open', closesAt: NOW }],
    [{ plannedEnd: NOW - 1 }, { kind: 'after', closedAt: NOW - 1 }],
    [
      { plannedStart: 0, plannedEnd: NOW + 1 },
      { kind: 'open', closesAt: NOW + 1 }
    ],
    [
      { plannedStart: NOW + 1, plannedEnd: NOW - 1 },
      { kind: 'after', closedAt: NOW - 1 }
    ]
  ])('%j', (window, position) => {
    expect(windowAt(window, NOW)).toEqual(position)
  })

  it('takes a planned end at the epoch for an end', () => {
    expect(windowAt({ plannedEnd: 0 }, NOW)).toEqual({ kind: 'after', closedAt: 0 })
  })

  it('is never open when it ends before it starts', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1 }), fc.integer(), (end, gap, now) => {
        expect(windowAt({ plannedStart: end + gap, plannedEnd: end }, now).kind).not.toBe('open')
      })
    )
  })
})

describe('dates of ServiceNow', () => {
  it('reads and writes UTC, fractions of a second dropped', () => {
    expect(parseServiceNowDate('2026-12-01 22:00:00')).toBe(NOW)
    expect(formatServiceNowDate(NOW + 999)).toBe('2026-12-01 22:00:00')
    expect(parseServiceNowDate('2028-02-29 00:00:00')).toBe(Date.UTC(2028, 1, 29))
  })

  it.each([
    '',
    '2026-12-01',
    '2026-12-01T22:00:00Z',
    '2026-12-01 22:00',
    ' 2026-12-01 22:00:00',
    '2026-12-01 22:00:00\n',
    '2026-02-30 10:00:00',
    '2027-02-29 10:00:00',
    '2026-13-01 10:00:00',
    '2026-12-01 24:00:00',
    '2026-12-01 22:00:60',
    '01/12/2026 22:00:00',
    'UNKNOWN'
  ])('does not take %j for a date', text => {
    expect(parseServiceNowDate(text)).toBeUndefined()
  })

  it('comes back from every second of four-digit years', () => {
    const [first, last] = [
      Date.parse('0000-01-01T00:00:00Z') / 1000,
      Date.parse('9999-12-31T23:59:59Z') / 1000
    ]
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), seconds => {
        expect(parseServiceNowDate(formatServiceNowDate(seconds * 1000))).toBe(seconds * 1000)
      })
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, -8.64e15, 9e15])('refuses to write %d', ms => {
    expect(() => formatServiceNowDate(ms)).toThrow(RangeError)
  })
})
