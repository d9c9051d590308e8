/** Repositories and accounts as GraphQL shows them. */
import { findEnvironment } from '../environments.ts'
import { fullName, type Repository, type User } from '../state.ts'
import { nodeId, time } from '../views.ts'
import { connection, type Paging } from './connections.ts'
import { deploymentConnection, environmentNode } from './deployments.ts'
import { objectNode, refNode } from './git.ts'
import { pullConnection, pullNode } from './pulls.ts'
import { failure, guarded, type Scope, visibleRepository } from './scope.ts'

/** Address and path of a page. */
export function addresses({ world }: Scope, path: string): { url: string; resourcePath: string } {
  return { url: `${world.serverUrl}/${path}`, resourcePath: `/${path}` }
}

function accountNode(scope: Scope, user: User): Record<string, unknown> {
  return {
    id: nodeId('User', user.id),
    databaseId: user.id,
    login: user.login.replace('[bot]', ''),
    avatarUrl: `${scope.world.serverUrl}/avatars/${user.id}`,
    ...addresses(scope, user.type === 'Bot' ? `apps/${user.login.replace('[bot]', '')}` : user.login)
  }
}

/** An actor: `User` or `Bot`; the login of a bot has no `[bot]` here. */
export function actorNode(scope: Scope, user: User): object {
  return { __typename: user.type === 'Bot' ? 'Bot' : 'User', ...accountNode(scope, user) }
}

export function userNode(scope: Scope, user: User): object {
  return { __typename: 'User', ...accountNode(scope, user), login: user.login, name: user.login }
}

function ownerNode(scope: Scope, user: User): object {
  const repository = ({ name }: { name: string }) =>
    repositoryNode(scope, visibleRepository(scope, user.login, name))
  return {
    __typename: user.type === 'Organization' ? 'Organization' : 'User',
    ...accountNode(scope, user),
    repository
  }
}

export function repositoryNode(scope: Scope, repository: Repository): object {
  const { environments, pulls, deployments, defaultBranch } = repository
  return {
    __typename: 'Repository',
    id: nodeId('Repository', repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: fullName(repository),
    description: null,
    isPrivate: repository.private,
    isArchived: false,
    isFork: false,
    visibility: repository.private ? 'PRIVATE' : 'PUBLIC',
    createdAt: time(repository.createdAt),
    ...addresses(scope, fullName(repository)),
    owner: () => ownerNode(scope, repository.owner),
    ...contentFields(scope, repository, defaultBranch),
    deployments: guarded(scope, repository, ['deployments:read'], (args: Paging) =>
      deploymentConnection(scope, repository, deployments, args)
    ),
    environment: guarded(scope, repository, ['actions:read'], ({ name }: { name: string }) => {
      const found = findEnvironment(repository, name)
      return found ? environmentNode(scope, repository, found) : null
    }),
    environments: guarded(
      scope,
      repository,
      ['actions:read'],
      (args: Paging & { names?: readonly string[] }) => {
        const all = [...environments.values()].sort((a, b) => a.name.localeCompare(b.name))
        const wanted = all.filter(({ name }) => !args.names?.length || args.names.includes(name))
        return connection(wanted, args, one => environmentNode(scope, repository, one))
      }
    ),
    pullRequest: guarded(scope, repository, ['pull_requests:read'], ({ number }: { number: number }) => {
      const found = pulls.find(one => one.number === number)
      if (found === undefined)
        throw failure('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`)
      return pullNode(scope, repository, found)
    }),
    pullRequests: guarded(scope, repository, ['pull_requests:read'], (args: Paging) =>
      pullConnection(scope, repository, pulls, args)
    )
  }
}

function contentFields(scope: Scope, repository: Repository, defaultBranch: string) {
  return {
    defaultBranchRef: guarded(scope, repository, ['contents:read'], () =>
      refNode(scope, repository, `refs/heads/${defaultBranch}`)
    ),
    ref: guarded(scope, repository, ['contents:read'], ({ qualifiedName }: { qualifiedName: string }) =>
      refNode(scope, repository, qualifiedName)
    ),
    object: guarded(scope, repository, ['contents:read'], (args: { expression?: string; oid?: string }) =>
      objectNode(scope, repository, args)
    )
  }
}
