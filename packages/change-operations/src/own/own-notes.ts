import {
  isSignedMark,
  type Mark,
  parseClaims,
  parseMarks,
  type RecordedClaim,
  type Signature
} from '@change-actions/change-control'
import { type Change, fieldOf } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { type Identity, signatureOf } from './identity.ts'

/**
 * The work notes of a change, as far as markers in them count.
 *
 * `proved`: written by us, as the journal or a signature shows. Markers of other notes may close a gate, and never open
 * one.
 */
export interface OwnNotes {
  readonly proved: boolean
  /** Oldest first. */
  readonly claims: readonly RecordedClaim[]
  /** The markers of a kind, oldest first. */
  marks(kind: string): readonly Mark[]
}

/** The notes by their text alone; undefined when the account may not read it. With a key it is all there is to read. */
export function notesByText(change: Change, identity: Identity): OwnNotes | undefined {
  if (change.fields.work_notes === undefined) return undefined
  const { display } = fieldOf(change.fields, 'work_notes')
  const signature = signatureOf(identity, change.sysId)
  return {
    proved: signature !== undefined,
    // A journal shows its newest entry first.
    claims: parseClaims(display, signature).reverse(),
    marks: kind => counting(parseMarks(display, kind).reverse(), signature)
  }
}

/** Where there is a key, only markers that were written with it count. */
function counting(marks: readonly Mark[], signature: Signature | undefined): readonly Mark[] {
  return signature === undefined ? marks : marks.filter(mark => isSignedMark(mark, signature))
}

/**
 * The notes as the journal shows them, with their writers. Access rules hide rows without an error: it counts as read
 * only when the note that we wrote when we made or bound the change is among them. Else the text has to do.
 *
 * @returns undefined when neither can be read
 */
export async function readOwnNotes(
  context: OperationContext,
  change: Change,
  identity: Identity
): Promise<OwnNotes | undefined> {
  const byText = notesByText(change, identity)
  if (byText?.proved) return byText
  const signature = signatureOf(identity, change.sysId)
  const rows = await context.client.journal(change.sysId, identity.trustedAccounts)
  const entries = rows ?? []
  const marks = (kind: string) => entries.flatMap(text => parseMarks(text, kind))
  if (marks('bound').length === 0 && marks('used').length === 0) return byText
  return {
    proved: true,
    claims: entries.flatMap(text => parseClaims(text, signature)),
    marks: kind => counting(marks(kind), signature)
  }
}
