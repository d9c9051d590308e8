/** Deployments and environments as GraphQL shows them. Each object is a record of values and functions of arguments. */
import { commitOf } from '../commits.ts'
import { isTeam } from '../environments.ts'
import type { Deployment, DeploymentStatus, Environment, Repository, Team, User } from '../state.ts'
import { nodeId, time } from '../views.ts'
import { connection, type Paging } from './connections.ts'
import { commitNode, refNode } from './git.ts'
import { actorNode, addresses, repositoryNode } from './repositories.ts'
import type { Scope } from './scope.ts'

/** State of a deployment by its newest status. */
const STATES: Readonly<Record<string, string>> = {
  error: 'ERROR',
  failure: 'FAILURE',
  inactive: 'INACTIVE',
  in_progress: 'IN_PROGRESS',
  pending: 'PENDING',
  queued: 'QUEUED',
  success: 'ACTIVE',
  waiting: 'WAITING'
}

function statusNode(
  scope: Scope,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus
): object {
  return {
    __typename: 'DeploymentStatus',
    id: nodeId('DeploymentStatus', status.id),
    state: status.state.toUpperCase(),
    description: status.description,
    environment: status.environment,
    environmentUrl: status.environmentUrl || null,
    logUrl: status.logUrl || null,
    createdAt: time(status.at),
    updatedAt: time(status.at),
    creator: () => actorNode(scope, status.creator),
    deployment: () => deploymentNode(scope, repository, deployment)
  }
}

export function deploymentNode(scope: Scope, repository: Repository, deployment: Deployment): object {
  const [latest] = deployment.statuses
  const commit = repository.commits.get(deployment.sha)
  return {
    __typename: 'Deployment',
    id: nodeId('Deployment', deployment.id),
    databaseId: deployment.id,
    commitOid: deployment.sha,
    commit: () => commit && commitNode(scope, repository, commit),
    createdAt: time(deployment.at),
    updatedAt: time(latest?.at ?? deployment.at),
    creator: () => actorNode(scope, deployment.creator),
    description: deployment.description,
    environment: deployment.environment,
    latestEnvironment: latest?.environment ?? deployment.environment,
    originalEnvironment: deployment.environment,
    payload: JSON.stringify(deployment.payload),
    task: deployment.task,
    // The ref may be a commit, or gone: null then.
    ref: () => refNode(scope, repository, deployment.ref),
    repository: () => repositoryNode(scope, repository),
    state: latest === undefined ? 'PENDING' : STATES[latest.state],
    latestStatus: () => (latest ? statusNode(scope, repository, deployment, latest) : null),
    // Newest first, as GitHub lists them.
    statuses: (args: Paging) =>
      connection(deployment.statuses, args, one => statusNode(scope, repository, deployment, one))
  }
}

interface DeploymentArgs extends Paging {
  readonly environments?: readonly string[] | null
  readonly orderBy?: { readonly direction: 'ASC' | 'DESC' } | null
}

/** Oldest first unless ordered otherwise, which is the schema's default. */
export function deploymentConnection(
  scope: Scope,
  repository: Repository,
  all: readonly Deployment[],
  args: DeploymentArgs
): object {
  const { environments, orderBy } = args
  const wanted = all.filter(one => environments == null || environments.includes(one.environment))
  const ordered = orderBy?.direction === 'DESC' ? wanted : [...wanted].reverse()
  return connection(ordered, args, one => deploymentNode(scope, repository, one))
}

function reviewerNode(scope: Scope, one: User | Team): object {
  if (!isTeam(one)) return { ...actorNode(scope, one), __typename: 'User' }
  const id = nodeId('Team', one.id)
  return {
    __typename: 'Team',
    id,
    databaseId: one.id,
    slug: one.slug,
    name: one.slug,
    ...addresses(scope, `orgs/teams/${one.slug}`)
  }
}

function ruleNodes({ id, waitMinutes, reviewers, preventSelfReview, branches }: Environment) {
  const base = { timeout: 0, preventSelfReview: false, reviewers: [] as readonly (User | Team)[] }
  return [
    ...(waitMinutes > 0
      ? [{ ...base, databaseId: id * 10 + 1, type: 'WAIT_TIMER', timeout: waitMinutes }]
      : []),
    ...(reviewers.length > 0
      ? [{ ...base, databaseId: id * 10 + 2, type: 'REQUIRED_REVIEWERS', preventSelfReview, reviewers }]
      : []),
    ...(branches === null ? [] : [{ ...base, databaseId: id * 10 + 3, type: 'BRANCH_POLICY' }])
  ]
}

export function environmentNode(scope: Scope, repository: Repository, environment: Environment): object {
  const done = repository.deployments.find(
    one => one.environment === environment.name && one.statuses[0]?.state === 'success'
  )
  return {
    __typename: 'Environment',
    id: nodeId('Environment', environment.id),
    databaseId: environment.id,
    name: environment.name,
    isPinned: false,
    pinnedPosition: null,
    latestCompletedDeployment: () => (done ? deploymentNode(scope, repository, done) : null),
    protectionRules: (args: Paging) =>
      connection(ruleNodes(environment), args, rule => ({
        ...rule,
        reviewers: (inner: Paging) => connection(rule.reviewers, inner, one => reviewerNode(scope, one))
      }))
  }
}

/** The deployments of a commit. */
export function deploymentsOf(repository: Repository, sha: string): Deployment[] {
  return repository.deployments.filter(one => one.sha === commitOf(repository, sha).sha)
}
