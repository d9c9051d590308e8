/** What is read of workflow runs by whoever lets a deployment go on. */
import type { Octokit } from '../octokit.ts'
import { listAll } from '../pages.ts'
import type { RepositoryName } from '../repositories.ts'

/** A workflow run, as far as latches ask for it. Times are epoch milliseconds. */
export interface RunFacts {
  readonly id: number
  /** 1 for the first. */
  readonly attempt: number
  readonly status: string
  /** Undefined while it goes on. */
  readonly conclusion: string | undefined
  readonly headSha: string
  /** Name of the branch or tag. */
  readonly headBranch: string
  readonly createdAt: number
  /** When the latest attempt began. */
  readonly startedAt: number
  /** When its status changed last. */
  readonly updatedAt: number
  /** As GitHub shows it: `run-name`, or the message of the commit. Untrusted text. */
  readonly title: string
}

interface RunResponse {
  readonly id: number
  readonly run_attempt?: number | undefined
  readonly status: string | null
  readonly conclusion: string | null
  readonly head_sha: string
  readonly head_branch: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly run_started_at?: string | undefined
  readonly display_title: string
}

/** @throws GitHubProblem; `not-found` for a run that is gone, or that the token may not see */
export async function readRun(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  runId: string
): Promise<RunFacts> {
  const request = { operation: `reading the workflow run ${runId}` }
  const { data } = await octokit.rest.actions.getWorkflowRun({ owner, repo, run_id: Number(runId), request })
  return factsOf(data)
}

/**
 * The runs of a workflow that were dispatched, newest first, as far back as a moment.
 *
 * @param workflow its file
 * @param since epoch milliseconds, of the creation
 */
export async function dispatchedRuns(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  workflow: string,
  since: number
): Promise<{ readonly runs: readonly RunFacts[]; readonly complete: boolean }> {
  const pages = octokit.paginate.iterator(octokit.rest.actions.listWorkflowRuns, {
    owner,
    repo,
    workflow_id: workflow,
    event: 'workflow_dispatch',
    created: `>=${new Date(since).toISOString().slice(0, 19)}Z`,
    per_page: 100,
    request: { operation: `listing the runs of ${workflow} in ${owner}/${repo}` }
  })
  const { items, complete } = await listAll(pages)
  return { runs: items.map(factsOf), complete }
}

/** A job of the latest attempt. */
export interface JobFacts {
  readonly id: number
  readonly name: string
  readonly conclusion: string | undefined
}

/** The jobs of the latest attempt of a run. */
export async function latestJobs(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  runId: string
): Promise<readonly JobFacts[]> {
  const pages = octokit.paginate.iterator(octokit.rest.actions.listJobsForWorkflowRun, {
    owner,
    repo,
    run_id: Number(runId),
    filter: 'latest',
    per_page: 100,
    request: { operation: `reading the jobs of the workflow run ${runId}` }
  })
  const { items } = await listAll(pages)
  return items.map(({ id, name, conclusion }) => ({ id, name, conclusion: conclusion ?? undefined }))
}

function factsOf(run: RunResponse): RunFacts {
  return {
    id: run.id,
    attempt: run.run_attempt ?? 1,
    status: run.status ?? '',
    conclusion: run.conclusion ?? undefined,
    headSha: run.head_sha.toLowerCase(),
    headBranch: run.head_branch ?? '',
    createdAt: Date.parse(run.created_at),
    startedAt: Date.parse(run.run_started_at ?? run.created_at),
    updatedAt: Date.parse(run.updated_at),
    title: run.display_title
  }
}
