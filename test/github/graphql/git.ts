/** Commits, files and refs as GraphQL shows them. */
import { commitOf, diffOf, fullRef, historyOf, resolveRef, shaOf } from '../commits.ts'
import { pullsOfCommit } from '../pulls.ts'
import { type Commit, fullName, type Repository, type User } from '../state.ts'
import { nodeId, time } from '../views.ts'
import { connection, type Paging } from './connections.ts'
import { deploymentConnection, deploymentsOf } from './deployments.ts'
import { pullConnection } from './pulls.ts'
import { addresses, repositoryNode, userNode } from './repositories.ts'
import { guarded, type Scope } from './scope.ts'

function gitActor(scope: Scope, user: User, at: number): object {
  return {
    name: user.login,
    email: `${user.login}@example.com`,
    date: time(at),
    user: () => (user.type === 'User' ? userNode(scope, user) : null)
  }
}

/** `ERROR`, `FAILURE`, `PENDING` or `SUCCESS` of the statuses and check runs of a commit; undefined without any. */
function rollup(repository: Repository, sha: string): string | undefined {
  const checks = repository.checks.filter(one => one.sha === sha).map(one => one.conclusion ?? 'pending')
  const latest = new Map(
    repository.statuses.filter(one => one.sha === sha).map(one => [one.context, one.state as string])
  )
  const all = [...checks, ...latest.values()]
  if (all.length === 0) return undefined
  if (all.includes('error')) return 'ERROR'
  if (all.some(one => ['failure', 'timed_out', 'cancelled', 'action_required'].includes(one)))
    return 'FAILURE'
  return all.includes('pending') ? 'PENDING' : 'SUCCESS'
}

/** The check runs of a commit, and the newest status of each context. */
function contextNodes(scope: Scope, repository: Repository, sha: string): object[] {
  const place = addresses(scope, `${fullName(repository)}/commit/${sha}`)
  const checks = repository.checks
    .filter(one => one.sha === sha)
    .map(one => ({
      __typename: 'CheckRun',
      id: nodeId('CheckRun', one.id),
      databaseId: one.id,
      name: one.name,
      status: one.status.toUpperCase(),
      conclusion: one.conclusion?.toUpperCase() ?? null,
      detailsUrl: one.detailsUrl,
      externalId: one.externalId,
      ...place
    }))
  const statuses = new Map(repository.statuses.filter(one => one.sha === sha).map(one => [one.context, one]))
  const contexts = [...statuses.values()].map(one => ({
    __typename: 'StatusContext',
    id: nodeId('StatusContext', one.id),
    context: one.context,
    description: one.description,
    state: one.state.toUpperCase(),
    createdAt: time(one.at),
    targetUrl: null
  }))
  return [...checks, ...contexts]
}

function texts({ message }: Commit) {
  const [headline = '', ...rest] = message.split('\n')
  return { message, messageHeadline: headline, messageBody: rest.join('\n').trim() }
}

export function commitNode(scope: Scope, repository: Repository, commit: Commit): object {
  const { sha } = commit
  const [parent] = commit.parents
  const before = parent ? commitOf(repository, parent).files : new Map<string, string>()
  const place = addresses(scope, `${fullName(repository)}/commit/${sha}`)
  const state = rollup(repository, sha)
  return {
    __typename: 'Commit',
    id: nodeId('Commit', sha),
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    ...texts(commit),
    ...place,
    commitUrl: place.url,
    commitResourcePath: place.resourcePath,
    authoredDate: time(commit.at),
    committedDate: time(commit.at),
    author: () => gitActor(scope, commit.author, commit.at),
    committer: () => gitActor(scope, commit.author, commit.at),
    changedFiles: () => diffOf(before, commit.files).length,
    repository: () => repositoryNode(scope, repository),
    parents: (args: Paging) =>
      connection(commit.parents, args, one => commitNode(scope, repository, commitOf(repository, one))),
    history: (args: Paging) =>
      connection(historyOf(repository, sha), args, one => commitNode(scope, repository, one)),
    associatedPullRequests: guarded(scope, repository, ['pull_requests:read'], (args: Paging) =>
      pullConnection(scope, repository, pullsOfCommit(repository, sha), args)
    ),
    deployments: guarded(scope, repository, ['deployments:read'], (args: Paging) =>
      deploymentConnection(scope, repository, deploymentsOf(repository, sha), args)
    ),
    statusCheckRollup: guarded(scope, repository, ['checks:read', 'statuses:read'], () =>
      state === undefined
        ? null
        : {
            id: nodeId('StatusCheckRollup', sha),
            state,
            commit: () => commitNode(scope, repository, commit),
            contexts: (args: Paging) => connection(contextNodes(scope, repository, sha), args, one => one)
          }
    )
  }
}

function blobNode(scope: Scope, repository: Repository, commit: Commit, path: string, text: string): object {
  const oid = shaOf('blob', text)
  const place = addresses(scope, `${fullName(repository)}/blob/${commit.sha}/${path}`)
  return {
    __typename: 'Blob',
    id: nodeId('Blob', oid),
    oid,
    abbreviatedOid: oid.slice(0, 7),
    byteSize: Buffer.byteLength(text),
    isBinary: false,
    isTruncated: false,
    text,
    commitUrl: place.url,
    commitResourcePath: place.resourcePath,
    repository: () => repositoryNode(scope, repository)
  }
}

/** What `expression` (`main`, a SHA, `main:path/of/file`) or `oid` names; null when there is none. */
export function objectNode(
  scope: Scope,
  repository: Repository,
  { expression, oid }: { readonly expression?: string | null; readonly oid?: string | null }
): object | null {
  const [ref = '', path] = (oid ?? expression ?? '').split(/:(.*)/s)
  const commit = resolveRef(repository, ref === 'HEAD' ? repository.defaultBranch : ref)
  if (commit === undefined) return null
  if (path === undefined || path === '') return commitNode(scope, repository, commit)
  const text = commit.files.get(path)
  return text === undefined ? null : blobNode(scope, repository, commit, path, text)
}

/** A branch or tag; null when there is none. */
export function refNode(scope: Scope, repository: Repository, name: string): object | null {
  const full = fullRef(repository, name)
  const commit = full === undefined ? undefined : resolveRef(repository, full)
  if (full === undefined || commit === undefined) return null
  const [, prefix = '', short = ''] = /^(refs\/(?:heads|tags)\/)(.*)$/.exec(full) ?? []
  return {
    __typename: 'Ref',
    id: nodeId('Ref', `${repository.id}:${full}`),
    name: short,
    prefix,
    target: () => commitNode(scope, repository, commit),
    repository: () => repositoryNode(scope, repository),
    associatedPullRequests: guarded(scope, repository, ['pull_requests:read'], (args: Paging) =>
      pullConnection(
        scope,
        repository,
        repository.pulls.filter(({ head }) => head.ref === short),
        args
      )
    )
  }
}
