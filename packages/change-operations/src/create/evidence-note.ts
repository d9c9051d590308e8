/** The note on attached files: it goes out with the submission, and by itself where that does not carry it. */
import { type Change, Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { SMALL_NOTE } from '../note-parts.ts'
import { addNote, type Note, noteText } from '../notes.ts'

/** Writes the note by itself. @throws Problem `note-not-stored`, or of the client */
export async function addNoteOf(
  context: OperationContext,
  change: Change,
  note: Note | undefined
): Promise<Change> {
  return note === undefined ? change : addNote(context, change, note)
}

/**
 * Writes the note of a step that fails, or whose draft is lost: that is what is to be reported, not the note. A move
 * that was not made may have stored it.
 */
export async function addNoteIfPossible(
  context: OperationContext,
  change: Change,
  note: Note | undefined
): Promise<void> {
  if (note === undefined) return
  try {
    await addNote(context, await context.client.changes.get(change.sysId), note)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
  }
}

/** Both notes as one entry; undefined where an instance could cut it. */
export function inOneEntry(note: Note, before: Note): Note | undefined {
  const both = { ...note, before }
  return noteText(both).length <= SMALL_NOTE ? both : undefined
}
