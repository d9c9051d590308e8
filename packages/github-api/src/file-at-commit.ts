import { createGitHub, type GitHubOptions } from './client.ts'
import type { Octokit } from './octokit.ts'
import { isGitHubProblem } from './problem.ts'

/** A file of a repository, as it is in one commit. */
export interface FileQuestion
  extends Pick<GitHubOptions, 'apiUrl' | 'token' | 'fetch' | 'sleep' | 'timeoutMs' | 'listen'> {
  /** `owner/name`. */
  readonly repository: string
  readonly path: string
  /** The full id of the commit, or a branch or tag that is resolved to one. */
  readonly ref: string
}

/** What GitHub says of the file, and of which commit. */
export type FileAtCommit = { readonly commit: string } & (
  | { readonly kind: 'file'; readonly content: Uint8Array }
  /** GitHub has the commit, for this token, and not the path. */
  | { readonly kind: 'absent' }
  /** There is something else at the path: a folder, a submodule, a file of more than 1 MB. */
  | { readonly kind: 'other'; readonly what: string }
)

const TIMEOUT_MS = 10_000

/**
 * A file in a commit. One request for a file that is there, where the commit is named by its id. That the path is not
 * there counts only when the same token may read the commit: GitHub has 404 for what a token may not see, too.
 *
 * @throws GitHubProblem
 */
export async function fileAtCommit(question: FileQuestion): Promise<FileAtCommit> {
  const { repository, path, ref, timeoutMs = TIMEOUT_MS, ...options } = question
  const octokit = await createGitHub({ ...options, timeoutMs })
  const named = isCommitId(ref)
  const commit = named ? ref.toLowerCase() : await commitOf(octokit, repository, ref)
  try {
    return { commit, ...(await contentOf(octokit, repository, path, commit)) }
  } catch (error) {
    if (!isGitHubProblem(error, 'not-found')) throw error
    if (named && (await commitOf(octokit, repository, commit)) !== commit) throw error
    return { commit, kind: 'absent' }
  }
}

/** Whether a text is the full id of a commit: GitHub has no branch or tag with such a name. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(text)
}

async function commitOf(octokit: Octokit, repository: string, ref: string): Promise<string> {
  const request = { operation: `reading the commit ${ref} of ${repository}` }
  // Its files are of no interest here.
  const place = { ...placeOf(repository), ref, per_page: 1 }
  const { data } = await octokit.rest.repos.getCommit({ ...place, request })
  return data.sha.toLowerCase()
}

async function contentOf(
  octokit: Octokit,
  repository: string,
  path: string,
  ref: string
): Promise<{ kind: 'file'; content: Uint8Array } | { kind: 'other'; what: string }> {
  const request = { operation: `reading ${path} of ${repository} at ${ref}` }
  const { data } = await octokit.rest.repos.getContent({ ...placeOf(repository), path, ref, request })
  if (Array.isArray(data)) return { kind: 'other', what: 'a folder' }
  if (data.type !== 'file') return { kind: 'other', what: `a ${data.type}` }
  const { encoding, content } = data
  if (encoding !== 'base64') return { kind: 'other', what: 'a file of more than 1 MB' }
  return { kind: 'file', content: Buffer.from(content, 'base64') }
}

function placeOf(repository: string): { owner: string; repo: string } {
  const [owner = '', repo = ''] = repository.split('/')
  return { owner, repo }
}
