import { actorNamed } from './engine/actor.ts'
import { answerOwn, type Verdict } from './engine/approval-answers.ts'
import { approverRows } from './engine/approvals.ts'
import { type Engine, RuleAbort } from './engine/engine.ts'
import { journalEntries } from './engine/journal.ts'
import type { Row } from './engine/store.ts'

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
  readonly size: number
  /** SHA-256, hexadecimal. */
  readonly hash: string
  /** Read from disk when asked for, until the sandbox stops. */
  readonly bytes: Buffer
}

export function findChange(engine: Engine, numberOrSysId: string): Row | undefined {
  const { store } = engine
  return (
    store.get('change_request', numberOrSysId) ??
    store.rows('change_request').find(row => row.number === numberOrSysId)
  )
}

export function demandChange(engine: Engine, numberOrSysId: string): string {
  const change = findChange(engine, numberOrSysId)
  if (!change) throw new Error(`The sandbox has no change ${numberOrSysId}.`)
  return change.sys_id
}

export function answerAs(
  engine: Engine,
  changeId: string,
  by: string,
  verdict: Verdict,
  comments: string
): void {
  const actor = actorNamed(engine.store, by)
  if (!actor) throw new Error(`The sandbox has no active account ${by}.`)
  try {
    if (answerOwn(engine, actor, changeId, verdict, comments) > 0) return
  } catch (error) {
    if (error instanceof RuleAbort) throw new Error(error.message, { cause: error })
    throw error
  }
  const change = engine.store.get('change_request', changeId)
  throw new Error(
    `${by} has no approval requested on ${change?.number} (state ${change?.state}, approval ${change?.approval}).`
  )
}

export function notesOf(engine: Engine, sysId: string, element: string): Note[] {
  return journalEntries(engine, sysId, element).map(entry => ({
    text: entry.value ?? '',
    by: entry.sys_created_by ?? '',
    at: entry.sys_created_on ?? ''
  }))
}

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

export function approversOf(engine: Engine, sysId: string): Row[] {
  return approverRows(engine, sysId).map(row => ({
    ...row,
    comments: journalEntries(engine, row.sys_id, 'comments').at(-1)?.value ?? '',
    approver_name: engine.store.get('sys_user', row.approver ?? '')?.user_name ?? ''
  }))
}
