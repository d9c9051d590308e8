import { findActor } from './engine/actor.ts'
import { type ApprovalDecision, decideOwnApprovals } from './engine/approval-decisions.ts'
import { approverRows } from './engine/approvals.ts'
import { type Engine, RuleAbort } from './engine/engine.ts'
import { journalEntries } from './engine/journal.ts'
import type { Row } from './engine/store.ts'

/** An entry of a journal field. */
export interface Note {
  readonly text: string
  /** User name of the author. */
  readonly by: string
  /** UTC, `YYYY-MM-DD HH:MM:SS`. */
  readonly at: string
}

export interface StoredAttachment {
  readonly sysId: string
  readonly name: string
  readonly contentType: string
  /** Bytes. */
  readonly size: number
  /** SHA-256, hexadecimal. */
  readonly hash: string
  /** Read from disk on each access. Not available after the sandbox has stopped. */
  readonly bytes: Buffer
}

/** A change by number or sys_id. */
export function findChange(engine: Engine, numberOrSysId: string): Row | undefined {
  const { store } = engine
  return (
    store.get('change_request', numberOrSysId) ??
    store.rows('change_request').find(row => row.number === numberOrSysId)
  )
}

/**
 * The sys_id of a change.
 * @throws Error when there is no such change
 */
export function requireChangeId(engine: Engine, numberOrSysId: string): string {
  const change = findChange(engine, numberOrSysId)
  if (!change) throw new Error(`The sandbox has no change ${numberOrSysId}.`)
  return change.sys_id
}

/**
 * Approves or rejects the pending approvals of a user.
 * @param by user name
 * @throws Error when the account is not active, has no pending approval on the change, or a rule refuses the decision
 */
export function decideAs(
  engine: Engine,
  changeId: string,
  by: string,
  decision: ApprovalDecision,
  comments: string
): void {
  const actor = findActor(engine.store, by)
  if (!actor) throw new Error(`The sandbox has no active account ${by}.`)
  try {
    if (decideOwnApprovals(engine, actor, changeId, decision, comments) > 0) return
  } catch (error) {
    if (error instanceof RuleAbort) throw new Error(error.message, { cause: error })
    throw error
  }
  const change = engine.store.get('change_request', changeId)
  throw new Error(
    `${by} has no approval requested on ${change?.number} (state ${change?.state}, approval ${change?.approval}).`
  )
}

/** The entries of a journal field of a record, oldest first. */
export function notesOf(engine: Engine, sysId: string, element: string): Note[] {
  return journalEntries(engine, sysId, element).map(entry => ({
    text: entry.value ?? '',
    by: entry.sys_created_by ?? '',
    at: entry.sys_created_on ?? ''
  }))
}

/** The attachments of a record, oldest first. */
export function attachmentsOf(engine: Engine, sysId: string): StoredAttachment[] {
  const files = engine.store.rows('sys_attachment').filter(row => row.table_sys_id === sysId)
  return files.map(file => ({
    sysId: file.sys_id,
    name: file.file_name ?? '',
    contentType: file.content_type ?? '',
    size: Number(file.size_bytes),
    hash: file.hash ?? '',
    get bytes() {
      return engine.store.files.read(file.sys_id)
    }
  }))
}

/** The approver rows of a change, with the last comment in `comments` and the user name in `approver_name`. */
export function approversOf(engine: Engine, sysId: string): Row[] {
  return approverRows(engine, sysId).map(row => ({
    ...row,
    comments: journalEntries(engine, row.sys_id, 'comments').at(-1)?.value ?? '',
    approver_name: engine.store.get('sys_user', row.approver ?? '')?.user_name ?? ''
  }))
}
