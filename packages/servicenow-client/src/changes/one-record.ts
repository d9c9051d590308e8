/**
 * Responses about one change. None is proof of the change that was asked for: gateways mix responses up, so each is
 * compared with it.
 */
import { clientProblem, isClientProblem } from '../problems/codes.ts'
import { type Change, changeOf, isWhole, partialChange } from './change.ts'
import type { Made } from './change-api.ts'
import { type Fields, fieldOf, toFields } from './fields.ts'
import { oneRecord } from './responses.ts'

/** What a response has to be about. */
export interface Asked {
  readonly operation: string
  readonly sysId: string
  /** A read may be sent again; a write may have been carried out. */
  readonly by: 'read' | 'write'
}

/**
 * @param name the field that holds the sys_id; a response without it names no record
 * @throws Problem `other-record` when the fields are those of another record than the one that was asked for
 */
export function checkRecord(fields: Fields, asked: Asked, name = 'sys_id'): void {
  const { operation, sysId, by } = asked
  const got = fieldOf(fields, name).value
  if (got === '' || got.toLowerCase() === sysId.toLowerCase()) return
  const facts = { operation, asked: sysId, got: recordName(fields, got) }
  throw clientProblem('other-record', facts, by === 'read' ? { temporary: true, committed: 'no' } : {})
}

function recordName(fields: Fields, sysId: string): string {
  const number = fieldOf(fields, 'number').value
  return number === '' ? sysId : `${number} (${sysId})`
}

/** The change that a read asked for. @throws Problem `other-record`, `unreadable`, `unexpected` */
export function readChange(body: unknown, sysId: string, operation: string): Change {
  const fields = toFields(oneRecord(body, operation))
  checkRecord(fields, { operation, sysId, by: 'read' })
  return changeOf(fields, operation)
}

/** The change as a write returns it; undefined when the response does not show it. @throws Problem `other-record` */
export function writtenChange(body: unknown, sysId: string, operation: string): Change | undefined {
  const fields = writtenFields(body)
  checkRecord(fields, { operation, sysId, by: 'write' })
  return isWhole(fields) ? changeOf(fields, operation) : undefined
}

/** What the response to a creation shows of the new change. */
export function madeChange(body: unknown): Made {
  const fields = writtenFields(body)
  const named = fieldOf(fields, 'sys_id').value !== '' || fieldOf(fields, 'number').value !== ''
  return { change: named ? partialChange(fields) : undefined, whole: isWhole(fields) }
}

/** A change that was looked for after a creation whose response was lost. */
export function found(change: Change | undefined): Made | undefined {
  return change === undefined ? undefined : { change, whole: true }
}

/** A response that is not a record names one only where it came for another request. @throws Problem `other-record` */
export function checkLooseRecord(body: unknown, asked: Asked): void {
  const fields = writtenFields(body)
  if (fieldOf(fields, 'number').value !== '') checkRecord(fields, asked)
}

/** The fields in the response to a write: a success needs no body, and a list of several is no response to a write. */
export function writtenFields(body: unknown): Fields {
  const result = typeof body === 'object' && body !== null && 'result' in body ? body.result : body
  if (!Array.isArray(result)) return toFields(result)
  return result.length === 1 ? toFields(result[0]) : {}
}

/**
 * The change after a write whose response does not show it.
 *
 * @throws Problem of the read; something may have been written
 */
export async function readBack(read: () => Promise<Change>): Promise<Change> {
  try {
    return await read()
  } catch (error) {
    throw isClientProblem(error) ? error.with({}, { committed: 'maybe' }) : error
  }
}
