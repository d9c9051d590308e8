import { GitHubProblem, isGitHubProblem, type PermissionFacts } from './problem.ts'

/** What was asked, as far as its failure depends on it. */
export interface Asked {
  /** As a participle: `reading the workflow run 7`. */
  readonly operation: string
  /** Whether it may have written something, when its end is not known. */
  readonly writes: boolean
}

/** A response that is not a success, as Octokit has it. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly data: unknown
}

/** GitHub's documentation: without `retry-after`, wait at least a minute after a secondary limit. */
const SECONDARY_PAUSE_MS = 60_000

/** Errors before a request was sent: nothing can have been written. */
const NOT_SENT = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_PRX_TLS'
])
const FINAL =
  /^(?:ENOTFOUND|CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|UND_ERR_PRX_TLS)/
/** undici's words for a proxy that responds to CONNECT with another status than 200. */
const PROXY_REFUSED = /^Proxy response \((\d+)\)/

/**
 * The problem of a response, by GitHub's documentation of statuses and rate limits.
 *
 * @param now epoch milliseconds, for responses without `date`
 */
export function problemOfResponse(refusal: Refusal, asked: Asked, now: number): GitHubProblem {
  const { status, headers } = refusal
  const facts = { ...factsOf(refusal), operation: asked.operation }
  const permission: PermissionFacts = {
    ...facts,
    accepted: text(headers['x-accepted-github-permissions']),
    sso: text(headers['x-github-sso'])
  }
  if (status >= 300 && status < 400) return new GitHubProblem({ code: 'redirect', facts })
  if (status === 401) return new GitHubProblem({ code: 'credentials', facts })
  if (status === 403 || status === 429) {
    const limit = limitOf(refusal, now)
    if (limit === undefined) return new GitHubProblem({ code: 'no-permission', facts: permission })
    const retry = { temporary: true, afterMs: limit.afterMs }
    return new GitHubProblem({ code: 'rate-limit', facts: { ...facts, limit: limit.limit }, retry })
  }
  if (status === 404) return new GitHubProblem({ code: 'not-found', facts: permission })
  if (status < 500) return new GitHubProblem({ code: 'rejected', facts })
  const afterMs = secondsOf(headers['retry-after'])
  return new GitHubProblem({
    code: 'server',
    facts,
    retry: { temporary: true, afterMs },
    committed: doubt(asked)
  })
}

/** The problem of a success that is not understood. */
export function problemOfContent(response: Refusal, asked: Asked): GitHubProblem {
  const { status, headers } = response
  const message = `a response of the type ${headers['content-type'] ?? '(none)'} that is not JSON of GitHub's API`
  const facts = { ...factsOf({ status, headers, data: undefined }), operation: asked.operation, message }
  return new GitHubProblem({
    code: 'not-github',
    facts,
    retry: { temporary: true },
    committed: doubt(asked)
  })
}

/** What GraphQL says in a response with status 200. */
interface GraphqlError {
  readonly type?: string
  readonly message?: string
}

/** The problem that the errors of a GraphQL response are; undefined without errors. Data beside errors does not count. */
export function problemOfGraphql(response: Refusal, asked: Asked, now: number): GitHubProblem | undefined {
  const { status, headers, data } = response
  const { errors } = (data ?? {}) as { readonly errors?: readonly GraphqlError[] }
  if (!Array.isArray(errors) || errors.length === 0) return undefined
  const message = errors.map(one => one.message ?? JSON.stringify(one)).join('; ')
  const facts = { ...factsOf({ status, headers, data: { message } }), operation: asked.operation }
  const types = new Set(errors.map(one => one.type))
  if (types.has('RATE_LIMITED')) {
    const { afterMs } = limitOf({ status: 429, headers, data }, now) ?? { afterMs: SECONDARY_PAUSE_MS }
    const retry = { temporary: true, afterMs }
    return new GitHubProblem({ code: 'rate-limit', facts: { ...facts, limit: 'primary' }, retry })
  }
  if (types.has('FORBIDDEN') || types.has('INSUFFICIENT_SCOPES'))
    return new GitHubProblem({ code: 'no-permission', facts })
  if (types.has('NOT_FOUND')) return new GitHubProblem({ code: 'not-found', facts })
  return new GitHubProblem({ code: 'rejected', facts, committed: doubt(asked) })
}

/** The problem of a request without a response. Errors that are problems already stay as they are. */
export function problemOfNetwork(error: unknown, asked: Asked): GitHubProblem {
  const chain = causesOf(error)
  const known = chain.find(one => isGitHubProblem(one))
  if (known !== undefined) return known as GitHubProblem
  const cause = chain.at(-1) as NodeJS.ErrnoException | undefined
  const code = String(chain.map(one => (one as NodeJS.ErrnoException).code).findLast(Boolean) ?? '')
  // Several addresses that refused are an error without a message.
  const message = cause?.message || code || String(error)
  const [proxy, proxyStatus] = PROXY_REFUSED.exec(message) ?? []
  const final = FINAL.test(code) || (proxy !== undefined && Number(proxyStatus) < 500)
  const notSent = final || proxy !== undefined || NOT_SENT.has(code)
  return new GitHubProblem({
    code: 'network',
    facts: { operation: asked.operation, message },
    retry: { temporary: !final },
    committed: notSent ? 'no' : doubt(asked),
    cause: error
  })
}

function factsOf({ status, headers, data }: Refusal) {
  return { status, message: messageOf(data), requestId: text(headers['x-github-request-id']) }
}

function doubt({ writes }: Asked): 'no' | 'maybe' {
  return writes ? 'maybe' : 'no'
}

/** `message`, with what GitHub adds to it about single fields. */
function messageOf(data: unknown): string | undefined {
  if (typeof data === 'string') return data.trim().slice(0, 200) || undefined
  if (typeof data !== 'object' || data === null || !('message' in data)) return undefined
  const errors = 'errors' in data && Array.isArray(data.errors) ? data.errors : []
  const more = errors.map(one => (typeof one === 'string' ? one : (one?.message ?? JSON.stringify(one))))
  return [String(data.message), ...more].join('; ')
}

function limitOf(
  { status, headers, data }: Refusal,
  now: number
): { limit: 'primary' | 'secondary'; afterMs: number } | undefined {
  const asked = secondsOf(headers['retry-after'])
  if (String(headers['x-ratelimit-remaining']) === '0') {
    // Both moments are of GitHub's clock, so that a wrong clock of the runner does no harm.
    const reset = Number(headers['x-ratelimit-reset']) * 1_000
    const date = Date.parse(String(headers.date))
    const untilReset = Math.max(0, reset - (Number.isNaN(date) ? now : date))
    return {
      limit: 'primary',
      afterMs: asked ?? (Number.isNaN(untilReset) ? SECONDARY_PAUSE_MS : untilReset)
    }
  }
  const said = /secondary rate limit|abuse detection/i.test(messageOf(data) ?? '')
  if (status === 429 || asked !== undefined || said)
    return { limit: 'secondary', afterMs: asked ?? SECONDARY_PAUSE_MS }
  return undefined
}

function secondsOf(header: string | number | undefined): number | undefined {
  return /^\d+$/.test(String(header)) ? Number(header) * 1_000 : undefined
}

function text(header: string | number | undefined): string | undefined {
  return header === undefined ? undefined : String(header)
}

/** An error and its causes, from the outside to the inside. */
function causesOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let one = error; isError(one) && chain.length < 8; one = one.cause) chain.push(one)
  return chain
}

/** By shape, because an error of another realm is not an instance of this Error. */
function isError(one: unknown): one is Error {
  return typeof one === 'object' && one !== null && 'message' in one
}
