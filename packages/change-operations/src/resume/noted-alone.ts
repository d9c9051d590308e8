/** Approved changes that only a note binds: the query for what is decided, which goes by a field, does not find them. */
import { parseMarks, stateValue } from '@change-actions/change-control'
import { type Change, Query } from '@change-actions/servicenow-client'
import { type BoundRepository, repositoryFinder } from '../bound/repository-scopes.ts'
import type { OperationContext } from '../context.ts'
import { notedBindings } from '../own/binding-note.ts'
import type { Identity } from '../own/identity.ts'

export interface NotedAloneQuestion extends Pick<Identity, 'trustedAccounts'> {
  readonly repositories: readonly BoundRepository[]
  /** Epoch milliseconds on the instance's clock: changes that were written last before are not looked at. */
  readonly updatedSince: number
}

/** A change, and the run that bound it. */
export interface NotedAlone {
  readonly change: Change
  readonly repository: BoundRepository
  readonly runId: string
}

/** Changes whose notes are read: five requests. */
const MAX_CHANGES = 500

/**
 * The changes in Scheduled that were approved lately, whose field `correlation_display` is not ours, and in whose notes a
 * run of these repositories says that it bound them. One query, and one more for each hundred that are in question. Where
 * the notes cannot be read there are none.
 *
 * @throws Problem of a request
 */
export async function notedAlone(
  { client }: OperationContext,
  { repositories, trustedAccounts, updatedSince }: NotedAloneQuestion
): Promise<readonly NotedAlone[]> {
  const query = new Query()
    .is('state', stateValue('scheduled'))
    .is('approval', 'approved')
    .notBefore('sys_updated_on', updatedSince)
  const listed = await client.changes.list(query, 'looking for changes that a note alone binds')
  const others = listed.changes
    .filter(change => !change.correlationDisplay.startsWith('gha'))
    .slice(0, MAX_CHANGES)
  if (others.length === 0) return []
  const notes = await client.markedNotes(
    others.map(change => change.sysId),
    trustedAccounts
  )
  const repositoryOf = repositoryFinder(repositories)
  return others.flatMap((change): NotedAlone[] => {
    const marks = (notes.get(change.sysId) ?? []).flatMap(text => parseMarks(text, 'bound'))
    const last = notedBindings(marks).at(-1)
    const repository = last === undefined ? undefined : repositoryOf(last.scope)
    return last === undefined || repository === undefined ? [] : [{ change, repository, runId: last.runId }]
  })
}
