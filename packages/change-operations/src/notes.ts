import { stateTitle } from '@change-actions/change-control'
import { type Change, fieldOf } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { type ChangeProblem, changeProblem } from './problems.ts'

/** A work note and the marker by which a repeat is recognised. */
export interface Note {
  readonly text: string
  readonly marker: string
}

/** Notes are shown whole in the instance; longer ones are cut rather than refused. UTF-16 units. */
const MAX_NOTE = 16_000

/** The note as it is sent: the marker ends it, on a line of its own. */
export function noteText(note: Note): string {
  const text = note.text.length > MAX_NOTE ? `${note.text.slice(0, MAX_NOTE)}…` : note.text
  return `${text}\n${note.marker}`
}

/** Whether a note is still to be written. `sent`: it went out already, which must do where the journal may not be read. */
export function isDue(change: Change, note: Note, sent: boolean): boolean {
  const present = hasNote(change, note)
  return present === undefined ? !sent : !present
}

/** Whether the change's journal holds the note already; undefined when the account may not read the journal. */
export function hasNote(
  change: Change,
  note: Note,
  journal: 'work_notes' | 'comments' = 'work_notes'
): boolean | undefined {
  if (change.fields[journal] === undefined) return undefined
  return fieldOf(change.fields, journal).display.includes(note.marker)
}

/**
 * Appends a work note once: a note with the same marker that is in the journal already is not written again.
 *
 * @throws Problem `note-not-stored`, or of the client
 */
export async function addNote(context: OperationContext, change: Change, note: Note): Promise<Change> {
  if (hasNote(change, note) === true) return change
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'add-note', change } })
    return change
  }
  const after = await context.client.changes.update(
    change.sysId,
    { work_notes: noteText(note) },
    {
      operation: `adding a work note to ${change.number}`,
      done: current => hasNote(current, note) === true
    }
  )
  if (hasNote(after, note) !== false) return after
  throw noteNotStored(after, 'work note', 'work_notes')
}

/** A note that is not in the journal, although the instance reported success. */
export function noteNotStored(
  change: Change,
  note: 'work note' | 'comment',
  field: 'work_notes' | 'comments'
): ChangeProblem {
  return changeProblem(
    'note-not-stored',
    change,
    { note, field, state: stateTitle(change) },
    { committed: 'maybe' }
  )
}
