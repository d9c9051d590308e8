import { type Change, fieldOf } from '@change-actions/servicenow-client'

/** A work note and the marker by which a repeat is recognised. */
export interface Note {
  readonly text: string
  readonly marker: string
}

/** Notes are shown whole in the instance; longer ones are cut rather than refused. */
const MAX_NOTE = 16_000

/** The note as it is sent: the marker ends it, on a line of its own. */
export function noteText(note: Note): string {
  const text = note.text.length > MAX_NOTE ? `${note.text.slice(0, MAX_NOTE)}…` : note.text
  return `${text}\n${note.marker}`
}

/** Whether a note is still to be written. `sent`: it went out already, which must do where the journal may not be read. */
export function isDue(change: Change, note: Note, sent: boolean): boolean {
  const there = hasNote(change, note)
  return there === undefined ? !sent : !there
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
