import { createGitHub } from './client.ts'
import type { Octokit } from './octokit.ts'
import type { RepositoryName } from './repositories.ts'

/** What is needed to read a workflow run from GitHub. */
export interface RunQuestion {
  /** The address of the REST API, `https://api.github.com` or that of a GitHub Enterprise Server. */
  readonly apiUrl: string
  /** `owner/name`. */
  readonly repository: string
  /** With the permission `actions: read`; undefined where there is none. */
  readonly token: string | undefined
  readonly runId: string
  /** Sends the request in tests. */
  readonly fetch?: typeof fetch | undefined
  /** Waits; ends early when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Told why there is no response. */
  debug(text: string): void
}

/**
 * Whether a workflow run has completed; undefined for a response that is not understood.
 *
 * @throws GitHubProblem; `not-found` also for a run that was deleted
 */
export async function readRunCompleted(
  octokit: Octokit,
  { owner, repo }: RepositoryName,
  runId: string
): Promise<boolean | undefined> {
  const request = { operation: `reading the workflow run ${runId}` }
  const { data } = await octokit.rest.actions.getWorkflowRun({ owner, repo, run_id: Number(runId), request })
  return typeof data.status === 'string' ? data.status === 'completed' : undefined
}

const TIMEOUT_MS = 10_000

/**
 * Whether a workflow run has completed, as GitHub says it; undefined when it cannot be told: no token, no permission,
 * no connection, no response within ten seconds, or one that is not understood.
 */
export async function isRunCompleted(question: RunQuestion): Promise<boolean | undefined> {
  const { token, repository, runId } = question
  const [owner, repo] = repository.split('/')
  if (!token || !owner || !repo || !/^\d+$/.test(runId)) return undefined
  try {
    const { apiUrl, fetch, sleep } = question
    const octokit = await createGitHub({ apiUrl, token, fetch, sleep, timeoutMs: TIMEOUT_MS })
    return await readRunCompleted(octokit, { owner, repo }, runId)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    question.debug(`GitHub gave no usable response about run ${runId}: ${reason}`)
    return undefined
  }
}
