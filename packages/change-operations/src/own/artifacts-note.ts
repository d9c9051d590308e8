/** The note in which a run says what is deployed under a change. */
import {
  ARTIFACTS_KIND,
  areNoted,
  artifactsNoted,
  compareArtifacts,
  formatArtifacts,
  type GateFacts,
  MAX_GENERATION
} from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { Note } from '../notes.ts'
import { type Identity, signatureOf } from './identity.ts'
import { notesByText, readOwnNotes } from './own-notes.ts'

/**
 * The note for a change, undefined where no digests are given.
 *
 * @param generation 1 for the first one on a change
 * @param sysId of the change, where it is known: with a key the note is signed for it
 */
export function artifactsNote(identity: Identity, generation = 1, sysId?: string): Note | undefined {
  const { artifacts } = identity.deployment
  if (artifacts.length === 0) return undefined
  const signature = sysId === undefined ? undefined : signatureOf(identity, sysId)
  return {
    text: ['What is deployed under this change:', ...listed(artifacts)].join('\n'),
    marker: formatArtifacts(artifacts, generation, signature)
  }
}

/** A note of that many fits in one entry on every instance; the marker covers all of them. */
const MAX_LISTED = 40

function listed(digests: readonly string[]): string[] {
  const more = digests.length - MAX_LISTED
  return more > 0 ? [...digests.slice(0, MAX_LISTED), `and ${more} more`] : [...digests]
}

/** What is still to be noted on a change that this run goes on with, while nobody was asked to approve it. */
export function artifactsDue(change: Change, identity: Identity): Note | undefined {
  const { artifacts } = identity.deployment
  const noted = artifactsNoted(notesByText(change, identity)?.marks(ARTIFACTS_KIND) ?? [])
  if (noted === undefined) return artifactsNote(identity, 1, change.sysId)
  if (noted.generation === MAX_GENERATION || areNoted(artifacts, noted)) return undefined
  return artifactsNote(identity, noted.generation + 1, change.sysId)
}

/** The digests of this deployment, held against those in the notes. Costs a request where digests are given. */
export async function artifactsFact(
  context: OperationContext,
  change: Change,
  identity: Identity
): Promise<GateFacts['digests']> {
  const { artifacts } = identity.deployment
  if (artifacts.length === 0) return 'not-given'
  const notes = await readOwnNotes(context, change, identity)
  return compareArtifacts(
    artifacts,
    notes === undefined ? undefined : { proved: notes.proved, marks: notes.marks(ARTIFACTS_KIND) }
  )
}
