import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fromZone, inZone, parseUtc, utc } from './dates.ts'

const seconds = fc.integer({ min: 0, max: 4_000_000_000 })

it('converts to text and back, in UTC and in time zones without daylight saving time', () => {
  fc.assert(
    fc.property(seconds, fc.constantFrom('UTC', 'Asia/Kolkata', 'America/Phoenix'), (second, zone) => {
      const stored = utc(second * 1000)
      expect(parseUtc(stored)).toBe(second * 1000)
      fc.pre(second > 1_000_000_000)
      expect(fromZone(inZone(stored, zone), zone)).toBe(stored)
    })
  )
})

it.each([
  ['2026-07-01 12:00:00', 'America/Los_Angeles', '2026-07-01 05:00:00'],
  ['2026-12-01 12:00:00', 'America/Los_Angeles', '2026-12-01 04:00:00'],
  ['2026-12-01 00:30:00', 'Europe/Berlin', '2026-12-01 01:30:00'],
  ['2026-12-01 08:00:00', 'America/Los_Angeles', '2026-12-01 00:00:00']
])('displays %s in %s as %s', (stored, zone, displayed) => {
  expect(inZone(stored, zone)).toBe(displayed)
  expect(fromZone(displayed, zone)).toBe(stored)
})

it.each(['2026-02-30 00:00:00', '2026-07-01T12:00:00Z', '2026-13-01 00:00:00', 'tomorrow', ''])(
  'does not accept "%s" as a date',
  text => {
    expect(parseUtc(text)).toBeUndefined()
    expect(fromZone(text, 'UTC')).toBe('')
    expect(inZone(text, 'UTC')).toBe(text)
  }
)
