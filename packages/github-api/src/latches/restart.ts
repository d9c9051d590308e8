/** Runs that are started: a job again, or a workflow by `workflow_dispatch`. */
import type { Octokit } from '../octokit.ts'
import type { RepositoryName } from '../repositories.ts'

/** Runs a job of a completed run again, and the jobs that need it. */
export async function rerunJob(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  jobId: number
): Promise<void> {
  await octokit.rest.actions.reRunJobForWorkflowRun({
    owner,
    repo,
    job_id: jobId,
    request: { operation: `running the job ${jobId} again` }
  })
}

/** @param ref name of a branch or tag */
export async function dispatchWorkflow(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  start: {
    readonly workflow: string
    readonly ref: string
    readonly inputs: Readonly<Record<string, string>>
  }
): Promise<void> {
  const { workflow, ref, inputs } = start
  await octokit.rest.actions.createWorkflowDispatch({
    owner,
    repo,
    workflow_id: workflow,
    ref,
    inputs,
    request: { operation: `starting ${workflow} in ${owner}/${repo}` }
  })
}

/** The commit that a branch or tag names now, in lower case. @throws GitHubProblem `not-found`, `rejected` */
export async function commitOfRef(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  ref: string
): Promise<string> {
  const request = { operation: `reading the commit of ${ref} in ${owner}/${repo}` }
  const { data } = await octokit.rest.repos.getCommit({ owner, repo, ref, per_page: 1, request })
  return data.sha.toLowerCase()
}

/** The names of the environments of a repository, at most 1,000. */
export async function environmentNames(
  octokit: Octokit,
  { owner, repo }: RepositoryName
): Promise<readonly string[]> {
  const names: string[] = []
  for (let page = 1; page <= 10; page += 1) {
    const request = { operation: `listing the environments of ${owner}/${repo}` }
    const { data } = await octokit.rest.repos.getAllEnvironments({
      owner,
      repo,
      per_page: 100,
      page,
      request
    })
    const found = data.environments ?? []
    names.push(...found.map(one => one.name))
    if (found.length < 100) break
  }
  return names
}
