/** A GitHub for tests: state, rights, limits and refusals, over HTTP on loopback. See README.md. */
import { type AppHandle, appHandle } from './app-handle.ts'
import { commitTo } from './commits.ts'
import { loadDescription } from './description.ts'
import { type Fault, type FaultSpec, Faults } from './faults.ts'
import { RequestHandler } from './handler.ts'
import { RateLimits } from './rate-limits.ts'
import { type RepositoryHandle, repositoryHandle } from './repository-handle.ts'
import type { RequestRecord } from './requests.ts'
import { type RunningServer, startServer } from './server.ts'
import type { GithubOptions } from './settings.ts'
import type { Level, Permissions, Repository, Team, World } from './state.ts'
import { passTime } from './time.ts'
import { jobToken, personalToken } from './tokens.ts'
import { Watchers } from './watchers.ts'
import { createApp, createWorld, findRepository, userNamed } from './world.ts'

export type { AppHandle, InstallationHandle } from './app-handle.ts'
export type { Fault, FaultEffect, FaultSpec } from './faults.ts'
export type { RepositoryHandle } from './repository-handle.ts'
export type { RequestRecord } from './requests.ts'
export type { GateState, RunHandle } from './run-handle.ts'
export type { GithubOptions } from './settings.ts'

export interface RepositorySpec {
  /** Default: true. */
  readonly private?: boolean
  readonly defaultBranch?: string
  readonly files?: Readonly<Record<string, string>>
  /** People and their levels; `olivia` is an administrator unless she is named. */
  readonly people?: Readonly<Record<string, Level>>
}

/** A token to make. Installation tokens come from `app(…).install(…).token()`. */
export type TokenSpec =
  | { readonly kind: 'job'; readonly repository: RepositoryHandle; readonly permissions: Permissions }
  | {
      readonly kind: 'fine-grained'
      readonly user: string
      readonly permissions: Permissions
      readonly repositories?: readonly RepositoryHandle[]
      readonly expiresInDays?: number
    }
  | {
      readonly kind: 'classic'
      readonly user: string
      readonly scopes: readonly string[]
      readonly expiresInDays?: number
    }

export interface Duration {
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
}

/** A running GitHub. */
export interface Github {
  /** Root of the REST API, as `GITHUB_API_URL`: `http://127.0.0.1:PORT`, for GHES with `/api/v3`. */
  readonly url: string
  /** As `GITHUB_GRAPHQL_URL`. */
  readonly graphqlUrl: string
  /** As `GITHUB_SERVER_URL`. */
  readonly serverUrl: string
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** What must fail the test: responses that do not fit the description, requests that are not imitated. */
  readonly defects: readonly string[]
  /** Epoch milliseconds of the server's clock. */
  now(): number
  /** Moves the clock on: tokens expire, timers end, waits become too long. */
  advance(duration: Duration): void
  /** The repository `owner/name`; created with the first call, which alone may describe it. */
  repository(fullName: string, spec?: RepositorySpec): RepositoryHandle
  /** Registers a GitHub App. */
  app(slug: string, permissions: Permissions, owner?: string): AppHandle
  team(slug: string, members: readonly string[]): Team
  token(spec: TokenSpec): string
  /** Revokes a token. */
  revoke(token: string): void
  /** Uses up the primary limit of the token's owner until its hour ends. */
  exhaust(token: string): void
  fault(spec: FaultSpec): Fault
  /** Waits until `probe` returns a value other than undefined and false; checked after each request and change. */
  waitFor<T>(probe: () => T | undefined | false, timeoutMs?: number): Promise<T>
  /** Stops listening. @throws Error when there are defects, so that no test passes in spite of one */
  stop(): Promise<void>
}

const SECOND_MS = 1000

function milliseconds({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Duration): number {
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND_MS
}

function createRepository(world: World, fullName: string, spec: RepositorySpec): Repository {
  const [owner = '', name = ''] = fullName.split('/')
  const repository: Repository = {
    id: world.nextId(),
    owner: userNamed(world, owner, 'Organization'),
    name,
    private: spec.private ?? true,
    defaultBranch: spec.defaultBranch ?? 'main',
    createdAt: world.now(),
    commits: new Map(),
    branches: new Map(),
    tags: new Map(),
    protectedBranches: new Set(),
    people: new Map(Object.entries({ olivia: 'admin', ...spec.people })),
    environments: new Map(),
    workflows: new Map(),
    runs: new Map(),
    deployments: [],
    pulls: [],
    comments: [],
    checks: [],
    statuses: []
  }
  world.repositories.push(repository)
  const author = userNamed(world, 'olivia')
  commitTo(world, repository, {
    message: 'Initial commit',
    author,
    branch: repository.defaultBranch,
    files: spec.files ?? {}
  })
  return repository
}

function makeToken(world: World, spec: TokenSpec): string {
  if (spec.kind === 'job') return jobToken(world, spec.repository.record, spec.permissions).value
  const user = userNamed(world, spec.user)
  const { expiresInDays = 90 } = spec
  if (spec.kind === 'classic')
    return personalToken(world, 'classic', user, { scopes: spec.scopes, expiresInDays }).value
  const repositories = spec.repositories?.map(one => one.record)
  const choice = { permissions: spec.permissions, expiresInDays, ...(repositories ? { repositories } : {}) }
  return personalToken(world, 'fine-grained', user, choice).value
}

interface Parts {
  readonly world: World
  readonly server: RunningServer
  readonly limits: RateLimits
  readonly faults: Faults
  readonly requests: readonly RequestRecord[]
  readonly defects: readonly string[]
  readonly watchers: Watchers
  readonly graphqlUrl: string
  advance(ms: number): void
}

function createGithub(parts: Parts): Github {
  const { world, server, limits, faults, requests, defects, watchers } = parts
  const changed = () => watchers.notify()
  const tokenOf = (value: string) => {
    const token = world.tokens.get(value)
    if (token === undefined) throw new Error('no such token')
    return token
  }
  return {
    url: world.apiUrl,
    graphqlUrl: parts.graphqlUrl,
    serverUrl: world.serverUrl,
    requests,
    defects,
    now: () => world.now(),
    advance: duration => {
      parts.advance(milliseconds(duration))
      passTime(world)
      changed()
    },
    repository: (fullName, spec) => {
      const [owner = '', name = ''] = fullName.split('/')
      const found = findRepository(world, owner, name)
      if (found && spec) throw new Error(`${fullName} is there already`)
      return repositoryHandle(world, found ?? createRepository(world, fullName, spec ?? {}), changed)
    },
    app: (slug, permissions, owner = 'acme') => appHandle(world, createApp(world, slug, owner, permissions)),
    team: (slug, members) => {
      for (const login of members) userNamed(world, login)
      const team = { id: world.nextId(), slug, members }
      world.teams.push(team)
      return team
    },
    token: spec => makeToken(world, spec),
    revoke: value => {
      tokenOf(value).revoked = true
    },
    exhaust: value => {
      const token = tokenOf(value)
      limits.exhaust({ kind: token.kind, token })
    },
    fault: spec => faults.add(spec),
    waitFor: (probe, timeoutMs = 5000) => watchers.wait(probe, timeoutMs),
    stop: async () => {
      watchers.stop()
      await server.stop()
      if (defects.length > 0) throw new Error(`defects found by the test GitHub:\n${defects.join('\n')}`)
    }
  }
}

/** Starts a GitHub on a free port of loopback. */
export async function startGithub(options: GithubOptions = {}): Promise<Github> {
  let offset = 0
  const clock = options.now ?? Date.now
  const world = createWorld(options, () => clock() + offset)
  const ghes = world.settings.edition === 'ghes'
  const prefix = ghes ? { rest: '/api/v3', graphql: '/api/graphql' } : { rest: '', graphql: '/graphql' }
  const limits = new RateLimits(world)
  const faults = new Faults()
  const watchers = new Watchers()
  const requests: RequestRecord[] = []
  const defects: string[] = []
  const onProgress = () => watchers.notify()
  const description = await loadDescription()
  const handler = new RequestHandler({ world, description, limits, faults, defects, onProgress })
  const headers: Record<string, string> = ghes ? { 'x-github-enterprise-version': '3.19.0' } : {}
  const server = await startServer({ handler, requests, prefix, headers, now: () => world.now() })
  world.serverUrl = `http://127.0.0.1:${server.port}`
  world.apiUrl = `${world.serverUrl}${prefix.rest}`
  const advance = (ms: number) => {
    offset += ms
  }
  const graphqlUrl = `${world.serverUrl}${prefix.graphql}`
  return createGithub({ world, server, limits, faults, requests, defects, watchers, graphqlUrl, advance })
}
