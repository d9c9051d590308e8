/** The identity token of a job: docs.github.com, "OpenID Connect reference", methods for requesting the OIDC token. */
import { type Asked, problemOfContent, problemOfNetwork, problemOfResponse } from './classify.ts'
import { type GitHubOptions, wait } from './client.ts'
import { guardedFetch } from './guarded-fetch.ts'
import { GitHubProblem } from './problem.ts'

export interface IdentityTokenOptions
  extends Pick<GitHubOptions, 'userAgent' | 'timeoutMs' | 'fetch' | 'now' | 'sleep'> {
  /** `ACTIONS_ID_TOKEN_REQUEST_URL`, which has a query already. */
  readonly url: string
  /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
  readonly token: string
  /** Who the identity token is for: its `aud`. */
  readonly audience: string
}

const TIMEOUT_MS = 10_000
const ASKED: Asked = { operation: "requesting GitHub's identity token", writes: false }

/**
 * A fresh identity token of this job. Sends one request, through the proxy of the environment. Loads undici.
 *
 * @throws GitHubProblem
 */
export async function requestIdentityToken(options: IdentityTokenOptions): Promise<string> {
  const { token, audience, now = Date.now } = options
  const url = new URL(options.url)
  url.searchParams.set('audience', audience)
  const send = await fetchFor(url.origin, options)
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    'user-agent': options.userAgent ?? 'change-actions-servicenow'
  }
  const response = await send(url.href, { headers }).catch(error => {
    throw withOperation(problemOfNetwork(error, ASKED))
  })
  const text = await response.text()
  const reply = {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    data: parsed(text) ?? text
  }
  if (response.status !== 200) throw problemOfResponse(reply, ASKED, now())
  const { value } = (parsed(text) ?? {}) as { readonly value?: unknown }
  if (typeof value !== 'string' || value === '') throw problemOfContent(reply, ASKED)
  return value
}

async function fetchFor(origin: string, options: IdentityTokenOptions): Promise<typeof fetch> {
  const { proxiedFetch } = await import(/* webpackChunkName: "github" */ './octokit.ts')
  return guardedFetch({
    apiUrl: origin,
    fetch: options.fetch ?? proxiedFetch(origin),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    now: options.now ?? Date.now,
    sleep: options.sleep ?? wait,
    listen: () => undefined
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The problems of `guardedFetch` do not know the operation. */
function withOperation(problem: GitHubProblem): GitHubProblem {
  const { code, facts, retry, cause } = problem
  return new GitHubProblem({ code, facts: { ...facts, operation: ASKED.operation }, retry, cause })
}
