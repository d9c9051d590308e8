/**
 * Fingerprint: a marker `fields` with `<7 hashes of 32, or x> <planned start> <planned end>`, the last line of a work
 * note. The times are UTC, `YYYYMMDDhhmmss`, or `x`.
 */
import { formatMark, type Mark } from './change-marks.ts'
import type { Signature } from './signature.ts'

/** The kind of the marker. */
export const FINGERPRINT_KIND = 'fields'

/** The fields whose hashes stand in a fingerprint, in this order. */
export const FINGERPRINT_FIELDS = [
  'short_description',
  'description',
  'implementation_plan',
  'backout_plan',
  'test_plan',
  'cmdb_ci',
  'type'
] as const

/** What a change said when it was submitted. Times are epoch milliseconds, whole seconds. */
export interface Fingerprint {
  /** One for each of `FINGERPRINT_FIELDS`, 32 hex digits; undefined for a field that could not be read. */
  readonly hashes: readonly (string | undefined)[]
  readonly plannedStart?: number | undefined
  readonly plannedEnd?: number | undefined
}

const NONE = 'x'
const BODY = /^(?:(?:[0-9a-f]{32}|x) ){7}(?:\d{14}|x) (?:\d{14}|x)$/

/** The marker of a fingerprint, as it stands in a work note. @throws RangeError for one that no reader would find */
export function formatFingerprint(
  { hashes, plannedStart, plannedEnd }: Fingerprint,
  signature?: Signature
): string {
  const body = [...hashes.map(hash => hash ?? NONE), digitsOf(plannedStart), digitsOf(plannedEnd)].join(' ')
  if (!BODY.test(body)) throw new RangeError(`${body} is not the form of a fingerprint`)
  return formatMark(FINGERPRINT_KIND, body, signature)
}

/** The fingerprint of a marker; undefined for one of another form. */
export function parseFingerprint({ kind, body }: Mark): Fingerprint | undefined {
  if (kind !== FINGERPRINT_KIND || !BODY.test(body)) return undefined
  const words = body.split(' ')
  return {
    hashes: words.slice(0, FINGERPRINT_FIELDS.length).map(hash => (hash === NONE ? undefined : hash)),
    plannedStart: timeOf(words.at(-2) ?? ''),
    plannedEnd: timeOf(words.at(-1) ?? '')
  }
}

function digitsOf(ms: number | undefined): string {
  return ms === undefined ? NONE : new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)
}

function timeOf(digits: string): number | undefined {
  const [, date, time] = /^(\d{8})(\d{6})$/.exec(digits) ?? []
  if (date === undefined || time === undefined) return undefined
  const iso = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? undefined : ms
}
