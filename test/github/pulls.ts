/** Pull requests, their reviews and files, and comments. */
import type { ApiResponse, Call, Handler } from './call.ts'
import { type ChangedFile, commitOf, diffOf, requireRef } from './commits.ts'
import { fileView } from './contents.ts'
import { page } from './paging.ts'
import { notFound, Refusal } from './refusal.ts'
import type { Comment, Pull, Repository } from './state.ts'
import { nodeId, ok, repositoryUrl, repositoryView, time, userView, type View } from './views.ts'

function side(view: View, repository: Repository, { ref, sha }: Pull['head']): object {
  const { owner } = repository
  const repo = repositoryView(view, repository, 'repository')
  return { label: `${owner.login}:${ref}`, ref, sha, user: userView(view, owner), repo }
}

/** @param schema `pull-request-simple` in lists, `pull-request` alone */
export function pullView(view: View, repository: Repository, pull: Pull, schema: string): object {
  const url = `${repositoryUrl(view, repository)}/pulls/${pull.number}`
  const html = url.replace(`${view.world.apiUrl}/repos`, view.world.serverUrl).replace('/pulls/', '/pull/')
  const ended = pull.mergedAt ?? (pull.closed ? pull.at : null)
  const known = {
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    url,
    html_url: html,
    number: pull.number,
    state: pull.closed || pull.mergedAt !== null ? 'closed' : 'open',
    locked: false,
    title: pull.title,
    body: pull.body,
    user: userView(view, pull.author),
    draft: false,
    labels: [],
    head: side(view, repository, pull.head),
    base: side(view, repository, pull.base),
    author_association: 'CONTRIBUTOR',
    created_at: time(pull.at),
    updated_at: time(ended ?? pull.at),
    closed_at: ended === null ? null : time(ended),
    merged_at: pull.mergedAt === null ? null : time(pull.mergedAt),
    merge_commit_sha: pull.mergeSha
  }
  if (schema === 'pull-request-simple') return view.fill(schema, known)
  const counts = { commits: pull.commits.length, changed_files: filesOf(repository, pull).length }
  return view.fill(schema, {
    ...known,
    merged: pull.mergedAt !== null,
    mergeable: true,
    mergeable_state: 'clean',
    ...counts
  })
}

export function filesOf(repository: Repository, pull: Pull): ChangedFile[] {
  return diffOf(commitOf(repository, pull.base.sha).files, commitOf(repository, pull.head.sha).files)
}

/** Pull requests that a commit belongs to: as one of theirs, or as their merge. */
export function pullsOfCommit(repository: Repository, sha: string): Pull[] {
  return repository.pulls.filter(pull => pull.commits.includes(sha) || pull.mergeSha === sha)
}

function requirePull(call: Call): Pull {
  const found = call.repository.pulls.find(({ number }) => number === call.id('pull_number'))
  if (found === undefined) throw notFound()
  return found
}

function listPulls(call: Call): ApiResponse {
  const { query, repository } = call
  const state = query.get('state') ?? 'open'
  const isOpen = (pull: Pull) => !pull.closed && pull.mergedAt === null
  const all = repository.pulls
    .filter(pull => state === 'all' || isOpen(pull) === (state === 'open'))
    .filter(pull => !query.has('base') || pull.base.ref === query.get('base'))
    .filter(pull => !query.has('head') || `${repository.owner.login}:${pull.head.ref}` === query.get('head'))
  const { items, headers } = page(call, [...all].reverse())
  return ok(
    items.map(pull => pullView(call, repository, pull, 'pull-request-simple')),
    headers
  )
}

function listReviews(call: Call): ApiResponse {
  const pull = requirePull(call)
  const url = `${repositoryUrl(call, call.repository)}/pulls/${pull.number}`
  const { items, headers } = page(call, pull.reviews)
  const reviews = items.map(one =>
    call.fill('pull-request-review', {
      id: one.id,
      node_id: nodeId('PullRequestReview', one.id),
      user: userView(call, one.user),
      body: one.body,
      state: one.state,
      html_url: url,
      pull_request_url: url,
      author_association: 'CONTRIBUTOR',
      submitted_at: time(one.at),
      commit_id: pull.head.sha
    })
  )
  return ok(reviews, headers)
}

function commentView(view: View, repository: Repository, comment: Comment): object {
  const base = repositoryUrl(view, repository)
  const issue = `${base}/issues/${comment.issue}`
  return view.fill('issue-comment', {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${base}/issues/comments/${comment.id}`,
    html_url: `${issue.replace(`${view.world.apiUrl}/repos`, view.world.serverUrl)}#issuecomment-${comment.id}`,
    issue_url: issue,
    body: comment.body,
    user: userView(view, comment.user),
    author_association: 'NONE',
    created_at: time(comment.at),
    updated_at: time(comment.updatedAt)
  })
}

/** Documented for all bodies of issues and comments. */
const MAX_BODY = 65_536

function bodyOf(call: Call): string {
  const body = String(call.body.body)
  const errors = [
    {
      resource: 'IssueComment',
      code: 'unprocessable',
      field: 'data',
      message: 'Body is too long (maximum is 65536 characters)'
    }
  ]
  if (body.length > MAX_BODY) throw new Refusal(422, 'Validation Failed', { errors })
  return body
}

function createComment(call: Call): ApiResponse {
  const issue = call.id('issue_number')
  if (!call.repository.pulls.some(({ number }) => number === issue)) throw notFound()
  const now = call.world.now()
  const comment: Comment = {
    id: call.world.nextId(),
    issue,
    user: call.actor,
    at: now,
    body: bodyOf(call),
    updatedAt: now
  }
  call.repository.comments.push(comment)
  return { status: 201, body: commentView(call, call.repository, comment) }
}

function requireComment(call: Call): Comment {
  const found = call.repository.comments.find(({ id }) => id === call.id('comment_id'))
  if (found === undefined) throw notFound()
  return found
}

export const pullHandlers: Readonly<Record<string, Handler>> = {
  'pulls/list': listPulls,
  'pulls/get': call => ok(pullView(call, call.repository, requirePull(call), 'pull-request')),
  'pulls/list-reviews': listReviews,
  'pulls/list-files': call => {
    const { items, headers } = page(call, filesOf(call.repository, requirePull(call)))
    return ok(
      items.map(one => fileView(call, call.repository, one)),
      headers
    )
  },
  'repos/list-pull-requests-associated-with-commit': call => {
    const { sha } = requireRef(call.repository, call.param('commit_sha'))
    const { items, headers } = page(call, pullsOfCommit(call.repository, sha))
    return ok(
      items.map(pull => pullView(call, call.repository, pull, 'pull-request-simple')),
      headers
    )
  },
  'issues/create-comment': createComment,
  'issues/get-comment': call => ok(commentView(call, call.repository, requireComment(call))),
  'issues/list-comments': call => {
    const all = call.repository.comments.filter(({ issue }) => issue === call.id('issue_number'))
    const { items, headers } = page(call, all)
    return ok(
      items.map(one => commentView(call, call.repository, one)),
      headers
    )
  },
  'issues/update-comment': call => {
    const comment = requireComment(call)
    // Another's comment can be changed by those who may write; a bot has only its own here.
    if (call.actor.type === 'Bot' && comment.user !== call.actor)
      throw new Refusal(403, 'Resource not accessible by integration')
    comment.body = bodyOf(call)
    comment.updatedAt = call.world.now()
    return ok(commentView(call, call.repository, comment))
  }
}
