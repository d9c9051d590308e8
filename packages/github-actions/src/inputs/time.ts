import { field, type Input, type Meta, notThis, Refusal } from './field.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const UNITS: ReadonlyMap<string, number> = new Map([
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND]
])
const DURATION_FORMS = '`90` (seconds), `15m`, `1h30m` or `2d`'

/** Milliseconds of `90` (seconds), `15m`, `1h30m`, `2d`, `0`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Number(text) * SECOND
  const whole = text.trim()
  // One part after the other, each where the last one ended: nothing is looked at twice.
  const part = /(\d{1,9})([dhms])\s*/iy
  let [total, last] = [0, Number.POSITIVE_INFINITY]
  do {
    const [, count = '', unit = ''] = part.exec(whole) ?? []
    const size = UNITS.get(unit.toLowerCase())
    if (size === undefined || size >= last) return undefined
    total += Number(count) * size
    last = size
  } while (part.lastIndex < whole.length)
  return Number.isSafeInteger(total) ? total : undefined
}

/** A duration as people write it, without what is below a second: 5400000 → `1h30m`. */
export function formatDuration(ms: number): string {
  const units = [
    ['d', Math.floor(ms / DAY)],
    ['h', Math.floor(ms / HOUR) % 24],
    ['m', Math.floor(ms / MINUTE) % 60],
    ['s', Math.floor(ms / SECOND) % 60]
  ] as const
  return units.map(([unit, count]) => (count === 0 ? '' : `${count}${unit}`)).join('') || '0s'
}

/** Bounds of a duration, both included: in milliseconds or written as an input would be. */
export interface DurationBounds {
  readonly min?: number | string
  readonly max?: number | string
}

/** A length of time, in milliseconds. */
export function duration(meta: Meta & DurationBounds & { readonly default: string }): Input<number> {
  const min = bound(meta.min, 0)
  const max = bound(meta.max, Number.MAX_SAFE_INTEGER)
  return field({ ...meta, kind: 'duration' }, (given = '') => {
    const value = parseDuration(given)
    const wrong = notThis(given, meta)
    if (value === undefined) throw new Refusal(`must be a duration such as ${DURATION_FORMS}${wrong}`)
    if (value < min) throw new Refusal(`must be at least ${formatDuration(min)}${wrong}`)
    if (value > max) throw new Refusal(`must be at most ${formatDuration(max)}${wrong}`)
    return value
  })
}

function bound(given: number | string | undefined, otherwise: number): number {
  return (typeof given === 'string' ? parseDuration(given) : given) ?? otherwise
}

/** A point in time, or a distance from now; both in milliseconds. */
export type DateInput =
  | { readonly kind: 'absolute'; readonly at: number }
  | { readonly kind: 'relative'; readonly offset: number }

const DATE_FORMS = '`2026-12-01T22:00:00Z`, `2026-12-01T22:00+02:00` or, counted from now, `+2h`'
const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i

/** A date with its zone (ISO 8601), or a duration from now (`+2h`). */
export function dateTime(meta: Meta = {}): Input<DateInput | undefined> {
  const parse = (given: string) => parseDate(given, notThis(given, meta))
  return field({ ...meta, kind: 'date' }, given => (given === undefined ? undefined : parse(given)))
}

/** A date with its zone (ISO 8601), or a duration back from now (`30d`: thirty days ago). */
export function pastTime(meta: Meta & { readonly default: string }): Input<DateInput> {
  return field({ ...meta, kind: 'date' }, (given = '') => {
    const back = parseDuration(given)
    if (back !== undefined) return { kind: 'relative', offset: 0 - back }
    if (DATE.test(given)) return parseDate(given, notThis(given, meta))
    throw new Refusal(
      `must be a date such as \`2026-12-01T22:00:00Z\`, or a duration back from now such as \`30d\`${notThis(given, meta)}`
    )
  })
}

/** The milliseconds since 1970 that a date input means. */
export function resolveDate(date: DateInput, nowMs: number): number {
  return date.kind === 'absolute' ? date.at : nowMs + date.offset
}

function parseDate(given: string, wrong: string): DateInput {
  if (given.startsWith('+')) {
    const offset = parseDuration(given.slice(1).trim())
    if (offset !== undefined) return { kind: 'relative', offset }
  }
  const match = DATE.exec(given)
  if (match === null) throw new Refusal(`must be a date such as ${DATE_FORMS}${wrong}`)
  const [, year = '', month = '', day = '', hours, minutes = '', seconds = '00', zone] = match
  if (hours === undefined) throw new Refusal(`needs a time and a zone, as in ${DATE_FORMS}${wrong}`)
  if (zone === undefined) throw new Refusal(`needs a zone (\`Z\` or \`+02:00\` at the end)${wrong}`)
  const offset = zoneOffset(zone)
  const real =
    isDay(Number(year), Number(month), Number(day)) &&
    Number(hours) < 24 &&
    Number(minutes) < 60 &&
    Number(seconds) < 60
  if (!real || offset === undefined) throw new Refusal(`must be a date that exists${wrong}`)
  const utc = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`)
  return { kind: 'absolute', at: utc - offset }
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  // Day 0 of the following month is the last one of this; a leap cycle repeats after 400 years.
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

/** Milliseconds that a zone is ahead of UTC; undefined beyond the zones there are. */
function zoneOffset(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))]
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR + minutes * MINUTE)
}
