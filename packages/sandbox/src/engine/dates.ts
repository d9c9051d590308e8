/** Date-times as the instance stores them: `YYYY-MM-DD HH:MM:SS`, UTC, one-second resolution. */

const STORED = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}):(\d{2}))?$/

/** Epoch milliseconds to the stored form. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** The stored form to epoch milliseconds; undefined for anything else, impossible dates included. */
export function parseUtc(stored: string): number | undefined {
  const match = STORED.exec(stored)
  if (!match) return undefined
  const full = match[4] === undefined ? `${stored} 00:00:00` : stored
  const ms = Date.parse(`${full.replace(' ', 'T')}Z`)
  return Number.isNaN(ms) || utc(ms) !== full ? undefined : ms
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterFor(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone)
  if (!found) {
    const two = '2-digit'
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two
    })
    formatters.set(zone, found)
  }
  return found
}

function local(ms: number, zone: string): string {
  const parts = new Map(
    formatterFor(zone)
      .formatToParts(ms)
      .map(part => [part.type, part.value])
  )
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`
}

/** A stored date-time as a user in `zone` (IANA name) sees it; text that is no date is returned as it is. */
export function inZone(stored: string, zone: string): string {
  const ms = parseUtc(stored)
  return ms === undefined ? stored : local(ms, zone)
}

/** What a user in `zone` typed, as the stored form; empty when it is not a date-time. */
export function fromZone(typed: string, zone: string): string {
  const asUtc = parseUtc(typed)
  if (asUtc === undefined) return ''
  const offsetAt = (ms: number) => (parseUtc(local(ms, zone)) ?? ms) - ms
  const guess = asUtc - offsetAt(asUtc)
  return utc(asUtc - offsetAt(guess))
}
