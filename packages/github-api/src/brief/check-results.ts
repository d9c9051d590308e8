import type { Octokit } from '../octokit.ts'
import { GitHubProblem } from '../problem.ts'
import { noted } from './request.ts'

export interface ChecksQuestion {
  readonly owner: string
  readonly repo: string
  /** Full id. */
  readonly commit: string
  /** The run that asks: what of it has not ended, such as the job that deploys, is left out. */
  readonly runId: string
  readonly signal?: AbortSignal | undefined
}

/** A check run or commit status. */
export interface CheckResult {
  /** Untrusted text. */
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped' | 'pending'
}

export interface CheckResults {
  readonly checks: readonly CheckResult[]
  /** All that the commit has; more than are listed where they are not on the first page. */
  readonly total: number
}

const QUERY = `query ($owner: String!, $repo: String!, $commit: GitObjectID!) {
  repository(owner: $owner, name: $repo) {
    object(oid: $commit) {
      __typename
      ... on Commit {
        statusCheckRollup {
          contexts(first: 100) {
            totalCount
            nodes {
              __typename
              ... on CheckRun { name status conclusion detailsUrl }
              ... on StatusContext { context state }
            }
          }
        }
      }
    }
  }
}`

interface Context {
  readonly __typename: string
  readonly name?: string
  readonly status?: string
  readonly conclusion?: string | null
  readonly detailsUrl?: string | null
  readonly context?: string
  readonly state?: string
}

interface Response {
  readonly repository: {
    readonly object: {
      readonly __typename: string
      readonly statusCheckRollup?: {
        readonly contexts: {
          readonly totalCount: number
          readonly nodes: readonly (Context | null)[] | null
        }
      } | null
    } | null
  } | null
}

/**
 * The checks and statuses of a commit. One request; needs `checks: read` and `statuses: read`.
 *
 * @throws GitHubProblem; `not-found` also for a commit that is not in the repository
 */
export async function checkResults(
  octokit: Octokit,
  { owner, repo, commit, runId, signal }: ChecksQuestion
): Promise<CheckResults> {
  const operation = `reading the checks of ${commit} of ${owner}/${repo}`
  const variables = { owner, repo, commit, request: noted(operation, signal) }
  const { repository } = await octokit.graphql<Response>(QUERY, variables)
  const object = repository?.object
  if (object?.__typename !== 'Commit') throw new GitHubProblem({ code: 'not-found', facts: { operation } })
  const contexts = object.statusCheckRollup?.contexts
  const all = (contexts?.nodes ?? []).flatMap(one => one ?? [])
  const own = all.filter(one => isAtWorkIn(one, runId))
  const checks = all.filter(one => !own.includes(one)).map(checkOf)
  return { checks, total: (contexts?.totalCount ?? 0) - own.length }
}

/** A job's check run has the address of the job: `…/actions/runs/<run>/job/<job>`. */
function isAtWorkIn({ status, detailsUrl }: Context, runId: string): boolean {
  if (status === undefined || status === 'COMPLETED' || runId === '') return false
  return (detailsUrl ?? '').includes(`/actions/runs/${runId}/`)
}

function checkOf(one: Context): CheckResult {
  if (one.__typename === 'CheckRun') return { name: one.name ?? '', result: resultOf(one) }
  return { name: one.context ?? '', result: STATES[one.state ?? ''] ?? 'failed' }
}

/** What is neither is a failure: `ERROR`, `FAILURE`. */
const STATES: Readonly<Record<string, CheckResult['result']>> = {
  SUCCESS: 'passed',
  PENDING: 'pending',
  EXPECTED: 'pending'
}

/** What is none of these is a failure: `FAILURE`, `TIMED_OUT`, `CANCELLED`, `ACTION_REQUIRED`, `STARTUP_FAILURE`, `STALE`. */
const CONCLUSIONS: Readonly<Record<string, CheckResult['result']>> = {
  SUCCESS: 'passed',
  NEUTRAL: 'skipped',
  SKIPPED: 'skipped'
}

function resultOf({ status, conclusion }: Context): CheckResult['result'] {
  if (status !== 'COMPLETED') return 'pending'
  return CONCLUSIONS[conclusion ?? ''] ?? 'failed'
}
