import { fromZone, inZone, parseUtc, utc } from '../engine/dates.ts'

/** Units of relative dates. A week begins on Monday. */
export type Unit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

const UNITS: Readonly<Record<string, Unit>> = {
  minute: 'minute',
  hour: 'hour',
  day: 'day',
  dayofweek: 'day',
  dayofmonth: 'day',
  week: 'week',
  month: 'month',
  quarter: 'quarter',
  year: 'year'
}

/** The unit of a name, in any case, one or many; undefined for other text. */
export function unitFrom(name: string): Unit | undefined {
  return UNITS[name.toLowerCase().replace(/s$/, '')]
}

/**
 * A date and time on the clock of a zone, as epoch milliseconds of that clock read as UTC: calendar arithmetic needs no
 * zone then.
 */
export type WallTime = number

/** The time of the clock in `zone` at a stored date-time; undefined for other text. */
export function wallTime(stored: string, zone: string): WallTime | undefined {
  return parseUtc(inZone(stored, zone))
}

/** The stored date-time at which the clock in `zone` shows that time. */
export function storedTime(wall: WallTime, zone: string): string {
  return fromZone(utc(wall), zone)
}

const MONTHS: Partial<Record<Unit, number>> = { month: 1, quarter: 3, year: 12 }
const MILLISECONDS: Partial<Record<Unit, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000
}

/** More units than that lead out of the calendar. */
export const MAX_COUNT = 99_999

/** Some units later; earlier with a negative count. The last day of a month stays within it. */
export function later(wall: WallTime, count: number, unit: Unit): WallTime {
  const months = MONTHS[unit]
  if (months === undefined) return wall + count * (MILLISECONDS[unit] ?? 0)
  const date = new Date(wall)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + count * months)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  return date.setUTCDate(Math.min(day, lastDay))
}

/** The first moment of the unit that contains the time. */
export function startOf(wall: WallTime, unit: Unit): WallTime {
  const months = MONTHS[unit]
  if (months !== undefined) {
    const date = new Date(wall)
    const month = date.getUTCMonth()
    return Date.UTC(date.getUTCFullYear(), month - (month % months), 1)
  }
  if (unit === 'week') {
    const day = startOf(wall, 'day')
    return later(day, -((new Date(day).getUTCDay() + 6) % 7), 'day')
  }
  return Math.floor(wall / (MILLISECONDS[unit] ?? 1)) * (MILLISECONDS[unit] ?? 1)
}

/** The last second of the unit that contains the time. */
export function endOf(wall: WallTime, unit: Unit): WallTime {
  return later(startOf(wall, unit), 1, unit) - 1000
}
