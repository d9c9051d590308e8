import { type Fields, fieldOf } from './changes/fields.ts'
import { accepted } from './changes/responses.ts'
import type { Pipeline } from './http/pipeline.ts'
import { readWholeTable } from './lookups/table.ts'
import { isClientProblem } from './problems/codes.ts'
import { Query } from './query/query.ts'

/** One approver's row. All text is untrusted. */
export interface Approval {
  readonly approver: string
  /** sys_id of the approver's user. */
  readonly approverId: string
  /** User name of the approver; '' where the account may not read it. */
  readonly userName: string
  readonly group: string
  /** `requested`, `approved`, `rejected`, `not requested`, `cancelled`, `not_required`. */
  readonly state: string
  readonly comments: string
  /** Last change of the row, UTC `YYYY-MM-DD HH:MM:SS`. */
  readonly at: string
}

const COLUMNS = [
  'sys_id',
  'sysapproval',
  'approver',
  'approver.user_name',
  'group',
  'group.assignment_group',
  'state',
  'comments',
  'sys_updated_on'
]

/**
 * The approvers of a change, with their states and comments. It only reads: nothing here can approve.
 *
 * @returns undefined when the account may not read the rows, or there are too many to read them all
 */
export async function readApprovals(
  pipeline: Pipeline,
  changeSysId: string,
  maxRetries?: number
): Promise<readonly Approval[] | undefined> {
  const query = new Query().is('sysapproval', changeSysId).orderBy('sys_created_on', 'approver')
  const operation = 'reading the approvals'
  try {
    const read = { table: 'sysapproval_approver', query, operation, limit: 100, fields: COLUMNS, maxRetries }
    const { rows, hidden, cut } = await readWholeTable(pipeline, read)
    // Who has decided is not known where some rows were not read.
    if (cut || (hidden && rows.length === 0)) return undefined
    return accepted(query, rows, operation).map(toApproval)
  } catch (error) {
    if (isClientProblem(error, ...NOT_READABLE)) return undefined
    throw error
  }
}

/** Changes whose approvers are asked for in one request: their sys_ids make most of its address. */
const BATCH = 100

/** Rows of one request: several approvers for each change of a batch. */
const BATCH_PAGE = 1_000

/**
 * The approvers of many changes, a hundred changes a request.
 *
 * @returns by the sys_id of the change; one whose rows the account may not read, or not all, is missing
 */
export async function readApprovalsOfMany(
  pipeline: Pipeline,
  changeSysIds: readonly string[]
): Promise<ReadonlyMap<string, readonly Approval[]>> {
  const found = new Map<string, readonly Approval[]>()
  for (let from = 0; from < changeSysIds.length; from += BATCH) {
    const batch = changeSysIds.slice(from, from + BATCH)
    for (const [sysId, approvals] of await readBatch(pipeline, batch)) found.set(sysId, approvals)
  }
  return found
}

async function readBatch(
  pipeline: Pipeline,
  changeSysIds: readonly string[]
): Promise<ReadonlyMap<string, readonly Approval[]>> {
  const query = new Query().in('sysapproval', changeSysIds)
  const operation = 'reading the approvals'
  try {
    const read = { table: 'sysapproval_approver', query, operation, limit: BATCH_PAGE, fields: COLUMNS }
    const { rows, hidden, cut } = await readWholeTable(pipeline, read)
    if (cut) return new Map()
    const records = accepted(query, rows, operation)
    // Whose rows are hidden is not known: a change without any may be one of them.
    const found = new Map<string, Approval[]>(hidden ? [] : changeSysIds.map(sysId => [sysId, []]))
    for (const row of records) {
      const sysId = fieldOf(row, 'sysapproval').value
      found.set(sysId, [...(found.get(sysId) ?? []), toApproval(row)])
    }
    return found
  } catch (error) {
    if (isClientProblem(error, ...NOT_READABLE)) return new Map()
    throw error
  }
}

function toApproval(row: Fields): Approval {
  return {
    approver: fieldOf(row, 'approver').display,
    approverId: fieldOf(row, 'approver').value,
    userName: fieldOf(row, 'approver.user_name').value,
    group: fieldOf(row, 'group.assignment_group').display || fieldOf(row, 'group').display,
    state: fieldOf(row, 'state').value,
    comments: withoutHeaders(fieldOf(row, 'comments').display),
    at: fieldOf(row, 'sys_updated_on').value
  }
}

/** Codes that mean that the rows cannot be read; a gateway may not forward this path. */
const NOT_READABLE = [
  'role',
  'forbidden',
  'not-found',
  'not-servicenow',
  'unexpected',
  'query-ignored',
  'api-missing'
] as const

/** Journal entries come under a line of their own: `2026-11-21 15:05:36 - Ben Approver (Comments)`. */
function withoutHeaders(journal: string): string {
  const lines = journal.split('\n')
  return lines
    .filter((line, n) => line !== '' && (n === lines.length - 1 || !isHeader(line)))
    .join('\n')
    .trim()
}

/** The longest line that is taken for one, in UTF-16 units. */
const MAX_HEADER = 330

function isHeader(line: string): boolean {
  if (line.length > MAX_HEADER || !/^\d/.test(line) || !/ \([^()]{1,60}\)$/.test(line)) return false
  const name = line.indexOf(' - ', 7)
  return name >= 0 && name <= 61
}
