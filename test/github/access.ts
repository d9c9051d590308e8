/** What a caller may see and do in a repository. */
import { halves, headerOf, includes, type Requirement, type Right } from './permissions.ts'
import { notFound, Refusal } from './refusal.ts'
import type { Level, Repository, Token } from './state.ts'
import { type Caller, covers } from './tokens.ts'

/** A person's level in a repository; the owner is an administrator, and everybody reads a public one. */
export function levelOf(repository: Repository, login: string): Level | undefined {
  if (repository.owner.login === login) return 'admin'
  return repository.people.get(login) ?? (repository.private ? undefined : 'read')
}

/** Whether the token was given the repository. */
function isGiven(token: Token, repository: Repository): boolean {
  if (token.repositories !== 'all' && !token.repositories.has(repository)) return false
  if (token.installation) return covers(token.installation, repository)
  if (token.user) return levelOf(repository, token.user.login) !== undefined
  return true
}

/** Whether the caller may know that the repository is there. */
export function canSee(caller: Caller, repository: Repository): boolean {
  if (!repository.private) return true
  if (caller.kind === 'none' || caller.kind === 'app') return false
  if (caller.kind === 'classic' && !caller.token.scopes.includes('repo')) return false
  return isGiven(caller.token, repository)
}

/**
 * Checks who may call an operation at all.
 * @throws Refusal 401 or 403
 */
export function checkCaller(caller: Caller, requirement: Requirement, enabledForApps: boolean): void {
  if (requirement === 'app' && caller.kind !== 'app') {
    throw new Refusal(401, 'A JSON web token could not be decoded')
  }
  if (requirement !== 'app' && caller.kind === 'app' && requirement !== 'token') {
    throw new Refusal(401, 'A JSON web token is no token of an installation: the call needs an access token')
  }
  const ofApp = caller.kind === 'installation' || caller.kind === 'job'
  if (ofApp && (!enabledForApps || requirement === 'user'))
    throw new Refusal(403, 'Resource not accessible by integration')
  if (requirement === 'installation' && !ofApp) {
    throw new Refusal(
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.'
    )
  }
  if (requirement === 'user' && caller.kind === 'none') throw new Refusal(401, 'Requires authentication')
}

/**
 * Checks the rights of the caller in a repository.
 * @throws Refusal 404 for a repository that the caller may not know of, 403 for a missing right
 */
export function checkRights(caller: Caller, repository: Repository, rights: readonly Right[]): void {
  if (!canSee(caller, repository)) throw notFound()
  if (!rights.some(right => isGranted(caller, repository, right))) throw refusalFor(caller, rights)
}

function isGranted(caller: Caller, repository: Repository, right: Right): boolean {
  const { permission, level } = halves(right)
  if (!repository.private && level === 'read' && permission !== 'administration') return true
  if (caller.kind === 'none' || caller.kind === 'app') return false
  const { token } = caller
  if (!isGiven(token, repository)) return false
  if (token.user && !includes(levelOf(repository, token.user.login), neededOf(permission, level)))
    return false
  if (caller.kind === 'classic') return hasScope(token, repository, permission)
  return includes(token.permissions[permission], level)
}

/** The level of a person that a right demands, whatever their token says. */
function neededOf(permission: string, level: Level): Level {
  if (permission === 'administration') return 'admin'
  const commentsOrReads = level === 'read' || permission === 'issues' || permission === 'pull_requests'
  return commentsOrReads ? 'read' : 'write'
}

function hasScope({ scopes }: Token, repository: Repository, permission: string): boolean {
  if (scopes.includes('repo')) return true
  if (permission === 'deployments' && scopes.includes('repo_deployment')) return true
  return !repository.private && scopes.includes('public_repo')
}

function refusalFor(caller: Caller, rights: readonly Right[]): Refusal {
  switch (caller.kind) {
    case 'none':
    case 'app':
      return new Refusal(401, 'Requires authentication')
    case 'classic':
      return new Refusal(403, 'Must have admin rights to Repository.', {
        headers: { 'x-oauth-scopes': caller.token.scopes.join(', '), 'x-accepted-oauth-scopes': 'repo' }
      })
    default: {
      const who = caller.kind === 'fine-grained' ? 'personal access token' : 'integration'
      const headers = { 'x-accepted-github-permissions': headerOf(rights) }
      return new Refusal(403, `Resource not accessible by ${who}`, { headers })
    }
  }
}
