import { clientProblem } from '../problems/codes.ts'
import { canonical, type Fields, fieldOf, toFields } from './fields.ts'

/** A change request, the same from both REST dialects. `fields` holds every readable field in both forms. */
export interface Change {
  readonly sysId: string
  readonly number: string
  /** The raw state: `-5` New … `0` Review, `3` Closed, `4` Canceled, or a custom one. */
  readonly state: string
  readonly stateLabel: string
  readonly type: string
  /** `not requested`, `requested`, `approved`, `rejected`. */
  readonly approval: string
  readonly onHold: boolean
  readonly onHoldReason: string
  readonly unauthorized: boolean
  /** Planned start and end, epoch milliseconds. */
  readonly plannedStart: number | undefined
  readonly plannedEnd: number | undefined
  readonly correlationId: string
  readonly correlationDisplay: string
  /** A standard change made from a template: pre-approved by its catalogue. */
  readonly fromTemplate: boolean
  readonly createdAt: string
  readonly fields: Fields
}

/** Every decision about a change needs these. */
const NEEDED = ['sys_id', 'number', 'state', 'approval'] as const

/** The fields that a `Change` is made from, and those that every step shows: what a list has at least. */
export const BRIEF_FIELDS: readonly string[] = [
  ...NEEDED,
  'type',
  'on_hold',
  'on_hold_reason',
  'unauthorized',
  'start_date',
  'end_date',
  'correlation_id',
  'correlation_display',
  'std_change_producer_version',
  'sys_created_by',
  'sys_created_on',
  'sys_mod_count',
  'risk'
]

/**
 * @throws Problem `unreadable` when the record lacks a field that every decision needs: the account may not read it,
 *   or the response is not a change request
 */
export function toChange(record: unknown, operation: string): Change {
  return changeOf(toFields(record), operation)
}

/** As `toChange`, for a record whose fields are normalised already. */
export function changeOf(fields: Fields, operation: string): Change {
  if (isWhole(fields)) return partialChange(fields)
  const missing = NEEDED.filter(name => fields[name] === undefined)
  throw clientProblem('unreadable', { operation, fields: missing.length > 0 ? missing : ['sys_id'] })
}

/** Whether a record has the fields that every decision needs. */
export function isWhole(fields: Fields): boolean {
  return NEEDED.every(name => fields[name] !== undefined) && fieldOf(fields, 'sys_id').value !== ''
}

/** A change of which only some fields are known; the others are empty. No decision may be made with it. */
export function partialChange(fields: Fields): Change {
  const value = (name: string) => fieldOf(fields, name).value
  return {
    sysId: value('sys_id'),
    number: value('number'),
    state: canonical(value('state')),
    stateLabel: fieldOf(fields, 'state').display,
    type: value('type'),
    approval: value('approval'),
    onHold: value('on_hold') === 'true',
    onHoldReason: value('on_hold_reason'),
    unauthorized: value('unauthorized') === 'true',
    plannedStart: parseDate(value('start_date')),
    plannedEnd: parseDate(value('end_date')),
    correlationId: value('correlation_id'),
    correlationDisplay: value('correlation_display'),
    fromTemplate: value('std_change_producer_version') !== '',
    createdAt: value('sys_created_on'),
    fields
  }
}

/** Raw dates are UTC, `YYYY-MM-DD HH:MM:SS`. */
function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined
  const at = Date.parse(`${text.replace(' ', 'T')}Z`)
  return Number.isNaN(at) ? undefined : at
}
