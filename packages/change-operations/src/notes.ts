import { stateTitle, withoutMarkers } from '@change-actions/change-control'
import { type Change, fieldOf } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { keptOf, limitFor, MAX_NOTE, type Note, SMALL_NOTE, splitOff } from './note-parts.ts'
import { type ChangeProblem, changeProblem } from './problems.ts'

export type { Note } from './note-parts.ts'

/**
 * A note, or a part of one, as it is sent: the marker ends it, on a line of its own. All notes come through here, so
 * that no text in one can be read as a marker.
 */
export function noteText({ text, marker, before }: Note): string {
  const first = before === undefined ? '' : `${noteText(before)}\n\n`
  return `${first}${withoutMarkers(text)}\n${marker}`
}

/** Whether a note fits in one entry on every instance. A longer one is sent by {@link addNote} alone, which sees a cut. */
export function isShort(note: Note): boolean {
  return note.text.length <= limitFor(SMALL_NOTE)
}

/** Whether a note is still to be written. `sent`: it went out already, which must do where the journal may not be read. */
export function isDue(change: Change, note: Note, sent: boolean): boolean {
  const present = hasNote(change, note)
  return present === undefined ? !sent : !present
}

/** Whether the change's journal holds the note already; undefined when the account may not read the journal. */
export function hasNote(change: Change, note: Note, journal: Journal = 'work_notes'): boolean | undefined {
  if (change.fields[journal] === undefined) return undefined
  return fieldOf(change.fields, journal).display.includes(note.marker)
}

type Journal = 'work_notes' | 'comments'

/**
 * Appends a note once: one with the same marker that is in the journal already is not written again. A note that is
 * too long for an entry goes in several, each once; so does what an instance cut.
 *
 * @throws Problem `note-not-stored`, or of the client
 */
export async function addNote(
  context: OperationContext,
  change: Change,
  note: Note,
  journal: Journal = 'work_notes'
): Promise<Change> {
  if (hasNote(change, note, journal) === true) return change
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'add-note', change } })
    return change
  }
  // Where the journal may not be read, a cut would not be seen.
  let limit = change.fields[journal] === undefined ? limitFor(SMALL_NOTE) : MAX_NOTE
  let current = change
  let left: Note | undefined = note
  while (left !== undefined) {
    const parts = splitOff(left, limit)
    const part: Note = parts?.first ?? left
    // An earlier attempt may have been stopped half way.
    if (hasNote(current, part, journal) !== true && keptIn(current, part, journal) === undefined)
      current = await writeNote(context, current, part, journal)
    if (hasNote(current, part, journal) !== false) {
      left = parts?.rest
      continue
    }
    const kept = keptIn(current, part, journal)
    if (kept === undefined) throw noteNotStored(current, WORDS[journal], journal)
    limit = Math.min(limit, limitFor(kept))
    left = { ...left, text: afterCut(left.text, kept) }
  }
  return current
}

const WORDS = { work_notes: 'work note', comments: 'comment' } as const

/** How much of a part an entry without its marker holds; undefined where there is none. */
function keptIn(change: Change, part: Note, journal: Journal): number | undefined {
  if (change.fields[journal] === undefined) return undefined
  return keptOf(fieldOf(change.fields, journal).display, part.text)
}

/** What is still to be written; it begins with a whole line where the cut is near one. */
function afterCut(text: string, kept: number): string {
  const line = text.lastIndexOf('\n', kept - 1)
  const from = line > Math.max(kept / 2, kept - LINE) ? line + 1 : kept
  return text.slice(/[\udc00-\udfff]/.test(text[from] ?? '') ? from - 1 : from)
}

/** A line that is cut is written once more, unless it is longer than this. UTF-16 units. */
const LINE = 1_000

async function writeNote(
  context: OperationContext,
  change: Change,
  part: Note,
  journal: Journal
): Promise<Change> {
  return context.client.changes.update(
    change.sysId,
    { [journal]: noteText(part) },
    {
      operation: `adding a ${WORDS[journal]} to ${change.number}`,
      done: current => hasNote(current, part, journal) === true
    }
  )
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
