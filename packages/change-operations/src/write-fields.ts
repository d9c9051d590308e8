import { differences, stateTitle } from '@change-actions/change-control'
import type { Change, Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { hasNote, type Note, noteNotStored } from './notes.ts'
import { changeProblem } from './problems.ts'

export interface FieldWrite {
  /** Notes and the end of a hold are among them. */
  readonly fields: Readonly<Record<string, Scalar>>
  /** The note under `work_notes`. */
  readonly workNote: Note | undefined
  /** The note under `comments`. */
  readonly comment: Note | undefined
}

/**
 * Writes fields in one request and reads back what became of them: the instance reports neither what it ignored nor
 * what it blanked.
 *
 * @throws Problem `not-applied`, `still-on-hold`, `note-not-stored`, or of the client
 */
export async function writeFields(
  context: OperationContext,
  change: Change,
  write: FieldWrite
): Promise<Change> {
  const { fields, comment } = write
  const names = Object.keys(fields)
  if (names.length === 0) return change
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'write', change, fields: names } })
    return change
  }
  const sent = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  const after = await context.client.changes.update(change.sysId, fields, {
    operation: `updating ${names.join(', ')} of ${change.number}`,
    done: current => differences(sent, current.fields).length === 0 && hasNotes(current, write)
  })
  reportDifferences(context, after, sent)
  if (fields.on_hold === false && after.onHold)
    throw changeProblem('still-on-hold', after, { state: stateTitle(after) }, { committed: 'yes' })
  const dropped =
    comment !== undefined && 'comments' in fields && hasNote(after, comment, 'comments') === false
  if (dropped) throw noteNotStored(after, 'comment', 'comments')
  return after
}

function hasNotes(change: Change, { fields, workNote, comment }: FieldWrite): boolean {
  if ('work_notes' in fields && workNote !== undefined && hasNote(change, workNote) !== true) return false
  return !('comments' in fields && comment !== undefined && hasNote(change, comment, 'comments') !== true)
}

/** @throws Problem `not-applied` for a field without which the change is another one */
function reportDifferences(context: OperationContext, change: Change, sent: Record<string, string>): void {
  const found = differences(sent, change.fields)
  const critical = found.filter(one => one.critical || one.unresolved)
  if (critical.length > 0)
    throw changeProblem(
      'not-applied',
      change,
      { differences: critical, during: 'update' },
      { committed: 'yes' }
    )
  for (const difference of found) context.emit({ type: 'field-not-applied', change, difference })
}
