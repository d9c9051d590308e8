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
  /** The file of its workflow, without folders: `deploy.yml`. */
  readonly workflow: string
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
  /** For a run on a tag GitHub may add the ref: `.github/workflows/deploy.yml@refs/tags/v1`. */
  readonly path: string
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

/** GitHub ends a filtered list after so many, without a link to a next page. */
const MAX_FILTERED = 1_000

/** Lists of {@link MAX_FILTERED} that are read one after the other. */
const MAX_LISTS = 3

/** Moments of creation, epoch milliseconds, both inclusive. */
export interface CreatedBetween {
  readonly since: number
  /** Undefined: until now. */
  readonly until?: number | undefined
}

/**
 * The runs of a workflow that were dispatched between two moments, newest first: one request for each hundred, and 3,000
 * runs at most.
 *
 * @param workflow its file
 * @returns `complete`: false when there are more than were read
 * @throws GitHubProblem; `not-found` for a workflow that the repository does not have
 */
export async function dispatchedRuns(
  octokit: Octokit,
  repository: RepositoryName,
  workflow: string,
  created: CreatedBetween
): Promise<{ readonly runs: readonly RunFacts[]; readonly complete: boolean }> {
  const found = new Map<number, RunFacts>()
  let { until } = created
  for (let lists = 0; lists < MAX_LISTS; lists += 1) {
    const before = found.size
    const { runs, complete } = await oneList(octokit, repository, workflow, { since: created.since, until })
    for (const run of runs) if (!found.has(run.id)) found.set(run.id, run)
    if (complete) return { runs: [...found.values()], complete: true }
    if (found.size === before) break
    // The next list begins with the second in which this one ended: several runs may have it.
    until = Math.min(...runs.map(run => run.createdAt))
  }
  return { runs: [...found.values()], complete: false }
}

async function oneList(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  workflow: string,
  { since, until }: CreatedBetween
): Promise<{ readonly runs: readonly RunFacts[]; readonly complete: boolean }> {
  const pages = octokit.paginate.iterator(octokit.rest.actions.listWorkflowRuns, {
    owner,
    repo,
    workflow_id: workflow,
    event: 'workflow_dispatch',
    created: until === undefined ? `>=${seconds(since)}` : `${seconds(since)}..${seconds(until)}`,
    per_page: 100,
    request: { operation: `listing the runs of ${workflow} in ${owner}/${repo}` }
  })
  const { items, total = items.length } = await listAll(pages)
  return { runs: items.map(factsOf), complete: items.length < MAX_FILTERED && items.length >= total }
}

function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** A job of the latest attempt. */
export interface JobFacts {
  readonly id: number
  readonly name: string
  readonly conclusion: string | undefined
  /** When a runner took it, epoch milliseconds. */
  readonly startedAt: number
  /** Undefined while it goes on. */
  readonly completedAt: number | undefined
}

/** The jobs of the latest attempt of a run; `complete`: false when there are more than the 1,000 that were read. */
export async function latestJobs(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  runId: string
): Promise<{ readonly jobs: readonly JobFacts[]; readonly complete: boolean }> {
  const pages = octokit.paginate.iterator(octokit.rest.actions.listJobsForWorkflowRun, {
    owner,
    repo,
    run_id: Number(runId),
    filter: 'latest',
    per_page: 100,
    request: { operation: `reading the jobs of the workflow run ${runId}` }
  })
  const { items, complete } = await listAll(pages)
  const jobs = items.map(({ id, name, conclusion, started_at, completed_at }) => ({
    id,
    name,
    conclusion: conclusion ?? undefined,
    startedAt: Date.parse(started_at),
    completedAt: completed_at === null ? undefined : Date.parse(completed_at)
  }))
  return { jobs, complete }
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
    title: run.display_title,
    workflow: workflowFile(run.path)
  }
}

/** The file of a workflow without folders and ref, as people name it. */
export function workflowFile(path: string): string {
  const [file = ''] = path.split('@')
  return file.slice(file.lastIndexOf('/') + 1)
}
