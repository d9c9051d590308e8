import { canonical, type Fields, fieldOf } from './fields.ts'

/**
 * What a poll reads: the fields that decide about a change, and the count of its versions, which tells of an edit of
 * any other field. About 450 bytes.
 */
export const POLL_FIELDS = [
  'sys_id',
  'state',
  'approval',
  'on_hold',
  'on_hold_reason',
  'unauthorized',
  'type',
  'start_date',
  'end_date',
  'correlation_id',
  'correlation_display',
  'sys_mod_count'
] as const

/** The raw values of the fields of a poll that the account may read. */
export type PollValues = Readonly<Partial<Record<(typeof POLL_FIELDS)[number], string>>>

/** The same of a record that was read as a whole. */
export function pollValues(fields: Fields): PollValues {
  const shown = POLL_FIELDS.filter(name => fields[name] !== undefined)
  return Object.fromEntries(shown.map(name => [name, canonical(fieldOf(fields, name).value)]))
}
