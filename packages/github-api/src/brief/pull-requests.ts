import type { Octokit } from '../octokit.ts'
import { noted } from './request.ts'

/** A pull request that commits belong to. Texts are untrusted. */
export interface MergedPull {
  readonly number: number
  readonly title: string
  /** Logins, here and below, with `[bot]` at the end for apps; '' for an account that is gone. */
  readonly author: string
  readonly isBot: boolean
  readonly labels: readonly string[]
  /** Who approved it last, and may write to the repository. */
  readonly approvedBy: readonly string[]
  /** Others who did: on a public repository anybody can. */
  readonly approvedWithoutWrite: readonly string[]
  /** Whose latest review asks for changes. */
  readonly refusedBy: readonly string[]
  /** Ids of those of the commits that belong to it. */
  readonly commits: readonly string[]
}

export interface PullsQuestion {
  /** `owner/name`: a commit may belong to pull requests of other repositories, such as forks. */
  readonly repository: string
  /** Node ids of commits, each once. */
  readonly commits: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/** GitHub looks up at most a hundred node ids at once. */
const MAX_IDS = 100

/** Commits of one request, in two look-ups: 250 commits are two requests. */
const BATCH = 125

const QUERY = `query ($first: [ID!]!, $second: [ID!]!) {
  first: nodes(ids: $first) { ...pulls }
  second: nodes(ids: $second) { ...pulls }
}
fragment pulls on Commit {
  oid
  associatedPullRequests(first: 3) {
    nodes {
      number title merged repository { nameWithOwner } author { __typename login }
      labels(first: 10) { nodes { name } }
      latestOpinionatedReviews(first: 20) { nodes { state authorCanPushToRepository author { __typename login } } }
    }
  }
}`

interface PullNode {
  readonly number: number
  readonly title: string
  readonly merged: boolean
  readonly repository: { readonly nameWithOwner: string }
  readonly author: Actor
  readonly labels: Nodes<{ readonly name: string }>
  /** A comment after an approval or a refusal does not take it back. */
  readonly latestOpinionatedReviews: Nodes<{
    readonly state: string
    readonly authorCanPushToRepository: boolean
    readonly author: Actor
  }>
}

type Actor = { readonly __typename: string; readonly login: string } | null

type Nodes<T> = { readonly nodes: readonly (T | null)[] | null } | null

interface CommitNode {
  readonly oid?: string
  readonly associatedPullRequests?: Nodes<PullNode>
}

type Response = Readonly<Record<'first' | 'second', readonly (CommitNode | null)[]>>

/**
 * The merged pull requests that commits belong to, by number: one request for each 125 commits, side by side. Needs
 * `pull-requests: read`.
 *
 * @throws GitHubProblem
 */
export async function pullsOfCommits(
  octokit: Octokit,
  { repository, commits, signal }: PullsQuestion
): Promise<MergedPull[]> {
  const batches = Array.from({ length: Math.ceil(commits.length / BATCH) }, (_, n) =>
    commits.slice(n * BATCH, (n + 1) * BATCH)
  )
  const request = noted(`reading the pull requests of ${commits.length} commits`, signal)
  const responses = await Promise.all(
    batches.map(ids => {
      const variables = { first: ids.slice(0, MAX_IDS), second: ids.slice(MAX_IDS), request }
      return octokit.graphql<Response>(QUERY, variables)
    })
  )
  const found = responses.flatMap(({ first, second }) => [...first, ...second])
  return byNumber(found.flatMap(one => (one === null ? [] : pullsIn(one, repository))))
}

function pullsIn({ oid = '', associatedPullRequests }: CommitNode, repository: string): MergedPull[] {
  const ours = rowsOf(associatedPullRequests).filter(
    one => one.merged && one.repository.nameWithOwner.toLowerCase() === repository.toLowerCase()
  )
  return ours.map(one => pullOf(one, oid))
}

function pullOf(pull: PullNode, commit: string): MergedPull {
  const { number, title, author, labels } = pull
  const reviews = rowsOf(pull.latestOpinionatedReviews)
  const approved = reviews.filter(one => one.state === 'APPROVED')
  const refused = reviews.filter(one => one.state === 'CHANGES_REQUESTED')
  const loginsOf = (some: typeof reviews) => some.map(one => loginOf(one.author))
  return {
    number,
    title,
    author: loginOf(author),
    isBot: author?.__typename === 'Bot',
    labels: rowsOf(labels).map(one => one.name),
    approvedBy: loginsOf(approved.filter(one => one.authorCanPushToRepository)),
    approvedWithoutWrite: loginsOf(approved.filter(one => !one.authorCanPushToRepository)),
    refusedBy: loginsOf(refused),
    commits: [commit]
  }
}

/** GraphQL names an app without `[bot]`: as a person of that name is called. */
function loginOf(author: Actor): string {
  if (author === null) return ''
  const { __typename, login } = author
  return __typename === 'Bot' && !login.endsWith('[bot]') ? `${login}[bot]` : login
}

function byNumber(pulls: readonly MergedPull[]): MergedPull[] {
  const all = new Map<number, MergedPull>()
  for (const one of pulls) {
    const commits = [...(all.get(one.number)?.commits ?? []), ...one.commits]
    all.set(one.number, { ...one, commits })
  }
  return [...all.values()].sort((a, b) => a.number - b.number)
}

function rowsOf<T>(list: Nodes<T> | undefined): T[] {
  return (list?.nodes ?? []).flatMap(one => one ?? [])
}
