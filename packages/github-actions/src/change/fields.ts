import {
  formatServiceNowDate,
  isControlField,
  parseServiceNowDate,
  withoutMarkers
} from '@change-actions/change-control'
import type { Scalar } from '@change-actions/servicenow-client'

/** `short-description` and `short_description` are the same field. */
export function fieldName(key: string): string {
  return key.trim().toLowerCase().replaceAll('-', '_')
}

/**
 * What is wrong with a `fields` map: control fields, fields that have an input of their own, names no column can
 * have, and values ServiceNow would turn into text that nobody meant.
 *
 * @param own ServiceNow names of the action's other inputs
 */
export function fieldsProblems(
  fields: Readonly<Record<string, unknown>> | undefined,
  own: readonly string[]
): string[] {
  return Object.entries(fields ?? {}).flatMap(([key, value]) => {
    const name = fieldName(key)
    const label = `\`fields\`: ${JSON.stringify(key)}`
    if (isControlField(name)) return [`${label} steers the change itself and cannot be set here`]
    if (own.includes(name)) return [`${label} has an input of its own; use \`${name.replaceAll('_', '-')}\``]
    if (!/^[a-z][a-z0-9_]*$/.test(name)) return [`${label} is not the name of a field`]
    if (DATES.includes(name) && typeof value === 'string' && toServiceNowDate(value) === undefined) {
      return [
        `${label} must be a date with a zone such as 2026-12-01T22:00:00Z, or "YYYY-MM-DD HH:MM:SS" in UTC`
      ]
    }
    if (!isScalar(value)) return [`${label} must be a text, a number or a boolean; use "" to empty a field`]
    return []
  })
}

/**
 * The map as it is sent: ServiceNow's names, dates in its own form (it stores ISO dates as nothing, without a word), and
 * nothing that could be read as a marker where it comes into the journal.
 */
export function toScalars(fields: Readonly<Record<string, unknown>> | undefined): Record<string, Scalar> {
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([key, value]) => {
      const name = fieldName(key)
      const date = DATES.includes(name) ? toServiceNowDate(String(value)) : undefined
      return [name, date ?? journalSafe(name, value as Scalar)]
    })
  )
}

/** Journals, and fields that ServiceNow copies into them. */
const JOURNALED = ['work_notes', 'comments', 'comments_and_work_notes', 'close_notes', 'on_hold_reason']

function journalSafe(name: string, value: Scalar): Scalar {
  return JOURNALED.includes(name) && typeof value === 'string' ? withoutMarkers(value) : value
}

/** Date-times of a change that people set. */
const DATES = [
  'start_date',
  'end_date',
  'work_start',
  'work_end',
  'requested_by_date',
  'cab_date_time',
  'due_date'
]

function toServiceNowDate(text: string): string | undefined {
  if (text === '' || parseServiceNowDate(text) !== undefined) return text
  const zoned = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)
  const at = zoned ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : formatServiceNowDate(at)
}

function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}
