/** Pull requests as GraphQL shows them. */
import { levelOf } from '../access.ts'
import { filesOf } from '../pulls.ts'
import { fullName, type Pull, type Repository, type Review } from '../state.ts'
import { nodeId, time } from '../views.ts'
import { connection, type Paging } from './connections.ts'
import { commitNode, refNode } from './git.ts'
import { actorNode, addresses, repositoryNode } from './repositories.ts'
import type { Scope } from './scope.ts'

function stateOf(pull: Pull): 'OPEN' | 'MERGED' | 'CLOSED' {
  if (pull.mergedAt !== null) return 'MERGED'
  return pull.closed ? 'CLOSED' : 'OPEN'
}

function reviewNode(scope: Scope, repository: Repository, pull: Pull, review: Review): object {
  return {
    __typename: 'PullRequestReview',
    id: nodeId('PullRequestReview', review.id),
    databaseId: review.id,
    author: () => actorNode(scope, review.user),
    state: review.state,
    authorCanPushToRepository: ['write', 'admin'].includes(levelOf(repository, review.user.login) ?? ''),
    body: review.body,
    bodyText: review.body,
    createdAt: time(review.at),
    submittedAt: time(review.at),
    updatedAt: time(review.at),
    ...addresses(scope, `${fullName(repository)}/pull/${pull.number}#pullrequestreview-${review.id}`),
    pullRequest: () => pullNode(scope, repository, pull),
    repository: () => repositoryNode(scope, repository)
  }
}

/** The newest review of each person. */
function latestReviews(reviews: readonly Review[]): Review[] {
  return [...new Map(reviews.map(one => [one.user.login, one])).values()]
}

/** The same of those that say yes or no, or were dismissed. */
function latestOpinions(reviews: readonly Review[]): Review[] {
  return latestReviews(reviews.filter(({ state }) => state !== 'COMMENTED'))
}

interface ReviewArgs extends Paging {
  readonly states?: readonly string[] | null
  readonly author?: string | null
}

function decisionOf(pull: Pull): string | null {
  const states = latestOpinions(pull.reviews).map(({ state }) => state)
  if (states.includes('CHANGES_REQUESTED')) return 'CHANGES_REQUESTED'
  return states.includes('APPROVED') ? 'APPROVED' : null
}

export function pullNode(scope: Scope, repository: Repository, pull: Pull): object {
  const ended = pull.mergedAt ?? (pull.closed ? pull.at : null)
  const mergeCommit = pull.mergeSha === null ? undefined : repository.commits.get(pull.mergeSha)
  const reviews = (all: readonly Review[], args: Paging) =>
    connection(all, args, one => reviewNode(scope, repository, pull, one))
  const place = addresses(scope, `${fullName(repository)}/pull/${pull.number}`)
  return {
    __typename: 'PullRequest',
    id: nodeId('PullRequest', pull.id),
    databaseId: pull.id,
    number: pull.number,
    title: pull.title,
    body: pull.body,
    bodyText: pull.body,
    state: stateOf(pull),
    merged: pull.mergedAt !== null,
    closed: ended !== null,
    isDraft: false,
    locked: false,
    createdAt: time(pull.at),
    updatedAt: time(ended ?? pull.at),
    closedAt: ended === null ? null : time(ended),
    mergedAt: pull.mergedAt === null ? null : time(pull.mergedAt),
    ...place,
    permalink: place.url,
    author: () => actorNode(scope, pull.author),
    baseRefName: pull.base.ref,
    baseRefOid: pull.base.sha,
    headRefName: pull.head.ref,
    headRefOid: pull.head.sha,
    baseRef: () => refNode(scope, repository, `refs/heads/${pull.base.ref}`),
    headRef: () => refNode(scope, repository, `refs/heads/${pull.head.ref}`),
    changedFiles: () => filesOf(repository, pull).length,
    mergeCommit: () => mergeCommit && commitNode(scope, repository, mergeCommit),
    repository: () => repositoryNode(scope, repository),
    reviewDecision: decisionOf(pull),
    labels: (args: Paging) =>
      connection(pull.labels, args, name => ({
        id: nodeId('Label', `${repository.id}:${name}`),
        name,
        isDefault: false,
        ...addresses(scope, `${fullName(repository)}/labels/${encodeURIComponent(name)}`)
      })),
    latestReviews: (args: Paging) => reviews(latestReviews(pull.reviews), args),
    latestOpinionatedReviews: (args: Paging) => reviews(latestOpinions(pull.reviews), args),
    reviews: (args: ReviewArgs) => {
      const { states, author } = args
      const wanted = pull.reviews.filter(
        one => (states == null || states.includes(one.state)) && (author == null || one.user.login === author)
      )
      return reviews(wanted, args)
    }
  }
}

interface PullArgs extends Paging {
  readonly states?: readonly string[] | null
  readonly baseRefName?: string | null
  readonly headRefName?: string | null
}

/** Pull requests that fit the arguments. */
export function pullConnection(
  scope: Scope,
  repository: Repository,
  all: readonly Pull[],
  args: PullArgs
): object {
  const { states, baseRefName, headRefName } = args
  const wanted = all
    .filter(one => states == null || states.includes(stateOf(one)))
    .filter(one => baseRefName == null || one.base.ref === baseRefName)
    .filter(one => headRefName == null || one.head.ref === headRefName)
  return connection(wanted, args, one => pullNode(scope, repository, one))
}
