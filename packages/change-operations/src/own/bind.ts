import {
  isApprovalIdle,
  isApproved,
  isCommitOf,
  normaliseWord,
  type Ownership,
  parseBinding,
  stateOf
} from '@change-actions/change-control'
import type { Change, Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { hasNote, type Note, noteText } from '../notes.ts'
import { bindingNote } from './binding-note.ts'
import { bindingLine, type Identity, signatureOf } from './identity.ts'

/** What is written to bind a change to this run, or to say that this run uses it. */
export interface BindingWrite {
  readonly fields: Readonly<Record<string, Scalar>>
  /** Undefined where the note is there. */
  readonly note: Note | undefined
}

/**
 * What is still to be written on a change that this run goes on with. An empty field is filled, another tool's text is
 * kept. A change of ours is bound anew as long as no approval has been requested for its commit; later it stays what it
 * was approved as, and this run notes that it uses it.
 *
 * @param ownership `unbound` and `foreign` are left as they are
 */
export function bindingWrite(
  { client }: OperationContext,
  change: Change,
  ownership: Ownership,
  identity: Identity
): BindingWrite | undefined {
  const { deployment } = identity
  const signature = signatureOf(identity, change.sysId)
  const due = (note: Note) => (hasNote(change, note) === true ? undefined : note)
  if (ownership === 'open') {
    const line = bindingLine(identity, client, change.correlationId)
    const fields = change.correlationDisplay.trim() === '' ? { correlation_display: line } : {}
    const note = due(bindingNote(deployment, 'bound', { late: isApproved(change), signature }))
    return note === undefined && Object.keys(fields).length === 0 ? undefined : { fields, note }
  }
  if (ownership !== 'ours') return undefined
  const bound = parseBinding(change.correlationDisplay)
  // Nobody has approved, or is asked to: what is submitted next is for this commit. A rejected one is submitted again.
  const approval = normaliseWord(change.approval)
  const neverRequested =
    stateOf(change.state) === 'new' && (isApprovalIdle(change) || approval === 'rejected')
  if (bound !== undefined && neverRequested && !isCommitOf(bound, deployment.commit)) {
    const line = bindingLine(identity, client, change.correlationId)
    return {
      fields: { correlation_display: line },
      note: due(bindingNote(deployment, 'bound', { signature }))
    }
  }
  if (bound?.runId === (deployment.run || '0')) return undefined
  const note = due(bindingNote(deployment, 'used', { signature }))
  return note === undefined ? undefined : { fields: {}, note }
}

/** Binds a change, in one request at most. Nothing else of it is written. */
export async function bindChange(
  context: OperationContext,
  change: Change,
  ownership: Ownership,
  identity: Identity
): Promise<Change> {
  const write = bindingWrite(context, change, ownership, identity)
  if (write === undefined) return change
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'bind', change } })
    return change
  }
  const { fields, note } = write
  const { correlation_display: line } = fields
  const isBound = (current: Change) => line === undefined || current.correlationDisplay === line
  const after = await context.client.changes.update(
    change.sysId,
    { ...fields, ...(note !== undefined && { work_notes: noteText(note) }) },
    {
      operation: `binding ${change.number} to this deployment`,
      done: current => isBound(current) && (note === undefined || hasNote(current, note) === true)
    }
  )
  if (!isBound(after)) context.emit({ type: 'not-bound', change: after })
  return after
}
