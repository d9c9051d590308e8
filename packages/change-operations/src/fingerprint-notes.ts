/** The note in which a change says what it was when it was submitted. */
import {
  editedFields,
  type Fingerprint,
  fingerprintOf,
  formatFingerprint,
  movedWindow,
  type PlannedWindow,
  parseFingerprints
} from '@change-actions/change-control'
import { type Change, fieldOf, Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { addNote, hasNote, type Note } from './notes.ts'

/** The notes that are ours. */
export interface OwnNotes {
  /** Newest first; one text may hold several notes, newest first too. */
  readonly texts: readonly string[]
  /** That they are ours is proved: what they say may open a gate. */
  readonly proved: boolean
}

/** The notes on a change that count as ours. */
export function ownNotesOf(change: Change): OwnNotes {
  if (change.fields.work_notes === undefined) return { texts: [], proved: false }
  return { texts: [fieldOf(change.fields, 'work_notes').display], proved: true }
}

const TEXT =
  'Fields as they were submitted: whoever deploys under this change is told of later edits of short description, description, plans, configuration item and type.'

/** The note for a change as it is now. */
export function fingerprintNote(change: Change): Note {
  return { text: TEXT, marker: formatFingerprint(currentFingerprint(change)) }
}

/**
 * Makes sure that the change that was just submitted holds the fingerprint of what it is now: a rule of the instance may
 * have changed fields with the submission, or dropped the note. That it cannot be noted is no reason to fail.
 *
 * @param sent the note that went out with the submission
 */
export async function noteSubmitted(context: OperationContext, change: Change, sent: Note): Promise<Change> {
  const note = fingerprintNote(change)
  const present = hasNote(change, note) ?? note.marker === sent.marker
  if (present) return change
  try {
    return await addNote(context, change, note)
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    context.emit({ type: 'fields-not-noted', change })
    return change
  }
}

/**
 * Notes the fields anew where rules changed them after the submission. It is for the time before anybody is asked for an
 * approval, and for changes that hold a fingerprint.
 *
 * @param change with all its fields
 */
export async function noteBeforeApprovers(context: OperationContext, change: Change): Promise<void> {
  const { edited = [] } = editFacts(change, ownNotesOf(change))
  if (edited.length > 0 && !context.dryRun) await noteSubmitted(context, change, { text: '', marker: '' })
}

/** The fingerprint that counts: the newest one. */
export function readFingerprint({ texts }: OwnNotes): Fingerprint | undefined {
  return texts.flatMap(parseFingerprints)[0]
}

/** What became of a change since it was submitted. */
export interface EditFacts {
  /** Names of the fields that differ; undefined where that cannot be told. */
  readonly edited: readonly string[] | undefined
  readonly window: { readonly from: PlannedWindow; readonly to: PlannedWindow } | undefined
}

/**
 * What became of a change since it was submitted, by the notes that are ours.
 *
 * @param change with all its fields
 */
export function editFacts(change: Change, notes: OwnNotes): EditFacts {
  const noted = readFingerprint(notes)
  if (noted === undefined) return { edited: undefined, window: undefined }
  const now = currentFingerprint(change)
  const edited = editedFields(noted, now)
  // An equal fingerprint that somebody else may have written says nothing.
  const told = edited?.length === 0 && !notes.proved ? undefined : edited
  return { edited: told, window: movedWindow(noted, now) }
}

function currentFingerprint(change: Change): Fingerprint {
  return fingerprintOf({ ...change, read: field => change.fields[field]?.value })
}
