import type { Octokit } from './octokit.ts'

/** One file of a repository in several commits. */
export interface FileAtCommitsQuestion {
  readonly owner: string
  readonly repo: string
  /** From the root of the repository. */
  readonly path: string
  /** Full ids, each once. */
  readonly commits: readonly string[]
}

/** What GitHub shows of the file in one commit. */
export type FileInOneCommit =
  | { readonly kind: 'text'; readonly text: string }
  /** The commit is there, and has no such file. */
  | { readonly kind: 'absent' }
  /** The commit is not shown, or what is at the path is no text, or a long one. */
  | { readonly kind: 'unreadable' }

/** Commits of one request. */
const BATCH = 100

interface Node {
  readonly __typename: string
  readonly text?: string | null
  readonly isTruncated?: boolean
}

interface Response {
  readonly repository: Readonly<Record<string, Node | null>> | null
}

/**
 * A file in many commits, a hundred commits a request.
 *
 * @param send sends a request, with the retries that the caller wants
 * @returns by commit
 * @throws GitHubProblem
 */
export async function fileAtCommits(
  octokit: Octokit,
  { owner, repo, path, commits }: FileAtCommitsQuestion,
  send: <T>(request: () => Promise<T>) => Promise<T> = request => request()
): Promise<ReadonlyMap<string, FileInOneCommit>> {
  const found = new Map<string, FileInOneCommit>()
  for (let from = 0; from < commits.length; from += BATCH) {
    const batch = commits.slice(from, from + BATCH)
    const request = { operation: `reading ${path} of ${owner}/${repo} at ${batch.length} commits` }
    const variables = { owner, repo, ...expressionsOf(batch, path), request }
    const { repository } = await send(() => octokit.graphql<Response>(queryFor(batch.length), variables))
    batch.forEach((commit, n) => {
      found.set(commit, fileOf(repository?.[`file${n}`], repository?.[`commit${n}`]))
    })
  }
  return found
}

/** What GraphQL cannot take as a list: an object for each commit, and for each file in it. */
function queryFor(count: number): string {
  const each = (text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n)).join(' ')
  return `query ($owner: String!, $repo: String!, ${each(n => `$c${n}: String!, $f${n}: String!`)}) {
  repository(owner: $owner, name: $repo) {
    ${each(
      n =>
        `commit${n}: object(expression: $c${n}) { __typename } file${n}: object(expression: $f${n}) { __typename ... on Blob { text isTruncated } }`
    )}
  }
}`
}

function expressionsOf(commits: readonly string[], path: string): Record<string, string> {
  return Object.fromEntries(
    commits.flatMap((commit, n) => [
      [`c${n}`, commit],
      [`f${n}`, `${commit}:${path}`]
    ])
  )
}

function fileOf(file: Node | null | undefined, commit: Node | null | undefined): FileInOneCommit {
  if (file?.__typename === 'Blob' && typeof file.text === 'string' && file.isTruncated === false)
    return { kind: 'text', text: file.text }
  const absent = file === null && commit?.__typename === 'Commit'
  return { kind: absent ? 'absent' : 'unreadable' }
}
