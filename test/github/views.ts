/** The forms in which the API shows accounts, Apps and repositories. */
import type { Fill } from './call.ts'
import { type App, fullName, type Repository, type User, type World } from './state.ts'

/** What a form needs: the addresses, and what fills in the rest. */
export interface View {
  readonly world: World
  readonly fill: Fill
}

/** `2026-11-28T09:00:00Z`: GitHub's times have no fraction. */
export function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** A node id; not GitHub's, and as opaque. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString('base64url')
}

export function userView({ world, fill }: View, user: User): object {
  return fill('simple-user', {
    login: user.login,
    id: user.id,
    node_id: nodeId('User', user.id),
    type: user.type,
    site_admin: false,
    url: `${world.apiUrl}/users/${encodeURIComponent(user.login)}`,
    html_url: `${world.serverUrl}/${user.login.replace('[bot]', '')}`
  })
}

export function appView(view: View, app: App): object {
  const at = time(0)
  return view.fill('integration', {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: userView(view, app.owner),
    name: app.name,
    description: null,
    html_url: `${view.world.serverUrl}/apps/${app.slug}`,
    external_url: `${view.world.serverUrl}/apps/${app.slug}`,
    created_at: at,
    updated_at: at,
    permissions: app.permissions,
    events: ['deployment_protection_rule']
  })
}

/** @param schema `minimal-repository`, `repository` or `full-repository` */
export function repositoryView(view: View, repository: Repository, schema = 'minimal-repository'): object {
  const name = fullName(repository)
  const known = {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: name,
    private: repository.private,
    owner: userView(view, repository.owner),
    html_url: `${view.world.serverUrl}/${name}`,
    url: `${view.world.apiUrl}/repos/${name}`,
    fork: false
  }
  if (schema === 'minimal-repository') return view.fill(schema, known)
  const visibility = repository.private ? 'private' : 'public'
  return view.fill(schema, {
    ...known,
    default_branch: repository.defaultBranch,
    visibility,
    archived: false,
    disabled: false,
    created_at: time(repository.createdAt)
  })
}

/** `{api}/repos/owner/name` */
export function repositoryUrl({ world }: View, repository: Repository): string {
  return `${world.apiUrl}/repos/${fullName(repository)}`
}

/** 200 with a body. */
export function ok(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return { status: 200, body, headers }
}
