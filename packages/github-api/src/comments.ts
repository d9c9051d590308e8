/** Comments of one account on a pull request or an issue. */
import type { Octokit } from './octokit.ts'
import { listAll } from './pages.ts'
import type { RepositoryName } from './repositories.ts'

/** A comment. */
export interface IssueComment {
  readonly id: number
  /** Its page. */
  readonly url: string
  /** As it was written. Untrusted text. */
  readonly body: string
}

/** A pull request or an issue. */
export interface IssueName extends RepositoryName {
  readonly number: number
}

/** Of 100 comments each. */
const MAX_PAGES = 30

/**
 * The comments that one account wrote, oldest first, of the first 3,000.
 *
 * @param login of the account, as `ownLogin` has it
 * @throws GitHubProblem
 */
export async function commentsOf(
  octokit: Octokit,
  { owner, repo, number }: IssueName,
  login: string
): Promise<readonly IssueComment[]> {
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    owner,
    repo,
    issue_number: number,
    per_page: 100,
    request: { operation: `reading the comments of #${number} of ${owner}/${repo}` }
  })
  const { items } = await listAll(pages, MAX_PAGES)
  return items.filter(one => one.user?.login.toLowerCase() === login.toLowerCase()).map(toComment)
}

/** @throws GitHubProblem */
export async function addComment(
  octokit: Octokit,
  { owner, repo, number }: IssueName,
  body: string
): Promise<IssueComment> {
  const request = { operation: `commenting on #${number} of ${owner}/${repo}` }
  const { data } = await octokit.rest.issues.createComment({
    owner,
    repo,
    issue_number: number,
    body,
    request
  })
  return toComment(data)
}

/** Replaces the text of a comment. @throws GitHubProblem */
export async function changeComment(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  id: number,
  body: string
): Promise<IssueComment> {
  const request = { operation: `changing the comment ${id} of ${owner}/${repo}` }
  const { data } = await octokit.rest.issues.updateComment({ owner, repo, comment_id: id, body, request })
  return toComment(data)
}

function toComment(one: {
  readonly id: number
  readonly html_url: string
  readonly body?: string | null
}): IssueComment {
  return { id: one.id, url: one.html_url, body: one.body ?? '' }
}
