/** What a check of the set-up asks: who the token is, what it may do, and what protects an environment. Writes nothing. */
import type { Octokit } from '../octokit.ts'
import { isGitHubProblem } from '../problem.ts'
import type { RepositoryName } from '../repositories.ts'

/**
 * Whose token it is: `<app>[bot]` for a GitHub App, `github-actions[bot]` for the token of a job, else a person.
 *
 * @throws GitHubProblem
 */
export async function ownLogin(octokit: Octokit): Promise<string> {
  const request = { operation: 'reading whose token it is' }
  const { viewer } = await octokit.graphql<{ readonly viewer: { readonly login: string } }>(
    'query { viewer { login } }',
    { request }
  )
  return viewer.login
}

/** The repository's name as GitHub spells it. @throws GitHubProblem; `not-found` also where the token may not see it */
export async function repositoryName(octokit: Octokit, { owner, repo }: RepositoryName): Promise<string> {
  const request = { operation: `reading the repository ${owner}/${repo}` }
  const { data } = await octokit.rest.repos.get({ owner, repo, request })
  return data.full_name
}

/** What protects an environment. */
export interface EnvironmentFacts {
  /** Undefined where GitHub does not say. */
  readonly adminsCanBypass: boolean | undefined
  /** Kinds of GitHub's own rules: `required_reviewers`, `wait_timer`, `branch_policy`. */
  readonly rules: readonly string[]
  /** Short names of the Apps whose custom deployment protection rule is enabled there. */
  readonly apps: readonly string[]
}

/** @throws GitHubProblem */
export async function environmentFacts(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  environment: string
): Promise<EnvironmentFacts> {
  const place = { owner, repo, environment_name: environment }
  const request = { operation: `reading the environment ${environment} of ${owner}/${repo}` }
  const { data } = await octokit.rest.repos.getEnvironment({ ...place, request })
  const custom = await octokit.rest.repos.getAllDeploymentProtectionRules({ ...place, request })
  // GitHub sends this member, and its description leaves it out.
  const { can_admins_bypass: bypass } = data as { readonly can_admins_bypass?: unknown }
  return {
    adminsCanBypass: typeof bypass === 'boolean' ? bypass : undefined,
    rules: (data.protection_rules ?? []).map(one => one.type),
    apps: (custom.data.custom_deployment_protection_rules ?? []).flatMap(({ app, enabled }) =>
      enabled ? [app.slug] : []
    )
  }
}

/** The text of a workflow on the default branch. @throws GitHubProblem; `not-found` where there is none */
export async function workflowText(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  file: string
): Promise<string> {
  const { data } = await octokit.rest.repos.getContent({
    owner,
    repo,
    path: `.github/workflows/${file}`,
    request: { operation: `reading the workflow ${file} of ${owner}/${repo}` }
  })
  if (Array.isArray(data) || data.type !== 'file' || data.encoding !== 'base64') return ''
  return Buffer.from(data.content, 'base64').toString('utf8')
}

/** A right to write that a latch needs. */
export type WriteRight = 'actions: write' | 'deployments: write'

/**
 * Whether the token has a right to write. GitHub tells no token its own rights, so a write is sent that can do nothing:
 * it names a run or job 0, which does not exist. A token without the right gets 403 before GitHub looks for it.
 *
 * @throws GitHubProblem; `no-permission` without the right
 */
export async function checkWriteRight(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  right: WriteRight
): Promise<void> {
  const request = { operation: `asking whether the token has ${right} in ${owner}/${repo}` }
  const { actions } = octokit.rest
  const comment = 'Connection check'
  try {
    if (right === 'actions: write') await actions.reRunJobForWorkflowRun({ owner, repo, job_id: 0, request })
    // Without `state` it would be a note, not a decision.
    else
      await actions.reviewCustomGatesForRun({
        owner,
        repo,
        run_id: 0,
        environment_name: 'connection-check',
        comment,
        request
      })
  } catch (error) {
    if (!isGitHubProblem(error, 'not-found', 'rejected')) throw error
  }
}

/**
 * Whether the token may read code and commits: in a public repository every token may.
 *
 * @throws GitHubProblem; `no-permission` without the right
 */
export async function checkContentsRight(octokit: Octokit, { owner, repo }: RepositoryName): Promise<void> {
  const request = { operation: `asking whether the token has contents: read in ${owner}/${repo}` }
  await octokit.rest.repos.listBranches({ owner, repo, per_page: 1, request })
}
