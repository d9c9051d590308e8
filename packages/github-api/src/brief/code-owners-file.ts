import type { Octokit } from '../octokit.ts'
import { GitHubProblem } from '../problem.ts'
import { noted } from './request.ts'

export interface OwnersQuestion {
  readonly owner: string
  readonly repo: string
  /** Full id. */
  readonly commit: string
  readonly signal?: AbortSignal | undefined
}

/** In the order in which GitHub looks for the file; the first one counts. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const

const QUERY = `query ($owner: String!, $repo: String!, $commit: String!, ${PLACES.map((_, n) => `$p${n}: String!`).join(', ')}) {
  repository(owner: $owner, name: $repo) {
    commit: object(expression: $commit) { __typename }
    ${PLACES.map((_, n) => `p${n}: object(expression: $p${n}) { ... on Blob { text isTruncated } }`).join('\n    ')}
  }
}`

interface Blob {
  readonly text?: string | null
  readonly isTruncated?: boolean
}

interface Response {
  readonly repository: Readonly<Record<string, Blob | null>> | null
}

/**
 * The text of a commit's CODEOWNERS; undefined where it has none. One request; needs `contents: read`.
 *
 * @throws GitHubProblem; `not-found` for a commit that is not in the repository, `rejected` for a file that is too long
 */
export async function codeOwnersFile(
  octokit: Octokit,
  { owner, repo, commit, signal }: OwnersQuestion
): Promise<string | undefined> {
  const operation = `reading CODEOWNERS of ${owner}/${repo} at ${commit}`
  const places = Object.fromEntries(PLACES.map((path, n) => [`p${n}`, `${commit}:${path}`]))
  const variables = { owner, repo, commit, ...places, request: noted(operation, signal) }
  const { repository } = await octokit.graphql<Response>(QUERY, variables)
  if (repository?.commit == null) throw new GitHubProblem({ code: 'not-found', facts: { operation } })
  const file = PLACES.map((_, n) => repository[`p${n}`]).find(one => one != null)
  if (file === undefined || file === null) return undefined
  if (typeof file.text !== 'string' || file.isTruncated === true)
    throw new GitHubProblem({ code: 'rejected', facts: { operation, message: 'the file is too long' } })
  return file.text
}
