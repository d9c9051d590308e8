/** Contents API, commits, branches, tags and comparisons. */
import type { ApiResponse, Call, Handler } from './call.ts'
import {
  type ChangedFile,
  changedFiles,
  commitOf,
  diffOf,
  fullRef,
  historyOf,
  requireRef,
  shaOf
} from './commits.ts'
import { page } from './paging.ts'
import { notFound } from './refusal.ts'
import type { Commit, Repository, User } from './state.ts'
import { nodeId, ok, repositoryUrl, time, userView, type View } from './views.ts'

/** Documented: files of more than 1 MB have no content in JSON. */
const MAX_CONTENT_BYTES = 1_048_576
const MAX_COMPARED_FILES = 300
/** Documented: without a page, a comparison lists the newest 250 commits. */
const MAX_COMPARED_COMMITS = 250

/** A file, or a folder where there is no text. */
export function entryView(call: Call, path: string, text: string | undefined): Record<string, unknown> {
  const url = `${repositoryUrl(call, call.repository)}/contents/${path}`
  const sha = shaOf('blob', text ?? path)
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    path,
    sha,
    size: Buffer.byteLength(text ?? ''),
    type: text === undefined ? 'dir' : 'file',
    url,
    html_url: url,
    git_url: url,
    download_url: text === undefined ? null : url,
    _links: { self: url, git: url, html: url }
  }
}

function fileResponse(call: Call, path: string, text: string): ApiResponse {
  if (/\.raw(\+json)?\b/.test(call.headers.accept ?? '')) {
    return { status: 200, raw: { text, type: 'application/vnd.github.raw+json; charset=utf-8' } }
  }
  const tooLarge = Buffer.byteLength(text) > MAX_CONTENT_BYTES
  // As GitHub sends it: a line break after every 60 characters.
  const content = tooLarge
    ? ''
    : Buffer.from(text)
        .toString('base64')
        .replace(/.{1,60}/g, '$&\n')
  return ok({ ...entryView(call, path, text), encoding: tooLarge ? 'none' : 'base64', content })
}

function content(call: Call): ApiResponse {
  const { repository } = call
  const path = call.param('path').replace(/^\/|\/$/g, '')
  const { files } = requireRef(repository, call.query.get('ref') ?? repository.defaultBranch)
  const text = files.get(path)
  if (text !== undefined) return fileResponse(call, path, text)
  const inside = [...files.keys()].filter(one => path === '' || one.startsWith(`${path}/`))
  if (inside.length === 0) throw notFound()
  const start = path === '' ? 0 : path.length + 1
  const names = [...new Set(inside.map(one => one.slice(start).split('/')[0] as string))].sort()
  return ok(names.map(name => entryView(call, one(path, name), files.get(one(path, name)))))
}

function one(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** GitHub has no account for a mail address that nobody has given it; here: for a name that is no login. */
function accountOf(view: View, user: User): object | null {
  return /^[\w-]+(?:\[bot\])?$/.test(user.login) ? userView(view, user) : null
}

export function commitView(view: View, repository: Repository, commit: Commit): object {
  const url = `${repositoryUrl(view, repository)}/commits/${commit.sha}`
  const person = {
    name: commit.author.login,
    email: `${commit.author.login}@example.com`,
    date: time(commit.at)
  }
  return view.fill('commit', {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url,
    html_url: url.replace(`${view.world.apiUrl}/repos`, view.world.serverUrl),
    comments_url: `${url}/comments`,
    commit: {
      author: person,
      committer: person,
      message: commit.message,
      tree: { sha: shaOf('tree', commit.sha), url },
      url,
      comment_count: 0
    },
    author: accountOf(view, commit.author),
    committer: accountOf(view, commit.author),
    parents: commit.parents.map(sha => ({ sha, url, html_url: url }))
  })
}

/** A changed file; nothing counts lines here. */
export function fileView(view: View, repository: Repository, { path, status, before }: ChangedFile): object {
  return view.fill('diff-entry', {
    sha: shaOf('blob', path),
    filename: path,
    status,
    ...(before === undefined ? {} : { previous_filename: before }),
    contents_url: `${repositoryUrl(view, repository)}/contents/${path}`
  })
}

function compare(call: Call): ApiResponse {
  const { repository } = call
  const [baseRef = '', headRef = ''] = call.param('basehead').split(/\.{2,3}/)
  const base = requireRef(repository, baseRef)
  const head = requireRef(repository, headRef)
  const inBase = new Set(historyOf(repository, base.sha).map(({ sha }) => sha))
  const ofHead = historyOf(repository, head.sha)
  const ahead = ofHead.filter(({ sha }) => !inBase.has(sha)).reverse()
  const common = ofHead.find(({ sha }) => inBase.has(sha))
  if (common === undefined) throw notFound()
  const known = new Set(ofHead.map(({ sha }) => sha))
  const behind = [...inBase].filter(sha => !known.has(sha)).length
  const paged = ['page', 'per_page'].some(name => call.query.has(name))
  const { items, headers } = paged
    ? page(call, ahead)
    : { items: ahead.slice(-MAX_COMPARED_COMMITS), headers: {} }
  const status =
    behind === 0 ? (ahead.length === 0 ? 'identical' : 'ahead') : ahead.length === 0 ? 'behind' : 'diverged'
  const files = diffOf(common.files, head.files).slice(0, MAX_COMPARED_FILES)
  const comparison = call.fill('commit-comparison', {
    url: call.url,
    html_url: call.url.replace(`${call.world.apiUrl}/repos`, call.world.serverUrl),
    base_commit: commitView(call, repository, base),
    merge_base_commit: commitView(call, repository, common),
    status,
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    commits: items.map(commit => commitView(call, repository, commit)),
    files: files.map(one => fileView(call, repository, one))
  })
  return ok(comparison, headers)
}

function branchView(call: Call, name: string, sha: string): object {
  const isProtected = call.repository.protectedBranches.has(name)
  return {
    name,
    commit: { sha, url: `${repositoryUrl(call, call.repository)}/commits/${sha}` },
    protected: isProtected
  }
}

function gitRef(call: Call): ApiResponse {
  const { repository } = call
  const full = fullRef(repository, `refs/${call.param('ref')}`)
  if (full === undefined) throw notFound()
  return ok(refView(call, full, requireRef(repository, full).sha))
}

/** A branch or tag by its full name, `refs/heads/main`. */
export function refView(call: Call, full: string, sha: string): object {
  const base = repositoryUrl(call, call.repository)
  return {
    ref: full,
    node_id: nodeId('Ref', full),
    url: `${base}/git/${full}`,
    object: { type: 'commit', sha, url: `${base}/git/commits/${sha}` }
  }
}

function branch(call: Call): ApiResponse {
  const name = call.param('branch')
  const sha = call.repository.branches.get(name)
  if (sha === undefined) throw notFound()
  const commit = commitView(call, call.repository, commitOf(call.repository, sha))
  const url = `${repositoryUrl(call, call.repository)}/branches/${name}`
  const known = { ...branchView(call, name, sha), commit, _links: { html: url, self: url } }
  return ok(call.fill('branch-with-protection', known))
}

export const contentHandlers: Readonly<Record<string, Handler>> = {
  'repos/get-content': content,
  'repos/compare-commits-with-basehead': compare,
  'git/get-ref': gitRef,
  'repos/get-branch': branch,
  'repos/get-commit': call => {
    const commit = requireRef(call.repository, call.param('ref'))
    const [parent] = commit.parents
    const before = parent ? commitOf(call.repository, parent).files : new Map<string, string>()
    const files = diffOf(before, commit.files)
    return ok({
      ...commitView(call, call.repository, commit),
      files: files.map(one => fileView(call, call.repository, one))
    })
  },
  'repos/list-commits': call => {
    const { repository } = call
    const start = requireRef(repository, call.query.get('sha') ?? repository.defaultBranch)
    const path = call.query.get('path')
    const all = historyOf(repository, start.sha).filter(
      commit => path === null || touches(repository, commit, path)
    )
    const { items, headers } = page(call, all)
    return ok(
      items.map(commit => commitView(call, repository, commit)),
      headers
    )
  },
  'repos/list-branches': call => {
    const { items, headers } = page(call, [...call.repository.branches].sort())
    return ok(
      items.map(([name, sha]) => branchView(call, name, sha)),
      headers
    )
  },
  'repos/list-tags': call => {
    const { items, headers } = page(call, [...call.repository.tags].sort().reverse())
    const tags = items.map(([name, sha]) =>
      call.fill('tag', {
        name,
        node_id: nodeId('Ref', name),
        commit: { sha, url: `${repositoryUrl(call, call.repository)}/commits/${sha}` }
      })
    )
    return ok(tags, headers)
  }
}

function touches(repository: Repository, commit: Commit, path: string): boolean {
  const [parent] = commit.parents
  const before = parent ? commitOf(repository, parent).files : new Map<string, string>()
  return changedFiles(before, commit.files).some(one => one.path === path || one.path.startsWith(`${path}/`))
}
