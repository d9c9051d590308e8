import { isSignedMark, parseClaims, parseMarks } from '@change-actions/change-control'
import type { OperationContext } from '../context.ts'
import { notedBindings } from '../own/binding-note.ts'
import { type Identity, signatureOf } from '../own/identity.ts'
import type { BoundChange } from './bound-changes.ts'

/** A run that a note of ours names: it uses a change that is bound to another run. */
export interface NotedRun {
  readonly bound: BoundChange
  readonly runId: string
  readonly scope: string
}

/**
 * The runs that use or claimed these changes, by notes that are proved ours.
 *
 * @returns `complete`: false when the account sees no note of ours at all, which may mean that they are hidden
 */
export async function notedRuns(
  { client }: OperationContext,
  changes: readonly BoundChange[],
  about: Pick<Identity, 'trustedAccounts' | 'bindingKey'>
): Promise<{ readonly runs: readonly NotedRun[]; readonly complete: boolean }> {
  const sysIds = changes.map(({ change }) => change.sysId)
  const notes = await client.markedNotes(sysIds, about.trustedAccounts)
  const runs = changes.flatMap(bound =>
    (notes.get(bound.change.sysId) ?? []).flatMap(text => runsIn(text, bound, about))
  )
  return { runs, complete: changes.length === 0 || notes.size > 0 }
}

function runsIn(text: string, bound: BoundChange, { bindingKey }: Pick<Identity, 'bindingKey'>): NotedRun[] {
  const signature = signatureOf({ bindingKey }, bound.change.sysId)
  const marks = ['used', 'bound'].flatMap(kind => parseMarks(text, kind))
  const counting = signature === undefined ? marks : marks.filter(mark => isSignedMark(mark, signature))
  const named = [...notedBindings(counting), ...parseClaims(text, signature)]
  return named.map(({ runId, scope }) => ({ bound, runId, scope }))
}
