import { createHash } from 'node:crypto'
import { type Binding, formatBinding, formatNoteMarker } from './change-marks.ts'
import { formatCorrelationId } from './record-formats.ts'

/** Where a repository lives. The id survives a rename; the name stands in where a runner gives no id. */
export interface RepositoryParts {
  serverUrl: string
  repositoryId: string
  repository: string
}

/** What makes a deployment by create-change itself. Empty texts for what is not given. Never the attempt. */
export interface DeploymentParts extends RepositoryParts {
  workflow: string
  runId: string
  job: string
  matrixIndex: string
  step: string
  type: string
  cmdbCi: string
  parent: string
  /** What else tells this deployment from others: a called workflow's job is the same for each of its callers. */
  scope?: string
}

/** What makes a gated deployment itself: `value` is the version, the run id or the commit, as `identity` says. */
export interface GateParts extends RepositoryParts {
  identity: 'version' | 'run' | 'commit'
  value: string
  workflow: string
  job: string
  matrixIndex: string
  environment: string
  cmdbCi: string
  template: string
  scope?: string
}

/**
 * The default correlation id of create-change: `gha-` and 64 hex digits. The same for every attempt of a run, so
 * that a re-run finds its change again; different for two jobs, matrix legs or steps, so that none is shared by
 * accident.
 */
export function deploymentId(parts: DeploymentParts): string {
  const { workflow, runId, job, matrixIndex, step, type, cmdbCi, parent } = parts
  const place = [...repositoryKey(parts), workflow, runId, job, matrixIndex, step]
  return formatCorrelationId(digest(['deployment', ...place, type, cmdbCi, parent, ...scoped(parts)]))
}

/** The default correlation id of the gate (root action); never equal to one of {@link deploymentId}. */
export function gateId(parts: GateParts): string {
  const { identity, value, workflow, job, matrixIndex, environment, cmdbCi, template } = parts
  const place = [...repositoryKey(parts), workflow, job, matrixIndex]
  const rest = [environment, cmdbCi, template, ...scoped(parts)]
  return formatCorrelationId(digest(['gate', identity, value, ...place, ...rest]))
}

/** Where a deployment comes from and where it goes: the scope of bindings and claims. */
export interface ScopeParts {
  readonly serverUrl: string
  readonly repository: string
  /** Empty where none is given. */
  readonly environment: string
}

/** Hash of server and repository, a dot, hash of the environment: `<16 hex>.<8 hex>`. */
export function correlationScope(parts: ScopeParts): string {
  const repository = digest(['repository', serverKey(parts), parts.repository.toLowerCase()])
  return `${repository.slice(0, 16)}.${environmentHash(parts.environment)}`
}

/** The hash of an environment, 8 hex digits. Environments are compared without case and surrounding blanks. */
export function environmentHash(environment: string): string {
  return digest(['environment', environment.trim().toLowerCase()]).slice(0, 8)
}

/** The scope as the first release wrote it: 12 hex digits. */
export function oldScope(parts: ScopeParts): string {
  return digest(['scope', serverKey(parts), parts.repository.toLowerCase(), parts.environment]).slice(0, 12)
}

/**
 * Whether a scope is that of a deployment. One without an environment serves any one; a deployment that names none
 * compares the repository alone, which the scope of the first release does not show by itself.
 */
export function isInScope(scope: string, parts: ScopeParts): boolean {
  const environments = [parts.environment, '']
  if (!scope.includes('.'))
    return environments.some(environment => oldScope({ ...parts, environment }) === scope)
  const [repository, environment] = scope.split('.')
  if (repository !== correlationScope(parts).split('.')[0]) return false
  return parts.environment.trim() === '' || environments.some(one => environmentHash(one) === environment)
}

/**
 * The line that binds a change to a commit, a run, a repository and an environment.
 *
 * @param sign makes the HMAC of the line, where there is a key
 * @throws RangeError when `commit` is not a commit id of 40 hex digits or more, or `runId` not a number
 */
export function bindingOf(
  parts: Pick<Binding, 'commit' | 'runId'> & ScopeParts,
  sign?: (text: string) => string
): string {
  const { commit, runId } = parts
  return formatBinding({ commit, runId, scope: correlationScope(parts) }, sign)
}

/**
 * The marker of a note, `[gha 3f2a9c41b07d]`: journals cannot be corrected, so a note that may have been sent is looked
 * for by its marker before it is sent again.
 *
 * @param parts what makes two notes the same one
 */
export function noteMarker(parts: readonly string[]): string {
  return formatNoteMarker(digest(['note', ...parts]))
}

/**
 * The hash of what a field holds, 32 hex digits: as many as make it hopeless to find another text with the same hash.
 * It is of one record: a marker that is copied to another change fits nothing there.
 */
export function fieldHash(sysId: string, field: string, value: string): string {
  return digest(['field', sysId, field, value]).slice(0, 32)
}

/** Nothing without a scope, so that ids made before there were any stay what they are. */
function scoped({ scope = '' }: { scope?: string }): string[] {
  return scope === '' ? [] : [scope]
}

/** What tells a repository from others, also after it was renamed. */
export function repositoryKey(parts: RepositoryParts): string[] {
  const { repositoryId, repository } = parts
  const key = repositoryId === '' ? ['name', repository.toLowerCase()] : ['id', repositoryId]
  return [serverKey(parts), ...key]
}

/** GitHub treats server and repository names without regard to case. */
function serverKey(parts: { serverUrl: string }): string {
  const url = parts.serverUrl.toLowerCase()
  let end = url.length
  while (url[end - 1] === '/') end -= 1
  return url.slice(0, end)
}

/** JSON keeps `['ab', 'c']` and `['a', 'bc']` apart, whatever the texts hold. */
function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
