/** Date-times in the stored format: `YYYY-MM-DD HH:MM:SS`, UTC. */

const STORED = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2}):(\d{2}))?$/

/** The stored format of epoch milliseconds. */
export function utc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** Epoch milliseconds of a stored date-time or date; undefined for other text and for dates that do not exist. */
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
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit'
    })
    formatters.set(zone, found)
  }
  return found
}

/** The stored format in a time zone. */
function localTime(ms: number, zone: string): string {
  const parts = new Map(
    formatterFor(zone)
      .formatToParts(ms)
      .map(part => [part.type, part.value])
  )
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`
}

/** A stored date-time as it is displayed in `zone` (IANA name). Other text is returned as it is. */
export function inZone(stored: string, zone: string): string {
  const ms = parseUtc(stored)
  return ms === undefined ? stored : localTime(ms, zone)
}

/** The stored date-time of one displayed in `zone` (IANA name); empty for other text. */
export function fromZone(displayed: string, zone: string): string {
  const asUtc = parseUtc(displayed)
  if (asUtc === undefined) return ''
  const offsetAt = (ms: number) => (parseUtc(localTime(ms, zone)) ?? ms) - ms
  const estimate = asUtc - offsetAt(asUtc)
  return utc(asUtc - offsetAt(estimate))
}

/** Whether the runtime knows a time zone of that IANA name. */
export function isZone(name: string): boolean {
  try {
    formatterFor(name)
    return true
  } catch {
    return false
  }
}
