import { GitHubProblem } from './problem.ts'

/** One exchange with GitHub, for logs and metrics. There is no secret in it. */
export interface RequestEvent {
  readonly kind: 'request'
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Undefined when there was no response. */
  readonly status: number | undefined
  readonly ms: number
  /** `x-github-request-id`. */
  readonly requestId: string | undefined
  /** `x-ratelimit-remaining`. */
  readonly remaining: number | undefined
}

export interface GuardedFetchOptions {
  /** Only this origin gets a request, and with it the token. */
  readonly apiUrl: string
  readonly fetch: typeof fetch
  /** For a whole request: connection, redirects and body. */
  readonly timeoutMs: number
  now(): number
  /** Waits; ends early when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  listen(event: RequestEvent): void
}

const MAX_REDIRECTS = 3
/** In bytes, decompressed. A page of a hundred runs has about one megabyte. */
const MAX_RESPONSE = 16 * 1024 * 1024
const REDIRECTS = new Set([301, 302, 307, 308])

/**
 * A `fetch` for Octokit that also limits the time and the size of the body, fails when the body is cut, and sends nothing to another
 * origin than that of the API. Octokit takes a body that was cut for an empty one. A read is redirected within the
 * origin, as GitHub does for a repository that was renamed; any other redirect is returned as it is.
 *
 * @throws GitHubProblem `timeout`, `not-github` for a body that is too long, or `redirect` for another origin, without an operation; else what `fetch` throws
 */
export function guardedFetch(options: GuardedFetchOptions): typeof fetch {
  const { origin } = new URL(options.apiUrl)
  return async (input, init = {}) => {
    const url = new URL(String(input))
    if (url.origin !== origin) throw new GitHubProblem({ code: 'redirect', facts: noted(`to ${url.origin}`) })
    const begin = options.now()
    let response: Response | undefined
    try {
      response = await withDeadline(options, init, all => exchange(options.fetch, url, all))
      return response
    } finally {
      options.listen(eventOf(init.method ?? 'GET', url, response, options.now() - begin))
    }
  }
}

/** What the caller does not know here: it adds the operation. */
function noted(message: string): { operation: string; message: string } {
  return { operation: '', message }
}

async function withDeadline<T>(
  { timeoutMs, sleep }: GuardedFetchOptions,
  init: RequestInit,
  work: (init: RequestInit) => Promise<T>
): Promise<T> {
  const expired = new AbortController()
  const settled = new AbortController()
  const signal = init.signal ? AbortSignal.any([init.signal, expired.signal]) : expired.signal
  const timeout = sleep(timeoutMs, settled.signal).then((): never => {
    const facts = { ...noted(`no response within ${timeoutMs} ms`), timeoutMs }
    throw new GitHubProblem({ code: 'timeout', facts, retry: { temporary: true }, committed: 'maybe' })
  })
  try {
    // A race, because a body that stalls does not always notice its signal.
    return await Promise.race([work({ ...init, signal }), timeout])
  } finally {
    settled.abort()
    expired.abort()
  }
}

async function exchange(send: typeof fetch, first: URL, init: RequestInit): Promise<Response> {
  const reads = init.method === undefined || init.method === 'GET' || init.method === 'HEAD'
  let url = first
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(url.href, { ...init, redirect: 'manual' })
    const next = reads && redirects < MAX_REDIRECTS ? redirectWithin(url, response) : undefined
    if (next === undefined) return await whole(response, url)
    await response.body?.cancel()
    url = next
  }
}

function redirectWithin(url: URL, response: Response): URL | undefined {
  const location = response.headers.get('location')
  if (!REDIRECTS.has(response.status) || location === null) return undefined
  if (!URL.canParse(location, url.href)) return undefined
  const next = new URL(location, url)
  return next.origin === url.origin ? next : undefined
}

/** What Octokit reads of a response, with all of its body, which fails here when it is cut. */
async function whole(response: Response, { href }: URL): Promise<Response> {
  const { status, statusText, headers } = response
  const body = await bounded(response)
  const arrayBuffer = async () => new Uint8Array(body).buffer
  const text = async () => new TextDecoder().decode(body)
  const read: Partial<Response> = { url: href, status, statusText, headers, arrayBuffer, text }
  return read as Response
}

async function bounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_RESPONSE) {
      const facts = noted(`a response longer than ${MAX_RESPONSE / 1024 / 1024} MiB`)
      throw new GitHubProblem({ code: 'not-github', facts, committed: 'maybe' })
    }
  }
  return Buffer.concat(chunks)
}

function eventOf(
  method: string,
  { pathname }: URL,
  response: Response | undefined,
  ms: number
): RequestEvent {
  const remaining = response?.headers.get('x-ratelimit-remaining') ?? undefined
  return {
    kind: 'request',
    method,
    path: pathname,
    status: response?.status,
    ms,
    requestId: response?.headers.get('x-github-request-id') ?? undefined,
    remaining: remaining === undefined ? undefined : Number(remaining)
  }
}
