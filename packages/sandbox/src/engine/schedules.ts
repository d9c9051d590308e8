import { fromZone, inZone, isZone, parseUtc, utc } from './dates.ts'
import type { Engine } from './engine.ts'
import { common, merged, type Period, without } from './periods.ts'
import type { Row } from './store.ts'

const DAY_MS = 86_400_000

/** The first day of a span and of a candidate for one of its repetitions, as midnights without a zone. */
interface Days {
  readonly first: number
  readonly day: number
}

/** Monday is 1, Sunday is 7. */
function weekday(day: number): number {
  return new Date(day).getUTCDay() || 7
}

/** Epoch milliseconds of a time without a zone, read as UTC; undefined for other text. */
function wallTime(text = ''): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z?$/.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match
  return parseUtc(`${year}-${month}-${day} ${hour}:${minute}:${second}`)
}

/** The day on which a repetition may start last. */
function lastDay(span: Row): number {
  return wallTime(`${span.repeat_until}T000000`) ?? Number.POSITIVE_INFINITY
}

const sameDayOfMonth = ({ first, day }: Days) => new Date(first).getUTCDate() === new Date(day).getUTCDate()
const sameMonth = ({ first, day }: Days) => new Date(first).getUTCMonth() === new Date(day).getUTCMonth()

function startsOn(span: Row, days: Days): boolean {
  const today = String(weekday(days.day))
  switch (span.repeat_type) {
    case 'daily':
      return true
    case 'weekdays':
      return '12345'.includes(today)
    case 'weekends':
      return '67'.includes(today)
    case 'weekMWF':
      return '135'.includes(today)
    case 'weekTT':
      return '24'.includes(today)
    case 'weekly':
      return (span.days_of_week || String(weekday(days.first))).includes(today)
    case 'monthly':
      return sameDayOfMonth(days)
    case 'yearly':
      return sameDayOfMonth(days) && sameMonth(days)
    default:
      return days.day === days.first
  }
}

/** When a span takes place. A span whose times cannot be read never does. */
function occurrences(span: Row, scheduleZone: string, within: Period): Period[] {
  const start = wallTime(span.start_date_time)
  const end = wallTime(span.end_date_time)
  if (start === undefined || end === undefined) return []
  const zone = span.start_date_time?.endsWith('Z') ? 'UTC' : scheduleZone
  const toEpoch = (wall: number) => parseUtc(fromZone(utc(wall), zone)) ?? wall
  const midnight = (ms: number) => ms - (ms % DAY_MS)
  const first = midnight(start)
  const firstWithin = midnight((parseUtc(inZone(utc(within.start), zone)) ?? within.start) - (end - start))
  const found: Period[] = []
  for (let day = Math.max(first, firstWithin - DAY_MS); day <= within.end + DAY_MS; day += DAY_MS) {
    if (day > lastDay(span)) break
    if (!startsOn(span, { first, day })) continue
    const begins = day + (start - first)
    found.push({ start: toEpoch(begins), end: toEpoch(begins + (end - start)) })
  }
  return found
}

/**
 * When a schedule is open: its spans without those of type "exclude", each at its local time on each day.
 * @param userZone IANA zone of a schedule without a zone of its own, or with one that does not exist
 */
export function openPeriods(engine: Engine, schedule: Row, userZone: string, within: Period): Period[] {
  const zone = [schedule.time_zone ?? '', userZone].find(one => one !== '' && isZone(one)) ?? 'UTC'
  const spans = engine.store.rows('cmn_schedule_span').filter(span => span.schedule === schedule.sys_id)
  const periodsOf = (excluded: boolean) =>
    spans
      .filter(span => (span.type === 'exclude') === excluded)
      .flatMap(span => occurrences(span, zone, within))
  return common(without(merged(periodsOf(false)), periodsOf(true)), [within])
}
