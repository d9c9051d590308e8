import type { Octokit } from '../octokit.ts'
import { noted } from './request.ts'

/** Two commits of a repository. */
export interface ComparisonQuestion {
  readonly owner: string
  readonly repo: string
  /** Full ids. */
  readonly base: string
  readonly head: string
  readonly signal?: AbortSignal | undefined
}

/** A commit of the head that the base has not. Texts are untrusted. */
export interface ComparedCommit {
  readonly id: string
  /** For GraphQL. */
  readonly nodeId: string
  /** First line of its message. */
  readonly title: string
  /** GitHub's login, else the name in the commit, which anybody can write; '' where there is none. */
  readonly author: string
  /** `author` is a login. */
  readonly hasAccount: boolean
  readonly isBot: boolean
  readonly isMerge: boolean
}

/** Paths are untrusted text. */
export interface ComparedFile {
  readonly path: string
  /** Where it was before it was moved; undefined for one that was not. */
  readonly before: string | undefined
}

export interface Comparison {
  /** Commits that the base has not; those that are listed may be fewer. */
  readonly ahead: number
  /** Commits that the head has not: it does not follow the base. */
  readonly behind: number
  /** Oldest first, at most 250: the newest of them where there are more. */
  readonly commits: readonly ComparedCommit[]
  /** At most 300. */
  readonly files: readonly ComparedFile[]
  /** There may be more files than are listed. */
  readonly filesCut: boolean
}

interface DiffEntry {
  readonly status: string
  readonly previous_filename?: string
}

/** Documented for a comparison. */
const MAX_FILES = 300

/**
 * What is in one commit and not in another, in one request: without a page it has up to 250 commits, and the files.
 * GraphQL compares refs alone, and lists no files. Needs `contents: read`.
 *
 * @throws GitHubProblem; `not-found` also where one of the commits is not in the repository, or they share no history
 */
export async function comparedCommits(
  octokit: Octokit,
  { owner, repo, base, head, signal }: ComparisonQuestion
): Promise<Comparison> {
  const request = noted(`comparing ${base} with ${head} of ${owner}/${repo}`, signal)
  const basehead = `${base}...${head}`
  const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ owner, repo, basehead, request })
  const files = (data.files ?? []).map(one => ({ path: one.filename, before: beforeOf(one) }))
  return {
    ahead: data.total_commits,
    behind: data.behind_by,
    commits: data.commits.map(one => ({
      id: one.sha,
      nodeId: one.node_id,
      title: one.commit.message.split('\n', 1)[0] ?? '',
      author: loginOf(one.author) ?? one.commit.author?.name ?? '',
      hasAccount: loginOf(one.author) !== undefined,
      isBot: isBot(one.author),
      isMerge: one.parents.length > 1
    })),
    files,
    filesCut: (data.files?.length ?? 0) >= MAX_FILES
  }
}

/** That of a file that was copied is still where it was. */
function beforeOf({ status, previous_filename: before }: DiffEntry): string | undefined {
  return status === 'renamed' && before !== '' ? before : undefined
}

/** GitHub sends an empty object for an author that it does not know. */
function loginOf(author: object | null): string | undefined {
  return author !== null && 'login' in author && typeof author.login === 'string' ? author.login : undefined
}

function isBot(author: object | null): boolean {
  if (author !== null && 'type' in author && author.type === 'Bot') return true
  return loginOf(author)?.endsWith('[bot]') ?? false
}
