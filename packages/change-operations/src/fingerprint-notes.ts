/** The note in which a change says what it was when it was submitted. */
import {
  editedFields,
  FINGERPRINT_KIND,
  type Fingerprint,
  fingerprintOf,
  formatFingerprint,
  movedWindow,
  type PlannedWindow,
  parseFingerprint
} from '@change-actions/change-control'
import { type Change, Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { addNote, hasNote, type Note } from './notes.ts'
import { type Identity, signatureOf } from './own/identity.ts'
import { notesByText, type OwnNotes } from './own/own-notes.ts'

const TEXT =
  'Fields as they were submitted: whoever deploys under this change is told of later edits of short description, description, plans, configuration item and type.'

/** The note for a change as it is now. */
export function fingerprintNote(change: Change, identity: Identity): Note {
  const signature = signatureOf(identity, change.sysId)
  return { text: TEXT, marker: formatFingerprint(currentFingerprint(change), signature) }
}

/**
 * Makes sure that the change that was just submitted holds the fingerprint of what it is now: a rule of the instance may
 * have changed fields with the submission, or dropped the note. That it cannot be noted is no reason to fail.
 *
 * @param sent the note that went out with the submission
 */
export async function noteSubmitted(
  context: OperationContext,
  change: Change,
  identity: Identity,
  sent: Note
): Promise<Change> {
  const note = fingerprintNote(change, identity)
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
 * @returns whether a note was written
 */
export async function noteBeforeApprovers(
  context: OperationContext,
  change: Change,
  identity: Identity
): Promise<boolean> {
  const { edited = [] } = editFacts(change, notesByText(change, identity))
  if (edited.length === 0 || context.dryRun) return false
  const noted = await noteSubmitted(context, change, identity, { text: '', marker: '' })
  return noted !== change
}

/** What became of a change since it was submitted. */
export interface EditFacts {
  /** Names of the fields that differ; undefined where that cannot be told. */
  readonly edited: readonly string[] | undefined
  readonly window: { readonly from: PlannedWindow; readonly to: PlannedWindow } | undefined
}

/**
 * What became of a change since it was submitted, by the newest fingerprint in the notes.
 *
 * @param change with all its fields
 * @param proof an equal fingerprint that somebody else may have written says nothing
 */
export function editFacts(
  change: Change,
  notes: OwnNotes | undefined,
  proof: 'needed' | 'not-needed' = 'not-needed'
): EditFacts {
  const noted = notes
    ?.marks(FINGERPRINT_KIND)
    .flatMap(mark => parseFingerprint(mark) ?? [])
    .at(-1)
  if (notes === undefined || noted === undefined) return { edited: undefined, window: undefined }
  const now = currentFingerprint(change)
  const edited = editedFields(noted, now)
  const told = edited?.length === 0 && proof === 'needed' && !notes.proved ? undefined : edited
  return { edited: told, window: movedWindow(noted, now) }
}

function currentFingerprint(change: Change): Fingerprint {
  return fingerprintOf({ ...change, read: field => change.fields[field]?.value })
}
