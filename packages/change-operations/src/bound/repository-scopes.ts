import { correlationScope, isInScope, oldScope } from '@change-actions/change-control'

/** A repository whose changes are of interest. */
export interface BoundRepository {
  /** `https://github.com`. */
  readonly server: string
  /** `owner/name`. */
  readonly repository: string
  /** Its environments, as far as known: a binding of the first release is found by them alone. */
  readonly environments: readonly string[]
}

/** Finds the repository of a binding by its scope. */
export function repositoryFinder(
  repositories: readonly BoundRepository[]
): (scope: string) => BoundRepository | undefined {
  const byHash = new Map<string, BoundRepository>()
  for (const one of repositories) {
    const parts = { serverUrl: one.server, repository: one.repository }
    byHash.set(repositoryHash(correlationScope({ ...parts, environment: '' })), one)
    for (const environment of ['', ...one.environments]) byHash.set(oldScope({ ...parts, environment }), one)
  }
  return scope => byHash.get(repositoryHash(scope))
}

/** Whether a scope is that of an environment of a repository, or of none: such a change serves any. */
export function isOfEnvironment(scope: string, one: BoundRepository, environment: string): boolean {
  return isInScope(scope, { serverUrl: one.server, repository: one.repository, environment })
}

/** In the first release repository and environment have one hash together. */
function repositoryHash(scope: string): string {
  return scope.split('.')[0] ?? ''
}
