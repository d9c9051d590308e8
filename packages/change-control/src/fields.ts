import { parseServiceNowDate } from './window.ts'

/** Fields by which a change is steered. They have inputs of their own, or nobody but ServiceNow sets them. */
const CONTROL_FIELDS: ReadonlySet<string> = new Set([
  'state',
  'approval',
  'number',
  'type',
  'chg_model',
  'std_change_producer_version',
  'correlation_id',
  'correlation_display',
  'unauthorized',
  'on_hold'
])

/** Whether `fields` must refuse a name: a control field in any case, with `_` or `-`. */
export function isControlField(name: string): boolean {
  const field = name.trim().toLowerCase().replaceAll('-', '_')
  return CONTROL_FIELDS.has(field) || field.startsWith('approval_') || field.startsWith('sys_')
}

export interface FieldDifference {
  field: string
  sent: string
  /** The raw value that came back; undefined when the field did not (unknown, or not readable). */
  got: string | undefined
  /** A difference that makes the change another one than was requested: an error, not a warning. */
  critical: boolean
  /** A name that matched no record: stored as plain text, so `got` equals `sent` and yet refers to nothing. */
  unresolved: boolean
}

type ReadBack = { value: string; display: string }

const CRITICAL_REFERENCES: readonly string[] = ['assignment_group', 'cmdb_ci']
const CRITICAL_VALUES: readonly string[] = ['type', 'state', 'start_date', 'end_date']
const OTHER_REFERENCES: readonly string[] = ['assigned_to', 'requested_by', 'parent']
/** Append-only: their value always reads back empty. */
const JOURNALS: readonly string[] = ['work_notes', 'comments', 'comments_and_work_notes']

/**
 * What came back otherwise than it was written, in the order it was sent. ServiceNow accepts unknown fields, wrong
 * choices and unresolved names without an error, so only reading back tells.
 */
export function differences(
  sent: Readonly<Record<string, string>>,
  got: Readonly<Record<string, ReadBack>>
): FieldDifference[] {
  return Object.entries(sent)
    .filter(([field]) => !JOURNALS.includes(field))
    .map(([field, text]) => ({ field, text, back: Object.hasOwn(got, field) ? got[field] : undefined }))
    .filter(({ field, text, back }) => back === undefined || !isSame(field, text, back))
    .map(({ field, text, back }) => ({
      field,
      sent: text,
      got: back?.value,
      critical: isCritical(field),
      unresolved: back !== undefined && isDangling(field, text, back)
    }))
}

function isCritical(field: string): boolean {
  return CRITICAL_REFERENCES.includes(field) || CRITICAL_VALUES.includes(field)
}

function isSame(field: string, sent: string, back: ReadBack): boolean {
  if (isDangling(field, sent, back)) return false
  return isSameValue(sent, back.value) || (mayMatchDisplay(field, sent) && isOnDisplay(field, sent, back))
}

/** A name that matched no record is stored as plain text: it reads back as sent, but shows nothing. */
function isDangling(field: string, sent: string, back: ReadBack): boolean {
  if (!CRITICAL_REFERENCES.includes(field) && !OTHER_REFERENCES.includes(field)) return false
  const looksLikeSysId = /^[0-9a-f]{32}$/i.test(sent.trim())
  return sent.trim() !== '' && !looksLikeSysId && back.value === sent && back.display.trim() === ''
}

function isSameValue(sent: string, value: string): boolean {
  const forms = [plainText, decimal, truth, moment]
  return forms.some(form => {
    const left = form(sent)
    return left !== undefined && left === form(value)
  })
}

/**
 * The instance resolves labels of choices and names of references. Dates are displayed in a user's zone: there an
 * equal display may hide a wrong moment.
 */
function mayMatchDisplay(field: string, sent: string): boolean {
  return !CRITICAL_VALUES.includes(field) && !/^\s*\d{4}-\d{2}-\d{2}/.test(sent)
}

function isOnDisplay(field: string, sent: string, back: ReadBack): boolean {
  const [text, display] = [plainText(sent), plainText(back.display)]
  if (text === '') return false
  if (text.toLowerCase() === display.toLowerCase()) return true
  // A journal of the instance's own: no value, the whole history on display.
  return !isCritical(field) && back.value === '' && display.includes(text)
}

function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim()
}

/** One spelling for `3`, `+3`, `03` and `3.0`, kept as text so that long numbers lose no digit. */
function decimal(text: string): string | undefined {
  const [, sign, digits, fraction = ''] = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(text.trim()) ?? []
  if (digits === undefined) return undefined
  const whole = digits.replace(/^0+(?=\d)/, '')
  const rest = fraction.replace(/0{1,40}$/, '')
  const size = rest === '' ? whole : `${whole}.${rest}`
  return sign === '-' && size !== '0' ? `-${size}` : size
}

function truth(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : undefined
}

/** A date-time in UTC, with or without the marks of ISO 8601. */
function moment(text: string): number | undefined {
  const [, day, time] = /^\s*(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)?Z?\s*$/.exec(text) ?? []
  return day === undefined ? undefined : parseServiceNowDate(`${day} ${time}`)
}
