/** Deployments and their statuses. */
import type { ApiResponse, Call, Handler } from './call.ts'
import { resolveRef } from './commits.ts'
import { page } from './paging.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { Deployment, DeploymentStatus, Repository, User, World } from './state.ts'
import { nodeId, ok, repositoryUrl, time, userView, type View } from './views.ts'

/** Documented. */
const MAX_DESCRIPTION = 140

export interface DeploymentSpec {
  readonly sha: string
  readonly ref: string
  readonly environment: string
  readonly creator: User
  readonly task?: string
  readonly description?: string | null
  readonly payload?: unknown
  readonly transient?: boolean
  readonly production?: boolean
}

/** Records a deployment; the newest is the first of the list. */
export function createDeployment(world: World, repository: Repository, spec: DeploymentSpec): Deployment {
  const deployment: Deployment = {
    id: world.nextId(),
    sha: spec.sha,
    ref: spec.ref,
    task: spec.task ?? 'deploy',
    environment: spec.environment,
    description: spec.description ?? null,
    payload: spec.payload ?? {},
    transient: spec.transient ?? false,
    production: spec.production ?? spec.environment === 'production',
    creator: spec.creator,
    at: world.now(),
    statuses: []
  }
  repository.deployments.unshift(deployment)
  return deployment
}

export interface StatusSpec {
  readonly state: string
  readonly creator: User
  readonly description?: string
  readonly logUrl?: string
  readonly environmentUrl?: string
  readonly environment?: string
  /** Whether earlier successful deployments to the environment become inactive. Default: true. */
  readonly autoInactive?: boolean
}

/** Adds a status; the newest is the first of the list. */
export function addStatus(
  world: World,
  repository: Repository,
  deployment: Deployment,
  spec: StatusSpec
): DeploymentStatus {
  const status: DeploymentStatus = {
    id: world.nextId(),
    state: spec.state,
    description: spec.description ?? '',
    logUrl: spec.logUrl ?? '',
    environmentUrl: spec.environmentUrl ?? '',
    environment: spec.environment ?? deployment.environment,
    creator: spec.creator,
    at: world.now()
  }
  deployment.statuses.unshift(status)
  if (spec.state === 'success' && spec.autoInactive !== false)
    retireOthers(world, repository, deployment, spec.creator)
  return status
}

function retireOthers(world: World, repository: Repository, current: Deployment, creator: User): void {
  const others = repository.deployments.filter(
    one =>
      one !== current &&
      one.environment === current.environment &&
      !one.transient &&
      one.statuses[0]?.state === 'success'
  )
  for (const one of others) addStatus(world, repository, one, { state: 'inactive', creator })
}

export function deploymentView(view: View, repository: Repository, deployment: Deployment): object {
  const base = repositoryUrl(view, repository)
  const url = `${base}/deployments/${deployment.id}`
  const updated = deployment.statuses[0]?.at ?? deployment.at
  return view.fill('deployment', {
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    url,
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    environment: deployment.environment,
    original_environment: deployment.environment,
    payload: deployment.payload,
    description: deployment.description,
    creator: userView(view, deployment.creator),
    created_at: time(deployment.at),
    updated_at: time(updated),
    statuses_url: `${url}/statuses`,
    repository_url: base,
    transient_environment: deployment.transient,
    production_environment: deployment.production
  })
}

function statusView(
  view: View,
  repository: Repository,
  deployment: Deployment,
  status: DeploymentStatus
): object {
  const base = repositoryUrl(view, repository)
  const url = `${base}/deployments/${deployment.id}`
  return view.fill('deployment-status', {
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    url: `${url}/statuses/${status.id}`,
    state: status.state,
    creator: userView(view, status.creator),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: time(status.at),
    updated_at: time(status.at),
    deployment_url: url,
    repository_url: base
  })
}

function requireDeployment(call: Call): Deployment {
  const found = call.repository.deployments.find(({ id }) => id === call.id('deployment_id'))
  if (found === undefined) throw notFound()
  return found
}

interface CreateBody {
  readonly ref: string
  readonly task?: string
  readonly environment?: string
  readonly description?: string | null
  readonly payload?: unknown
  readonly required_contexts?: readonly string[]
  readonly transient_environment?: boolean
  readonly production_environment?: boolean
}

/** 409 while a status that is demanded is not `success`; nothing is merged by itself here. */
function create(call: Call): ApiResponse {
  const { repository } = call
  const body = call.body as unknown as CreateBody
  const commit = resolveRef(repository, body.ref)
  if (commit === undefined) throw invalid(`No ref found for: ${body.ref}`)
  const statuses = repository.statuses.filter(({ sha }) => sha === commit.sha)
  const demanded = body.required_contexts ?? statuses.map(({ context }) => context)
  if (demanded.some(context => statuses.find(one => one.context === context)?.state !== 'success')) {
    throw new Refusal(409, `Conflict: Commit status checks failed for ${body.ref}.`)
  }
  const deployment = createDeployment(call.world, repository, {
    sha: commit.sha,
    ref: body.ref,
    environment: body.environment ?? 'production',
    creator: call.actor,
    ...(body.task === undefined ? {} : { task: body.task }),
    ...(body.production_environment === undefined ? {} : { production: body.production_environment }),
    description: body.description ?? '',
    payload: body.payload ?? {},
    transient: body.transient_environment ?? false
  })
  return { status: 201, body: deploymentView(call, repository, deployment) }
}

interface StatusBody {
  readonly state: string
  readonly description?: string
  readonly log_url?: string
  readonly target_url?: string
  readonly environment_url?: string
  readonly environment?: string
  readonly auto_inactive?: boolean
}

function createStatus(call: Call): ApiResponse {
  const deployment = requireDeployment(call)
  const body = call.body as unknown as StatusBody
  if ([...(body.description ?? '')].length > MAX_DESCRIPTION) {
    const message = `description is too long (maximum is ${MAX_DESCRIPTION} characters)`
    throw invalid('Validation Failed', [
      { resource: 'DeploymentStatus', code: 'custom', field: 'description', message }
    ])
  }
  const status = addStatus(call.world, call.repository, deployment, {
    state: body.state,
    creator: call.actor,
    description: body.description ?? '',
    logUrl: body.log_url ?? body.target_url ?? '',
    environmentUrl: body.environment_url ?? '',
    environment: body.environment ?? deployment.statuses[0]?.environment ?? deployment.environment,
    autoInactive: body.auto_inactive ?? true
  })
  return { status: 201, body: statusView(call, call.repository, deployment, status) }
}

export const deploymentHandlers: Readonly<Record<string, Handler>> = {
  'repos/list-deployments': call => {
    const wanted = (name: 'sha' | 'ref' | 'task' | 'environment') => {
      const value = call.query.get(name)
      return (one: Deployment) => value === null || value === '' || value === 'none' || one[name] === value
    }
    const filters = [wanted('sha'), wanted('ref'), wanted('task'), wanted('environment')]
    const all = call.repository.deployments.filter(one => filters.every(fits => fits(one)))
    const { items, headers } = page(call, all)
    return ok(
      items.map(one => deploymentView(call, call.repository, one)),
      headers
    )
  },
  'repos/get-deployment': call => ok(deploymentView(call, call.repository, requireDeployment(call))),
  'repos/create-deployment': create,
  'repos/list-deployment-statuses': call => {
    const deployment = requireDeployment(call)
    const { items, headers } = page(call, deployment.statuses)
    return ok(
      items.map(one => statusView(call, call.repository, deployment, one)),
      headers
    )
  },
  'repos/create-deployment-status': createStatus
}
