/** Further runs of a change: a run that is given a change which is bound to another run says in a note that it uses it. */
import { isSignedMark, parseMarks } from '@change-actions/change-control'
import type { BoundChange } from '../bound/bound-changes.ts'
import { repositoryFinder } from '../bound/repository-scopes.ts'
import type { OperationContext } from '../context.ts'
import { type NotedBinding, notedBindings } from '../own/binding-note.ts'
import { type Identity, signatureOf } from '../own/identity.ts'

/** Of one change: each of them is asked about at GitHub. */
const MAX_RUNS = 10

/**
 * The runs that use these changes beside the run that each is bound to, as changes bound to them: newest first, those of
 * the same repository, ten of a change at most. One request for each hundred changes. Where the notes cannot be read
 * there are none.
 *
 * @returns by the sys_id of the change; changes that no other run uses are missing
 * @throws Problem of a request
 */
export async function usedBy<C extends BoundChange>(
  { client }: OperationContext,
  changes: readonly C[],
  { trustedAccounts, bindingKey }: Pick<Identity, 'trustedAccounts' | 'bindingKey'>
): Promise<ReadonlyMap<string, readonly C[]>> {
  if (changes.length === 0) return new Map()
  const notes = await client.markedNotes(
    changes.map(({ change }) => change.sysId),
    trustedAccounts
  )
  const found = new Map<string, readonly C[]>()
  for (const one of changes) {
    const texts = notes.get(one.change.sysId) ?? []
    const others = new Map<string, C>()
    for (const { commit, runId, scope } of texts.flatMap(text => usesIn(text, one, bindingKey)))
      others.set(runId, { ...one, binding: { ...one.binding, version: 2, commit, runId, scope } })
    if (others.size > 0) found.set(one.change.sysId, newestFirst([...others.values()]).slice(0, MAX_RUNS))
  }
  return found
}

/** The numbers of runs grow. */
function newestFirst<C extends BoundChange>(changes: readonly C[]): readonly C[] {
  return changes.toSorted((a, b) => Number(b.binding.runId) - Number(a.binding.runId))
}

function usesIn(text: string, one: BoundChange, bindingKey: string | undefined): NotedBinding[] {
  const signature = signatureOf({ bindingKey }, one.change.sysId)
  const marks = parseMarks(text, 'used')
  const counting = signature === undefined ? marks : marks.filter(mark => isSignedMark(mark, signature))
  const repositoryOf = repositoryFinder([one.repository])
  return notedBindings(counting).filter(
    ({ runId, scope }) => runId !== '0' && runId !== one.binding.runId && repositoryOf(scope) !== undefined
  )
}
