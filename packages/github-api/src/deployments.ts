import type { Octokit } from './octokit.ts'
import { GitHubProblem } from './problem.ts'

/** A deployment as GitHub records it. Times are epoch milliseconds. */
export interface RecordedDeployment {
  readonly id: number
  readonly environment: string
  /** The commit of the run, 40 hex digits. */
  readonly commit: string
  readonly createdAt: number
  /** Oldest first. The state in lower case: `in_progress`, `success`, `failure`, `error`, `inactive`, … */
  readonly statuses: readonly { readonly state: string; readonly at: number }[]
  /** The run whose job made it; undefined for one that no workflow made, or that tells of no run. */
  readonly runId: string | undefined
  /** There are more statuses than were read, or none may be read. */
  readonly cut: boolean
}

/** Which deployments are read. */
export interface DeploymentSpan {
  readonly owner: string
  readonly repo: string
  /** Names; all where there are none. */
  readonly environments: readonly string[]
  /** Epoch milliseconds, both included; of the creation. */
  readonly since: number
  readonly until: number
}

/** A deployment has as many statuses as its job had phases, and one more when the next one replaces it. */
const MAX_STATUSES = 20

const QUERY = `query ($owner: String!, $repo: String!, $environments: [String!], $after: String) {
  repository(owner: $owner, name: $repo) {
    deployments(first: 100, after: $after, environments: $environments, orderBy: {field: CREATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes {
        databaseId commitOid createdAt environment
        statuses(first: ${MAX_STATUSES}) { totalCount nodes { state createdAt logUrl } }
      }
    }
  }
}`

interface StatusNode {
  readonly state: string
  readonly createdAt: string
  readonly logUrl: string | null
}

interface DeploymentNode {
  readonly databaseId: number | null
  readonly commitOid: string
  readonly createdAt: string
  readonly environment: string | null
  readonly statuses: {
    readonly totalCount: number
    readonly nodes: readonly (StatusNode | null)[] | null
  } | null
}

interface Page {
  readonly repository: {
    readonly deployments: {
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
      readonly nodes: readonly (DeploymentNode | null)[] | null
    }
  } | null
}

/**
 * The deployments of a repository that were created in a span of time, with their statuses: one request for each
 * hundred, newest first.
 *
 * @param send sends the request for a page, with the retries that the caller wants
 * @throws GitHubProblem when a page cannot be read; `not-found` also where the token may not see the repository
 */
export async function* deploymentsOf(
  octokit: Octokit,
  span: DeploymentSpan,
  send: <T>(request: () => Promise<T>) => Promise<T> = request => request()
): AsyncGenerator<RecordedDeployment, void> {
  const { owner, repo, environments, since, until } = span
  let after: string | null = null
  do {
    const variables = { owner, repo, environments: environments.length === 0 ? null : environments, after }
    const operation = `reading the deployments of ${owner}/${repo}`
    const page: Page = await send(() => octokit.graphql(QUERY, { ...variables, request: { operation } }))
    if (page.repository === null) throw new GitHubProblem({ code: 'not-found', facts: { operation } })
    const { nodes, pageInfo } = page.repository.deployments
    for (const node of nodes ?? []) {
      const one = node === null ? undefined : recorded(node)
      if (one === undefined || one.createdAt > until) continue
      if (one.createdAt < since) return
      yield one
    }
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null)
}

function recorded(node: DeploymentNode): RecordedDeployment | undefined {
  const { databaseId, environment, commitOid, createdAt, statuses } = node
  if (databaseId === null || environment === null) return undefined
  const rows = (statuses?.nodes ?? []).flatMap(one => one ?? [])
  const states = rows.map(one => ({ state: one.state.toLowerCase(), at: Date.parse(one.createdAt) }))
  return {
    id: databaseId,
    environment,
    commit: commitOid.toLowerCase(),
    createdAt: Date.parse(createdAt),
    statuses: states.sort((a, b) => a.at - b.at),
    runId: rows.map(one => runOf(one.logUrl)).find(one => one !== undefined),
    cut: statuses === null || statuses.totalCount > rows.length
  }
}

/** A job's deployment has the address of the job: `…/actions/runs/<run>/job/<job>`. */
function runOf(url: string | null): string | undefined {
  return /\/actions\/runs\/(\d{1,20})(?:\/|$)/.exec(url ?? '')?.[1]
}
