/** What is needed to read a workflow run from GitHub. */
export interface RunQuestion {
  /** The address of the REST API, `https://api.github.com` or that of a GitHub Enterprise Server. */
  readonly apiUrl: string
  /** `owner/name`. */
  readonly repository: string
  /** With the permission `actions: read`; undefined where there is none. */
  readonly token: string | undefined
  readonly runId: string
  /** Waits; ends early when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Told why there is no response. */
  debug(text: string): void
}

const TIMEOUT_MS = 10_000

/**
 * Whether a workflow run has completed, as GitHub says it; undefined when it cannot be told: no token, no permission,
 * no connection, no response within ten seconds.
 */
export async function isRunCompleted(question: RunQuestion): Promise<boolean | undefined> {
  if (question.token === undefined || question.repository === '') return undefined
  const settled = new AbortController()
  try {
    // The toolkit's client never settles when a response stalls half way.
    const timeout = question.sleep(TIMEOUT_MS, settled.signal)
    const status = await Promise.race([statusOf(question, question.token), timeout])
    return status === undefined ? undefined : status === 'completed'
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    question.debug(`GitHub gave no usable response about run ${question.runId}: ${reason}`)
    return undefined
  } finally {
    settled.abort()
  }
}

/** `queued`, `in_progress`, `completed`, …; undefined for a run that is not there, or may not be read. */
async function statusOf(
  { apiUrl, repository, runId }: RunQuestion,
  token: string
): Promise<string | undefined> {
  // One GET needs no Octokit: the toolkit's client knows proxies.
  const { HttpClient } = await import(/* webpackChunkName: "work" */ '@actions/http-client')
  const client = new HttpClient('change-actions-servicenow', [], {
    allowRedirects: false,
    socketTimeout: TIMEOUT_MS
  })
  const headers = { Authorization: `Bearer ${token}`, Accept: 'application/vnd.github+json' }
  const url = `${apiUrl.replace(/\/+$/, '')}/repos/${repository}/actions/runs/${runId}`
  const { result } = await client.getJson<{ status?: string }>(url, headers)
  return result?.status
}
