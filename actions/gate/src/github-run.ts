import type { StepTools } from '@change-actions/action-kit'

const TIMEOUT_MS = 10_000

/**
 * Whether a workflow run of this repository is over, as GitHub says it; undefined when it cannot be told (no token,
 * no permission, no connection). Needs `actions: read`.
 */
export async function runIsOver(
  tools: Pick<StepTools, 'env' | 'runtime' | 'log' | 'sleep'>,
  token: string | undefined,
  runId: string
): Promise<boolean | undefined> {
  if (token === undefined || tools.runtime.repository === '') return undefined
  const settled = new AbortController()
  try {
    // The toolkit's client never settles when an answer stalls half way.
    const patience = tools.sleep(TIMEOUT_MS, settled.signal)
    const status = await Promise.race([statusOf(tools, token, runId), patience])
    return status === undefined ? undefined : status === 'completed'
  } catch (error) {
    tools.log.debug(
      `Run ${runId} could not be asked about: ${error instanceof Error ? error.message : error}`
    )
    return undefined
  } finally {
    settled.abort()
  }
}

/** `queued`, `in_progress`, `completed`, …; undefined for a run that is not there, or not to be read. */
async function statusOf(
  { env, runtime }: Pick<StepTools, 'env' | 'runtime'>,
  token: string,
  runId: string
): Promise<string | undefined> {
  // One GET needs no Octokit: the toolkit's client knows proxies.
  const { HttpClient } = await import(/* webpackChunkName: "work" */ '@actions/http-client')
  const client = new HttpClient('change-actions-servicenow', [], {
    allowRedirects: false,
    socketTimeout: TIMEOUT_MS
  })
  const headers = { Authorization: `Bearer ${token}`, Accept: 'application/vnd.github+json' }
  const api = (env.GITHUB_API_URL ?? 'https://api.github.com').replace(/\/+$/, '')
  const url = `${api}/repos/${runtime.repository}/actions/runs/${runId}`
  const { result } = await client.getJson<{ status?: string }>(url, headers)
  return result?.status
}
