/** A GitHub App as tests use it. */
import { createSign } from 'node:crypto'
import type { RepositoryHandle } from './repository-handle.ts'
import type { App, Installation, Permissions, World } from './state.ts'
import { installationToken } from './tokens.ts'
import { userNamed } from './world.ts'

export interface InstallationHandle {
  readonly id: number
  /** A token, as `POST …/access_tokens` makes it. @throws Refusal for what the installation has not */
  token(narrowing?: {
    readonly permissions?: Permissions
    readonly repositories?: readonly RepositoryHandle[]
    readonly form?: 'short' | 'long'
  }): string
  suspend(): void
}

export interface AppHandle {
  readonly id: number
  readonly clientId: string
  readonly slug: string
  /** PEM, PKCS#1, as GitHub hands it out. */
  readonly privateKey: string
  /** The record, as a rule of an environment refers to it. */
  readonly app: App
  /** A JWT of the App; claims and key can be set to wrong ones. */
  jwt(
    claims?: { readonly iss?: unknown; readonly iat?: number; readonly exp?: number },
    privateKey?: string
  ): string
  /** Installs the App. Default: all repositories of the owner, with all permissions of the App. */
  install(
    owner: string,
    options?: { readonly repositories?: readonly RepositoryHandle[]; readonly permissions?: Permissions }
  ): InstallationHandle
}

function sign(app: App, now: number, claims: object, privateKey: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const seconds = Math.floor(now / 1000)
  const body = { iss: app.clientId, iat: seconds - 60, exp: seconds + 540, ...claims }
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(body)}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}

function installationHandle(world: World, installation: Installation): InstallationHandle {
  return {
    id: installation.id,
    token: ({ permissions, repositories, form } = {}) => {
      const narrowing = {
        ...(permissions ? { permissions } : {}),
        ...(repositories ? { repositories: repositories.map(one => one.record) } : {}),
        ...(form ? { form } : {})
      }
      return installationToken(world, installation, narrowing).value
    },
    suspend: () => {
      installation.suspendedAt = world.now()
    }
  }
}

/** The handle of an App. */
export function appHandle(world: World, app: App): AppHandle {
  return {
    id: app.id,
    clientId: app.clientId,
    slug: app.slug,
    privateKey: app.privateKey,
    app,
    jwt: (claims = {}, privateKey = app.privateKey) => sign(app, world.now(), claims, privateKey),
    install: (owner, { repositories, permissions } = {}) => {
      const installation: Installation = {
        id: world.nextId(),
        app,
        account: userNamed(world, owner, 'Organization'),
        repositories: repositories ? new Set(repositories.map(one => one.record)) : 'all',
        permissions: { metadata: 'read', ...(permissions ?? app.permissions) },
        createdAt: world.now()
      }
      world.installations.push(installation)
      return installationHandle(world, installation)
    }
  }
}
