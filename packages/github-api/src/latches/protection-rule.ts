/** Custom deployment protection rules, as the App that owns the rule decides them. */
import type { Octokit } from '../octokit.ts'
import type { RepositoryName } from '../repositories.ts'

/** The environments at which a run waits, by name. */
export async function pendingEnvironments(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  runId: string
): Promise<readonly string[]> {
  const { data } = await octokit.rest.actions.getPendingDeploymentsForRun({
    owner,
    repo,
    run_id: Number(runId),
    request: { operation: `reading what the workflow run ${runId} waits for` }
  })
  return data.flatMap(one => one.environment.name ?? [])
}

/** A decision on a deployment of a run. */
export interface Review {
  readonly environments: readonly string[]
  /** `approved` or `rejected`; `pending` where nobody has decided. */
  readonly state: string
  /** Of a GitHub App, not of a person. */
  readonly byApp: boolean
  /** Untrusted text. */
  readonly comment: string
}

/** The decisions on deployments of a run, of all its attempts. Nothing documents whether those of Apps are among them. */
export async function reviewsOf(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  runId: string
): Promise<readonly Review[]> {
  const { data } = await octokit.rest.actions.getReviewsForRun({
    owner,
    repo,
    run_id: Number(runId),
    request: { operation: `reading the decisions on the workflow run ${runId}` }
  })
  return data.map(({ environments, state, user, comment }) => ({
    environments: environments.flatMap(one => one.name ?? []),
    state,
    byApp: user?.type === 'Bot' || user?.login.endsWith('[bot]') === true,
    comment
  }))
}

/** Documented: characters of a comment. */
const MAX_COMMENT = 1_024

/**
 * Decides for the App whose token it is.
 *
 * @throws GitHubProblem; `no-permission` where the App owns no rule of the environment, `rejected` where nothing waits
 *   there, or it was decided already
 */
export async function decideRule(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  runId: string,
  decision: {
    readonly environment: string
    readonly state: 'approved' | 'rejected'
    readonly comment: string
  }
): Promise<void> {
  const { environment, state, comment } = decision
  await octokit.rest.actions.reviewCustomGatesForRun({
    owner,
    repo,
    run_id: Number(runId),
    environment_name: environment,
    state,
    comment: [...comment].slice(0, MAX_COMMENT).join(''),
    request: { operation: `deciding on ${environment} of the workflow run ${runId}` }
  })
}
