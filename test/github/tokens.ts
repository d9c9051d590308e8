/** Tokens: made for tests or by an App, and recognised in requests. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { appOfJwt } from './app-jwt.ts'
import { includes } from './permissions.ts'
import { invalid, Refusal } from './refusal.ts'
import type { App, Installation, Permissions, Repository, Token, TokenKind, User, World } from './state.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Documented maximum of repositories that an installation token names. */
const MAX_REPOSITORIES = 500

/** Who sends a request. */
export type Caller =
  | { readonly kind: 'none' }
  | { readonly kind: 'app'; readonly app: App }
  | { readonly kind: TokenKind; readonly token: Token }

/** A token of GitHub's usual form: a prefix and 36 characters. */
function randomValue(kind: TokenKind): string {
  const random = randomBytes(60).toString('base64url').replace(/[-_]/g, '0')
  if (kind === 'fine-grained') return `github_pat_${random.slice(0, 22)}_${random.slice(22, 81)}`
  return `${kind === 'classic' ? 'ghp' : 'ghs'}_${random.slice(0, 36)}`
}

/** The form `ghs_<app>_<jwt>` of several hundred characters, which installation tokens have since April 2026. */
function longValue(app: App, expiresAt: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = part({ alg: 'HS256', typ: 'JWT' })
  const claims = part({
    iss: app.id,
    exp: Math.floor(expiresAt / 1000),
    jti: randomBytes(96).toString('hex')
  })
  const signature = createHmac('sha256', 'test').update(`${head}.${claims}`).digest('base64url')
  return `ghs_${app.id}_${head}.${claims}.${signature}`
}

function remember(world: World, token: Token): Token {
  world.tokens.set(token.value, token)
  return token
}

/** What an installation token is narrowed to. */
export interface Narrowing {
  readonly repositories?: readonly Repository[]
  readonly permissions?: Permissions
  /** `long`: `ghs_<app>_<jwt>`. */
  readonly form?: 'short' | 'long'
}

/**
 * Makes a token of an installation, valid for an hour.
 * @throws Refusal 422 for a repository or permission that the installation does not have
 */
export function installationToken(world: World, installation: Installation, narrowing: Narrowing): Token {
  const { repositories, permissions } = narrowing
  if (installation.suspendedAt !== undefined) throw new Refusal(403, 'This installation has been suspended')
  if ((repositories?.length ?? 0) > MAX_REPOSITORIES) throw invalid('Too many repositories: at most 500.')
  if (repositories?.some(one => !covers(installation, one))) {
    throw invalid(
      'There is at least one repository that does not exist or is not accessible to the parent installation.'
    )
  }
  for (const [name, level] of Object.entries(permissions ?? {})) {
    if (!includes(installation.permissions[name], level)) {
      throw invalid('The permissions requested are not granted to this installation.')
    }
  }
  const expiresAt = world.now() + HOUR_MS
  return remember(world, {
    value: narrowing.form === 'long' ? longValue(installation.app, expiresAt) : randomValue('installation'),
    kind: 'installation',
    installation,
    repositories: repositories ? new Set(repositories) : 'all',
    permissions: { metadata: 'read', ...(permissions ?? installation.permissions) },
    scopes: [],
    expiresAt,
    revoked: false
  })
}

/** Whether an installation has been given a repository. */
export function covers({ account, repositories }: Installation, repository: Repository): boolean {
  if (repository.owner !== account) return false
  return repositories === 'all' || repositories.has(repository)
}

/** The built-in `GITHUB_TOKEN` of a job: one repository, and the `permissions:` of the workflow. */
export function jobToken(world: World, repository: Repository, permissions: Permissions): Token {
  return remember(world, {
    value: randomValue('job'),
    kind: 'job',
    repositories: new Set([repository]),
    permissions: { metadata: 'read', ...permissions },
    scopes: [],
    expiresAt: world.now() + DAY_MS,
    revoked: false
  })
}

/** What a person has chosen for a personal access token. */
export interface PersonalChoice {
  readonly repositories?: readonly Repository[]
  readonly permissions?: Permissions
  /** Of a classic token: `repo`, `public_repo`, `repo_deployment`, `workflow`. */
  readonly scopes?: readonly string[]
  readonly expiresInDays?: number
}

/** A personal access token. */
export function personalToken(
  world: World,
  kind: 'fine-grained' | 'classic',
  user: User,
  choice: PersonalChoice
): Token {
  return remember(world, {
    value: randomValue(kind),
    kind,
    user,
    repositories: choice.repositories ? new Set(choice.repositories) : 'all',
    permissions: { metadata: 'read', ...choice.permissions },
    scopes: choice.scopes ?? [],
    expiresAt: world.now() + (choice.expiresInDays ?? 90) * DAY_MS,
    revoked: false
  })
}

/**
 * Who sends the request.
 * @throws Refusal 401 for a token that is unknown, expired or revoked, and for a JWT that is not valid
 */
export function callerOf(world: World, headers: IncomingHttpHeaders): Caller {
  const [, scheme = '', value = ''] = /^(\S+)\s+(.+)$/.exec(headers.authorization ?? '') ?? []
  if (headers.authorization === undefined) return { kind: 'none' }
  if (!/^(bearer|token)$/i.test(scheme)) throw new Refusal(401, 'Bad credentials')
  const token = world.tokens.get(value)
  if (token === undefined) {
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) return { kind: 'app', app: appOfJwt(world, value) }
    throw new Refusal(401, 'Bad credentials')
  }
  if (token.revoked || world.now() >= token.expiresAt) throw new Refusal(401, 'Bad credentials')
  return { kind: token.kind, token }
}

/** A name of the token for the log of requests that does not tell it. */
export function fingerprint(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers
  return authorization && createHash('sha256').update(authorization).digest('hex').slice(0, 8)
}

/** The account that something is written as. */
export function actorOf(world: World, caller: Caller): User {
  if (caller.kind === 'none') throw new Refusal(401, 'Requires authentication')
  if (caller.kind === 'app') return caller.app.bot
  return caller.token.user ?? caller.token.installation?.app.bot ?? world.actions.bot
}

/** What responses say of a personal access token: when it expires, and the scopes of a classic one. */
export function tokenHeaders(caller: Caller): Record<string, string> {
  if (caller.kind !== 'fine-grained' && caller.kind !== 'classic') return {}
  const { expiresAt, scopes } = caller.token
  const expiration = `${new Date(expiresAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const ofScopes: Record<string, string> =
    caller.kind === 'classic' ? { 'x-oauth-scopes': scopes.join(', ') } : {}
  return { 'github-authentication-token-expiration': expiration, ...ofScopes }
}
