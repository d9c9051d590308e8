/** Check runs: what a job says of a commit beside its own result. */
import type { Octokit } from './octokit.ts'
import type { RepositoryName } from './repositories.ts'

/** A check run that is over. */
export interface CompletedCheck {
  readonly name: string
  /** Full id of the commit. */
  readonly commit: string
  /** By which the check run is found again, among those of its name. */
  readonly externalId: string
  readonly conclusion: 'success' | 'neutral' | 'failure'
  readonly title: string
  /** Markdown, at most 65,535 characters. */
  readonly summary: string
  /** Page with more. */
  readonly detailsUrl: string
}

/**
 * Writes a check run, or writes the one of this name and external id anew. @returns its page
 *
 * @throws GitHubProblem; `no-permission` for a token without `checks: write`, and for one that is not an App's
 */
export async function writeCheck(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  { name, commit, externalId, conclusion, title, summary, detailsUrl }: CompletedCheck
): Promise<string> {
  const found = await findCheck(octokit, { owner, repo }, { name, commit, externalId })
  const written = {
    owner,
    repo,
    status: 'completed' as const,
    conclusion,
    output: { title, summary },
    ...(detailsUrl === '' ? {} : { details_url: detailsUrl }),
    request: { operation: `writing the check run ${name} of ${commit}` }
  }
  const { data } =
    found === undefined
      ? await octokit.rest.checks.create({ ...written, name, head_sha: commit, external_id: externalId })
      : await octokit.rest.checks.update({ ...written, check_run_id: found })
  return data.html_url ?? ''
}

/** Its id; undefined where there is none. */
async function findCheck(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  { name, commit, externalId }: Pick<CompletedCheck, 'name' | 'commit' | 'externalId'>
): Promise<number | undefined> {
  const { data } = await octokit.rest.checks.listForRef({
    owner,
    repo,
    ref: commit,
    check_name: name,
    filter: 'all',
    per_page: 100,
    request: { operation: `reading the check runs of ${commit}` }
  })
  return data.check_runs.find(one => one.external_id === externalId)?.id
}
