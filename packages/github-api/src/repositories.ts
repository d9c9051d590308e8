import type { Octokit } from './octokit.ts'
import { listAll } from './pages.ts'

/** A repository by its name, `owner/name`, as GitHub spells it. */
export interface RepositoryName {
  readonly owner: string
  readonly repo: string
}

/**
 * The repositories that the token's installation of a GitHub App may see, at most 1,000.
 *
 * @throws GitHubProblem; `permission` for a token that is not an installation's
 */
export async function installedRepositories(
  octokit: Octokit
): Promise<{ readonly repositories: readonly RepositoryName[]; readonly complete: boolean }> {
  const request = { operation: 'listing the repositories of the installation' }
  const pages = octokit.paginate.iterator(octokit.rest.apps.listReposAccessibleToInstallation, {
    per_page: 100,
    request
  })
  const { items, complete } = await listAll(pages)
  return { repositories: items.map(one => ({ owner: one.owner.login, repo: one.name })), complete }
}
