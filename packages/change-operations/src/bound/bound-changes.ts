/** Changes that are bound to deployments of some repositories, whichever run made them. */
import { type Binding, bindingOn } from '@change-actions/change-control'
import { type Change, Query } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { createdByUs, creatorName } from '../own/creator.ts'
import type { Identity } from '../own/identity.ts'
import { type BoundRepository, repositoryFinder } from './repository-scopes.ts'

/** Which bound changes are read. */
export interface BoundQuestion extends Pick<Identity, 'trustedAccounts' | 'bindingKey'> {
  readonly repositories: readonly BoundRepository[]
  /** Narrows the query to a span of time, or to states. */
  narrow(query: Query): Query
  /** Fields beyond those of every list. */
  readonly fields: readonly string[]
  /** What is being done, as a participle, for an error. */
  readonly operation: string
}

export interface BoundChange {
  readonly change: Change
  readonly binding: Binding
  readonly repository: BoundRepository
}

export interface BoundChanges {
  /** Created by our account or by a trusted one. */
  readonly ours: readonly BoundChange[]
  /** Created by anybody else: they count for nothing, and their creators have to be named to the user. */
  readonly others: readonly BoundChange[]
  /** Changes match that the account may not read. */
  readonly hidden: boolean
}

/**
 * The changes that are bound to these repositories: one query by pages of 1,000, whatever the number of repositories.
 * With a binding key, a change without its signature is bound to nothing.
 *
 * @throws Problem `creator-unreadable`, `list-cut` and those of a request
 */
export async function boundChanges(
  context: OperationContext,
  question: BoundQuestion
): Promise<BoundChanges> {
  const { client } = context
  const query = question.narrow(new Query().startsWith('correlation_display', 'gha'))
  const { changes, hidden } = await client.changes.list(query, question.operation, question.fields)
  const repositoryOf = repositoryFinder(question.repositories)
  const bound = changes.flatMap((change): BoundChange[] => {
    const binding = bindingOn(change, { key: question.bindingKey, instance: client.instance })
    const repository = binding === undefined ? undefined : repositoryOf(binding.scope)
    return binding === undefined || repository === undefined ? [] : [{ change, binding, repository }]
  })
  const trusted = await trustedCreators(context, bound, question)
  const isOurs = ({ change }: BoundChange) => trusted.has(creatorKey(change))
  return { ours: bound.filter(isOurs), others: bound.filter(one => !isOurs(one)), hidden }
}

/** Creators of which the instance is asked in one request. */
const CREATORS = 50

/** Names of the creators that count as ours, in lower case: one change of each stands for all of its changes. */
async function trustedCreators(
  context: OperationContext,
  bound: readonly BoundChange[],
  question: BoundQuestion
): Promise<ReadonlySet<string>> {
  const first = [...new Map(bound.map(({ change }) => [creatorKey(change), change])).values()]
  const trusted = new Set<string>()
  for (let from = 0; from < first.length; from += CREATORS) {
    const some = first.slice(from, from + CREATORS)
    const ours = await createdByUs(context, some, question)
    for (const change of some) if (ours.has(change.sysId)) trusted.add(creatorKey(change))
  }
  return trusted
}

function creatorKey(change: Change): string {
  return creatorName(change).trim().toLowerCase()
}

/** The creators of changes that count for nothing, each with how many; most first. Untrusted text. */
export function creatorsOf(
  others: readonly BoundChange[]
): readonly { readonly creator: string; readonly changes: number }[] {
  const counts = new Map<string, { creator: string; changes: number }>()
  for (const { change } of others) {
    const { creator, changes } = counts.get(creatorKey(change)) ?? {
      creator: creatorName(change),
      changes: 0
    }
    counts.set(creatorKey(change), { creator, changes: changes + 1 })
  }
  return [...counts.values()].sort((a, b) => b.changes - a.changes)
}
