/** Environments and their protection rules. */
import { posix } from 'node:path'
import type { ApiResponse, Call, Handler } from './call.ts'
import { page } from './paging.ts'
import { invalid, notFound } from './refusal.ts'
import type { CustomRule, Environment, Repository, Team, User, World } from './state.ts'
import { nodeId, ok, repositoryUrl, time, userView, type View } from './views.ts'

/** Documented: rules of any kind on one environment. */
const MAX_RULES = 6

/** The environment of that name; upper and lower case are the same. */
export function findEnvironment(repository: Repository, name: string): Environment | undefined {
  return repository.environments.get(name.toLowerCase())
}

/** As `findEnvironment`; an unknown one is created without protection, as GitHub does for a job that names it. */
export function ensureEnvironment(world: World, repository: Repository, name: string): Environment {
  const found = findEnvironment(repository, name)
  if (found) return found
  const now = world.now()
  const environment: Environment = {
    id: world.nextId(),
    name,
    createdAt: now,
    updatedAt: now,
    reviewers: [],
    preventSelfReview: false,
    waitMinutes: 0,
    adminsCanBypass: true,
    branches: null,
    rules: []
  }
  repository.environments.set(name.toLowerCase(), environment)
  return environment
}

/** Whether the policy of branches and tags lets a ref (`refs/heads/main`) deploy. */
export function isBranchAllowed(repository: Repository, { branches }: Environment, ref: string): boolean {
  if (branches === null) return true
  const name = ref.replace(/^refs\/(heads|tags)\//, '')
  const isTag = ref.startsWith('refs/tags/')
  if (branches === 'protected') return !isTag && repository.protectedBranches.has(name)
  return branches.some(pattern => {
    const ofTags = pattern.startsWith('tag:')
    return ofTags === isTag && posix.matchesGlob(name, ofTags ? pattern.slice(4) : pattern)
  })
}

export function isTeam(one: User | Team): one is Team {
  return 'members' in one
}

/** Whether a person is a required reviewer, by name or as a member of a team. */
export function isReviewer({ reviewers }: Environment, user: User): boolean {
  return reviewers.some(one => (isTeam(one) ? one.members.includes(user.login) : one === user))
}

export function reviewersView(view: View, reviewers: readonly (User | Team)[]): object[] {
  return reviewers.map(one =>
    isTeam(one)
      ? {
          type: 'Team',
          reviewer: view.fill('team', {
            id: one.id,
            node_id: nodeId('Team', one.id),
            name: one.slug,
            slug: one.slug
          })
        }
      : { type: 'User', reviewer: userView(view, one) }
  )
}

function rulesView(view: View, environment: Environment): object[] {
  const { id, waitMinutes, reviewers, preventSelfReview, branches } = environment
  const rule = (number: number) => ({ id: id * 10 + number, node_id: nodeId('Gate', id * 10 + number) })
  return [
    ...(waitMinutes > 0 ? [{ ...rule(1), type: 'wait_timer', wait_timer: waitMinutes }] : []),
    ...(reviewers.length > 0
      ? [
          {
            ...rule(2),
            type: 'required_reviewers',
            prevent_self_review: preventSelfReview,
            reviewers: reviewersView(view, reviewers)
          }
        ]
      : []),
    ...(branches === null ? [] : [{ ...rule(3), type: 'branch_policy' }])
  ]
}

/** The members that every form of an environment has. */
export function environmentBase(view: View, repository: Repository, environment: Environment) {
  const { id, name } = environment
  const url = `${repositoryUrl(view, repository)}/environments/${encodeURIComponent(name)}`
  return {
    id,
    node_id: nodeId('Environment', id),
    name,
    url,
    html_url: url.replace(`${view.world.apiUrl}/repos`, view.world.serverUrl)
  }
}

export function environmentView(view: View, repository: Repository, environment: Environment): object {
  const { branches, createdAt, updatedAt } = environment
  const policy =
    branches === null
      ? null
      : { protected_branches: branches === 'protected', custom_branch_policies: branches !== 'protected' }
  return {
    ...environmentBase(view, repository, environment),
    created_at: time(createdAt),
    updated_at: time(updatedAt),
    // Sent by GitHub, and missing in its description.
    can_admins_bypass: environment.adminsCanBypass,
    protection_rules: rulesView(view, environment),
    deployment_branch_policy: policy
  }
}

function requireEnvironment(call: Call): Environment {
  const found = findEnvironment(call.repository, call.param('environment_name'))
  if (found === undefined) throw notFound()
  return found
}

function ruleView({ world }: View, { id, app, enabled }: CustomRule): object {
  const integration = `${world.apiUrl}/apps/${app.slug}`
  return {
    id,
    node_id: nodeId('Gate', id),
    enabled,
    app: { id: app.id, slug: app.slug, integration_url: integration, node_id: nodeId('App', app.id) }
  }
}

function countRules({ waitMinutes, reviewers, rules }: Environment): number {
  return rules.length + (waitMinutes > 0 ? 1 : 0) + (reviewers.length > 0 ? 1 : 0)
}

function addRule(call: Call): ApiResponse {
  const environment = requireEnvironment(call)
  const app = call.world.apps.find(({ id }) => id === call.body.integration_id)
  const isInstalled = call.world.installations.some(
    one => one.app === app && one.account === call.repository.owner
  )
  if (app === undefined || !isInstalled) throw invalid('The App is not installed on this repository.')
  if (environment.rules.some(rule => rule.app === app)) throw invalid('The rule is enabled already.')
  if (countRules(environment) >= MAX_RULES)
    throw invalid(`An environment can have at most ${MAX_RULES} rules.`)
  const rule = { id: call.world.nextId(), app, enabled: true }
  environment.rules.push(rule)
  return { status: 201, body: ruleView(call, rule) }
}

interface EnvironmentBody {
  readonly wait_timer?: number
  readonly prevent_self_review?: boolean
  readonly reviewers?: readonly { type: 'User' | 'Team'; id: number }[] | null
  readonly deployment_branch_policy?: { protected_branches: boolean; custom_branch_policies: boolean } | null
}

function reviewerOf(call: Call, { type, id }: { type: string; id: number }): User | Team {
  const all: readonly (User | Team)[] = type === 'Team' ? call.world.teams : [...call.world.users.values()]
  const found = all.find(one => one.id === id)
  // An App has a bot account, which is no reviewer either.
  if (found === undefined || ('type' in found && found.type !== 'User'))
    throw invalid(`${type} ${id} cannot review`)
  return found
}

function putEnvironment(call: Call): ApiResponse {
  const body = call.body as EnvironmentBody
  const policy = body.deployment_branch_policy ?? null
  if ((body.reviewers?.length ?? 0) > 6) throw invalid('At most six reviewers are allowed.')
  if ((body.wait_timer ?? 0) > 43_200) throw invalid('The wait timer is at most 43200 minutes.')
  if (policy && policy.protected_branches === policy.custom_branch_policies) {
    throw invalid('protected_branches and custom_branch_policies cannot have the same value.')
  }
  const reviewers = (body.reviewers ?? []).map(one => reviewerOf(call, one))
  const environment = ensureEnvironment(call.world, call.repository, call.param('environment_name'))
  Object.assign(environment, {
    reviewers,
    waitMinutes: body.wait_timer ?? 0,
    preventSelfReview: body.prevent_self_review ?? false,
    branches: policy === null ? null : policy.protected_branches ? 'protected' : [],
    updatedAt: call.world.now()
  })
  return ok(environmentView(call, call.repository, environment))
}

export const environmentHandlers: Readonly<Record<string, Handler>> = {
  'repos/get-all-environments': call => {
    const all = [...call.repository.environments.values()]
    const { items, headers } = page(call, all)
    const environments = items.map(one => environmentView(call, call.repository, one))
    return ok({ total_count: all.length, environments }, headers)
  },
  'repos/get-environment': call => ok(environmentView(call, call.repository, requireEnvironment(call))),
  'repos/delete-an-environment': call => {
    const { name } = requireEnvironment(call)
    call.repository.environments.delete(name.toLowerCase())
    return { status: 204 }
  },
  'repos/create-or-update-environment': putEnvironment,
  'repos/get-all-deployment-protection-rules': call => {
    const rules = requireEnvironment(call).rules.filter(rule => rule.enabled)
    return ok({
      total_count: rules.length,
      custom_deployment_protection_rules: rules.map(rule => ruleView(call, rule))
    })
  },
  'repos/create-deployment-protection-rule': addRule,
  'repos/get-custom-deployment-protection-rule': call => ok(ruleView(call, requireRule(call))),
  'repos/disable-deployment-protection-rule': call => {
    const rule = requireRule(call)
    const environment = requireEnvironment(call)
    environment.rules = environment.rules.filter(one => one !== rule)
    return { status: 204 }
  },
  'repos/list-custom-deployment-rule-integrations': call => {
    requireEnvironment(call)
    const apps = call.world.installations
      .filter(one => one.account === call.repository.owner)
      .map(one => one.app)
    const shown = apps.map(app => (ruleView(call, { id: 0, app, enabled: true }) as { app: object }).app)
    return ok({ total_count: shown.length, available_custom_deployment_protection_rule_integrations: shown })
  },
  'repos/list-deployment-branch-policies': call => {
    const { branches, id } = requireEnvironment(call)
    const patterns = Array.isArray(branches) ? (branches as readonly string[]) : []
    const policies = patterns.map((pattern, index) => ({
      id: id * 100 + index,
      node_id: nodeId('GateBranchPolicy', id * 100 + index),
      name: pattern.replace(/^tag:/, ''),
      type: pattern.startsWith('tag:') ? 'tag' : 'branch'
    }))
    return ok({ total_count: policies.length, branch_policies: policies })
  }
}

function requireRule(call: Call): CustomRule {
  const found = requireEnvironment(call).rules.find(({ id }) => id === call.id('protection_rule_id'))
  if (found === undefined) throw notFound()
  return found
}
