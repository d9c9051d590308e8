import type { StepTools } from '@change-actions/action-kit'

const TIMEOUT_MS = 10_000

/**
 * Whether a workflow run of this repository is over, as GitHub says it; undefined when it cannot be told (no token,
 * no permission, no connection). Needs `actions: read`.
 */
export async function runIsOver(
  tools: Pick<StepTools, 'env' | 'runtime' | 'log'>,
  token: string | undefined,
  runId: string
): Promise<boolean | undefined> {
  const api = tools.env.GITHUB_API_URL ?? 'https://api.github.com'
  if (token === undefined || tools.runtime.repository === '') return undefined
  try {
    // One GET needs no Octokit: the toolkit's client knows proxies, and costs nothing that is not loaded already.
    const { HttpClient } = await import('@actions/http-client')
    const headers = { Authorization: `Bearer ${token}`, Accept: 'application/vnd.github+json' }
    const client = new HttpClient('change-actions-servicenow', [], {
      allowRedirects: false,
      socketTimeout: TIMEOUT_MS
    })
    const answer = await client.getJson<{ status?: string }>(
      `${api}/repos/${tools.runtime.repository}/actions/runs/${runId}`,
      headers
    )
    if (answer.statusCode === 404) return undefined
    return answer.result?.status === undefined ? undefined : answer.result.status === 'completed'
  } catch (error) {
    tools.log.debug(
      `Run ${runId} could not be asked about: ${error instanceof Error ? error.message : error}`
    )
    return undefined
  }
}
