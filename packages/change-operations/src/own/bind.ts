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
import { artifactsDue } from './artifacts-note.ts'
import { bindingNote } from './binding-note.ts'
import { bindingLine, type Identity, signatureOf } from './identity.ts'
import { notesByText } from './own-notes.ts'

/** What is written to bind a change to this run, or to say that this run uses it. */
export interface BindingWrite {
  readonly fields: Readonly<Record<string, Scalar>>
  /** Those that are not there yet. */
  readonly notes: readonly Note[]
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
  const due = (note: Note) => (hasNote(change, note) === true ? [] : [note])
  const neverRequested = isBeforeRequest(change)
  // What was approved stays what it was approved as.
  const artifacts = (may: boolean) => (may ? artifactsDue(change, identity) : undefined) ?? []
  if (ownership === 'open') {
    const line = bindingLine(identity, client, change.correlationId)
    const fields = change.correlationDisplay.trim() === '' ? { correlation_display: line } : {}
    const isBound = (notesByText(change, identity)?.marks('bound') ?? []).length > 0
    const bound = due(bindingNote(deployment, 'bound', { late: isApproved(change), signature }))
    return unlessNothing(fields, [artifacts(neverRequested || !isBound), bound].flat())
  }
  if (ownership !== 'ours') return undefined
  const bound = parseBinding(change.correlationDisplay)
  if (bound !== undefined && neverRequested && !isCommitOf(bound, deployment.commit)) {
    const line = bindingLine(identity, client, change.correlationId)
    const fields = { correlation_display: line }
    return { fields, notes: [artifacts(true), due(bindingNote(deployment, 'bound', { signature }))].flat() }
  }
  const own = bound?.runId === (deployment.run || '0')
  const used = own ? [] : due(bindingNote(deployment, 'used', { signature }))
  return unlessNothing({}, [artifacts(neverRequested), used].flat())
}

/** Nobody has approved, or is asked to: what is submitted next is for this commit. A rejected one is submitted again. */
function isBeforeRequest(change: Change): boolean {
  const rejected = normaliseWord(change.approval) === 'rejected'
  return stateOf(change.state) === 'new' && (isApprovalIdle(change) || rejected)
}

function unlessNothing(fields: BindingWrite['fields'], notes: readonly Note[]): BindingWrite | undefined {
  return notes.length === 0 && Object.keys(fields).length === 0 ? undefined : { fields, notes }
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
  const { fields, notes } = write
  const { correlation_display: line } = fields
  const isBound = (current: Change) => line === undefined || current.correlationDisplay === line
  const after = await context.client.changes.update(
    change.sysId,
    { ...fields, ...(notes.length > 0 && { work_notes: notes.map(noteText).join('\n\n') }) },
    {
      operation: `binding ${change.number} to this deployment`,
      done: current => isBound(current) && notes.every(note => hasNote(current, note) === true)
    }
  )
  if (!isBound(after)) context.emit({ type: 'not-bound', change: after })
  return after
}
