import type { Octokit } from '../octokit.ts'
import { GitHubProblem } from '../problem.ts'
import { noted } from './request.ts'

/** A deployment to an environment that succeeded. */
export interface SuccessfulDeployment {
  /** 40 hex digits, in lower case. */
  readonly commit: string
  /** The tag that was deployed; undefined for a branch, a bare commit, or a ref that is gone. Untrusted text. */
  readonly tag: string | undefined
  /** When it succeeded, epoch milliseconds. */
  readonly at: number
  /** The run whose job made it; undefined for one that no workflow made. */
  readonly runId: string | undefined
}

/** What GitHub has of an environment. */
export interface DeployedBefore {
  /** The newest one. */
  readonly last: SuccessfulDeployment | undefined
  /** The newest one of another commit than that. */
  readonly before: SuccessfulDeployment | undefined
  /** Deployments that were looked at, newest first. */
  readonly seen: number
  /** There are older ones, which were not looked at. */
  readonly more: boolean
}

/** Which environment. */
export interface EnvironmentQuestion {
  readonly owner: string
  readonly repo: string
  readonly environment: string
  readonly signal?: AbortSignal | undefined
}

/** Deployments of one request. */
const MAX_DEPLOYMENTS = 50

const QUERY = `query ($owner: String!, $repo: String!, $environment: String!) {
  repository(owner: $owner, name: $repo) {
    deployments(first: ${MAX_DEPLOYMENTS}, environments: [$environment], orderBy: {field: CREATED_AT, direction: DESC}) {
      pageInfo { hasNextPage }
      nodes { commitOid ref { name prefix } statuses(first: 10) { nodes { state createdAt logUrl } } }
    }
  }
}`

interface Node {
  readonly commitOid: string
  readonly ref: { readonly name: string; readonly prefix: string } | null
  readonly statuses: {
    readonly nodes:
      | readonly ({
          readonly state: string
          readonly createdAt: string
          readonly logUrl: string | null
        } | null)[]
      | null
  } | null
}

interface Response {
  readonly repository: {
    readonly deployments: {
      readonly pageInfo: { readonly hasNextPage: boolean }
      readonly nodes: readonly (Node | null)[] | null
    }
  } | null
}

/**
 * The newest deployments to an environment that succeeded, also where they were replaced since. One request; needs
 * `deployments: read`.
 *
 * @throws GitHubProblem; `not-found` also where the token may not see the repository
 */
export async function lastDeployment(
  octokit: Octokit,
  { owner, repo, environment, signal }: EnvironmentQuestion
): Promise<DeployedBefore> {
  const operation = `reading the deployments of ${owner}/${repo}`
  const request = noted(operation, signal)
  const { repository } = await octokit.graphql<Response>(QUERY, { owner, repo, environment, request })
  if (repository === null) throw new GitHubProblem({ code: 'not-found', facts: { operation } })
  const { nodes, pageInfo } = repository.deployments
  const all = (nodes ?? []).flatMap(one => one ?? [])
  const [last, ...older] = all.flatMap(one => successOf(one) ?? [])
  const before = older.find(one => one.commit !== last?.commit)
  return { last, before, seen: all.length, more: pageInfo.hasNextPage }
}

function successOf({ commitOid, ref, statuses }: Node): SuccessfulDeployment | undefined {
  const rows = (statuses?.nodes ?? []).flatMap(one => one ?? [])
  const success = rows.find(one => one.state === 'SUCCESS')
  if (success === undefined) return undefined
  return {
    commit: commitOid.toLowerCase(),
    tag: ref?.prefix === 'refs/tags/' ? ref.name : undefined,
    at: Date.parse(success.createdAt),
    runId: rows.map(one => runOf(one.logUrl)).find(one => one !== undefined)
  }
}

/** A job's deployment has the address of the job: `…/actions/runs/<run>/job/<job>`. */
function runOf(url: string | null): string | undefined {
  return /\/actions\/runs\/(\d{1,20})(?:\/|$)/.exec(url ?? '')?.[1]
}
