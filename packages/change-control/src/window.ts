import type { ChangeSnapshot } from './snapshot.ts'

/** Where a moment lies in the planned window. All times are epoch milliseconds; both bounds belong to the window. */
export type WindowPosition =
  | { kind: 'none' }
  | { kind: 'before'; opensAt: number }
  | { kind: 'open'; closesAt?: number }
  | { kind: 'after'; closedAt: number }

/** A missing bound is no bound. A window that ends before it starts is never open. */
export function windowAt(
  change: Pick<ChangeSnapshot, 'plannedStart' | 'plannedEnd'>,
  now: number
): WindowPosition {
  const { plannedStart, plannedEnd } = change
  if (plannedEnd !== undefined && now > plannedEnd) return { kind: 'after', closedAt: plannedEnd }
  if (plannedStart !== undefined && now < plannedStart) return { kind: 'before', opensAt: plannedStart }
  if (plannedEnd !== undefined) return { kind: 'open', closesAt: plannedEnd }
  return { kind: plannedStart === undefined ? 'none' : 'open' }
}

const SERVICENOW_DATE = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/

/**
 * Epoch milliseconds of a raw ServiceNow date-time, `YYYY-MM-DD HH:MM:SS` in UTC.
 * Undefined for anything else, days that do not exist included: a display value in a user's zone or format
 * must never be taken for a moment.
 */
export function parseServiceNowDate(text: string): number | undefined {
  const [, day, time] = SERVICENOW_DATE.exec(text) ?? []
  if (day === undefined) return undefined
  const ms = Date.parse(`${day}T${time}Z`)
  // The parser rolls 30 February over into March; the way back shows it.
  return Number.isNaN(ms) || formatServiceNowDate(ms) !== text ? undefined : ms
}

/**
 * The form ServiceNow stores, `YYYY-MM-DD HH:MM:SS` in UTC; fractions of a second are dropped.
 * @throws RangeError for a moment outside the years 0000 to 9999, which that form cannot hold.
 */
export function formatServiceNowDate(ms: number): string {
  const iso = Number.isNaN(ms) ? '' : isoOf(ms)
  if (!/^\d{4}-/.test(iso)) {
    throw new RangeError(`${ms} ms is not a moment ServiceNow can store: the year must be 0000 to 9999.`)
  }
  return iso.slice(0, 19).replace('T', ' ')
}

function isoOf(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
