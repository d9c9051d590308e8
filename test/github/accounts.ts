/** Apps, installations and their tokens; repositories, people and rate limits. */
import { levelOf } from './access.ts'
import type { ApiResponse, Call, Handler } from './call.ts'
import { page } from './paging.ts'
import type { PrimaryState } from './rate-limits.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { App, Installation, Permissions, Repository, Token } from './state.ts'
import { covers, installationToken } from './tokens.ts'
import { appView, ok, repositoryView, time, userView } from './views.ts'

function appOf(call: Call): App {
  if (call.caller.kind !== 'app') throw new Refusal(401, 'A JSON web token could not be decoded')
  return call.caller.app
}

function tokenOf(call: Call): Token {
  if (!('token' in call.caller)) throw new Refusal(401, 'Requires authentication')
  return call.caller.token
}

function installationView(call: Call, one: Installation): object {
  const base = `${call.world.apiUrl}/app/installations/${one.id}`
  const suspended = one.suspendedAt === undefined ? null : time(one.suspendedAt)
  return call.fill('installation', {
    id: one.id,
    account: userView(call, one.account),
    app_id: one.app.id,
    client_id: one.app.clientId,
    app_slug: one.app.slug,
    target_id: one.account.id,
    target_type: one.account.type,
    repository_selection: one.repositories === 'all' ? 'all' : 'selected',
    permissions: one.permissions,
    events: ['deployment_protection_rule'],
    access_tokens_url: `${base}/access_tokens`,
    repositories_url: `${call.world.apiUrl}/installation/repositories`,
    created_at: time(one.createdAt),
    updated_at: time(one.createdAt),
    suspended_at: suspended
  })
}

function findInstallation(call: Call, fits: (one: Installation) => boolean): Installation {
  const app = appOf(call)
  const found = call.world.installations.find(one => one.app === app && fits(one))
  if (found === undefined) throw notFound()
  return found
}

/** Repositories of an installation that a token may use. */
function repositoriesOf(call: Call, { installation, repositories }: Token): Repository[] {
  return call.world.repositories.filter(
    one =>
      (repositories === 'all' || repositories.has(one)) &&
      (installation === undefined || covers(installation, one))
  )
}

interface TokenBody {
  readonly repositories?: readonly string[]
  readonly repository_ids?: readonly number[]
  readonly permissions?: Permissions
}

function wantedRepositories(call: Call, installation: Installation): Repository[] | undefined {
  const { repositories: names, repository_ids: ids } = call.body as TokenBody
  if (names === undefined && ids === undefined) return undefined
  const own = call.world.repositories.filter(one => covers(installation, one))
  const byName = (names ?? []).map(name => own.find(one => one.name.toLowerCase() === name.toLowerCase()))
  const all = [...byName, ...(ids ?? []).map(id => own.find(one => one.id === id))]
  const found = all.flatMap(one => one ?? [])
  if (found.length < all.length) {
    throw invalid(
      'There is at least one repository that does not exist or is not accessible to the parent installation.'
    )
  }
  return found
}

function createToken(call: Call): ApiResponse {
  const installation = findInstallation(call, ({ id }) => id === call.id('installation_id'))
  const { permissions } = call.body as TokenBody
  const repositories = wantedRepositories(call, installation)
  const token = installationToken(call.world, installation, {
    ...(repositories ? { repositories } : {}),
    ...(permissions ? { permissions } : {}),
    form: call.world.settings.tokenForm
  })
  const all = installation.repositories === 'all' && repositories === undefined
  const body = {
    token: token.value,
    expires_at: time(token.expiresAt),
    permissions: token.permissions,
    repository_selection: all ? 'all' : 'selected',
    ...(repositories
      ? { repositories: repositories.map(one => repositoryView(call, one, 'repository')) }
      : {})
  }
  return { status: 201, body }
}

function rateLimit(call: Call): ApiResponse {
  const shown = ({ limit, used, remaining, reset }: PrimaryState) => ({ limit, used, remaining, reset })
  const core = shown(call.limits.state(call.caller, 'core'))
  const graphql = shown(call.limits.state(call.caller, 'graphql'))
  if (call.world.settings.rateLimits === false) throw new Refusal(404, 'Rate limiting is not enabled.')
  return ok({
    resources: { core, graphql, search: { ...core, limit: 30, used: 0, remaining: 30 } },
    rate: core
  })
}

function ownUser(call: Call): ApiResponse {
  const { user } = tokenOf(call)
  if (user === undefined) throw new Refusal(403, 'Resource not accessible by integration')
  const at = time(0)
  const known = { ...userView(call, user), created_at: at, updated_at: at, user_view_type: 'private' }
  return ok(call.fill('private-user', known))
}

function personLevel(call: Call): ApiResponse {
  const user = call.world.users.get(call.param('username'))
  if (user === undefined) throw notFound()
  const permission = levelOf(call.repository, user.login) ?? 'none'
  return ok({
    permission,
    role_name: permission,
    user: call.fill('nullable-collaborator', { ...userView(call, user), role_name: permission })
  })
}

export const accountHandlers: Readonly<Record<string, Handler>> = {
  'apps/get-authenticated': call => ok(appView(call, appOf(call))),
  'apps/list-installations': call => {
    const app = appOf(call)
    const { items, headers } = page(
      call,
      call.world.installations.filter(one => one.app === app)
    )
    return ok(
      items.map(one => installationView(call, one)),
      headers
    )
  },
  'apps/get-installation': call =>
    ok(
      installationView(
        call,
        findInstallation(call, ({ id }) => id === call.id('installation_id'))
      )
    ),
  'apps/get-org-installation': call =>
    ok(
      installationView(
        call,
        findInstallation(call, ({ account }) => account.login === call.param('org'))
      )
    ),
  'apps/get-repo-installation': call =>
    ok(
      installationView(
        call,
        findInstallation(call, one => covers(one, call.repository))
      )
    ),
  'apps/create-installation-access-token': createToken,
  'apps/list-repos-accessible-to-installation': call => {
    const all = repositoriesOf(call, tokenOf(call))
    const { items, headers } = page(call, all)
    const repositories = items.map(one => repositoryView(call, one, 'repository'))
    const { repositories: chosen, installation } = tokenOf(call)
    const selection = chosen === 'all' && installation?.repositories === 'all' ? 'all' : 'selected'
    return ok({ total_count: all.length, repositories, repository_selection: selection }, headers)
  },
  'apps/revoke-installation-access-token': call => {
    tokenOf(call).revoked = true
    return { status: 204 }
  },
  'rate-limit/get': rateLimit,
  'repos/get': call => ok(repositoryView(call, call.repository, 'full-repository')),
  'repos/get-collaborator-permission-level': personLevel,
  'users/get-authenticated': ownUser
}
