/** What a problem is about, where that is one thing of GitHub's: a run, a deployment, a deployment's rule. */
export interface GitHubSubject {
  /** In GitHub's words: `workflow run`, `deployment`. */
  readonly kind: string
  /** As GitHub's API has it. */
  readonly id: string
  /** Its page, where there is one. */
  readonly url?: string | undefined
}

/** Facts of every problem. Texts among them may come from outside and are raw. */
export interface GitHubFacts {
  /** What was being done, as a participle: `reading the workflow run 7`. */
  readonly operation: string
  /** HTTP status; undefined where there was no response. */
  readonly status?: number | undefined
  /** The words of GitHub, or of the system. */
  readonly message?: string | undefined
  /** `x-github-request-id`: GitHub's support asks for it. */
  readonly requestId?: string | undefined
}

/** A request that the token may not make. GitHub responds with 404 too where a token may not even know of a thing. */
export interface PermissionFacts extends GitHubFacts {
  /** `x-accepted-github-permissions`, as sent: `actions=read`, alternatives separated by `; `. */
  readonly accepted?: string | undefined
  /** `x-github-sso`: the organisation asks for single sign-on, and the token was not authorised for it. */
  readonly sso?: string | undefined
}

/** A request that was refused for a time. */
export interface LimitFacts extends GitHubFacts {
  /** `primary`: requests an hour. `secondary`: too many at once, or too fast. */
  readonly limit: 'primary' | 'secondary'
}

/** The facts of each problem, by code. */
export interface GitHubProblems {
  credentials: GitHubFacts
  'no-permission': PermissionFacts
  'not-found': PermissionFacts
  'rate-limit': LimitFacts
  /** GitHub understood the request and refuses it: a conflict, a value that is not allowed. */
  rejected: GitHubFacts
  server: GitHubFacts
  /** A response, but not one of GitHub's API: the page of a proxy, text that is no JSON. */
  'not-github': GitHubFacts
  /** Points to another host, which must not get the token, or nowhere. */
  redirect: GitHubFacts
  /** No response: name resolution, connection, TLS, proxy. */
  network: GitHubFacts
  timeout: GitHubFacts & { readonly timeoutMs: number }
}

export type GitHubCode = keyof GitHubProblems

/** Whether another attempt is worthwhile. */
export interface GitHubRetry {
  /** The error is temporary: it may be gone the next time. */
  readonly temporary: boolean
  /** Milliseconds to wait before the next request, as GitHub asks for it. */
  readonly afterMs?: number | undefined
}

export interface GitHubProblemDetails<C extends GitHubCode = GitHubCode> {
  readonly code: C
  readonly facts: GitHubProblems[C]
  readonly subject?: GitHubSubject | undefined
  readonly retry?: GitHubRetry | undefined
  /** Whether something may have been written. */
  readonly committed?: 'no' | 'maybe' | undefined
  readonly cause?: unknown
}

/**
 * What GitHub, or the way to it, did not do, as a code and facts: the shape of the problems of the ServiceNow client,
 * so that a front can make texts of both. There is no text for people in it. `message` is for stacks and debug logs.
 */
export class GitHubProblem<C extends GitHubCode = GitHubCode> extends Error {
  override readonly name = 'GitHubProblem'
  readonly code: C
  readonly facts: GitHubProblems[C]
  readonly subject: GitHubSubject | undefined
  readonly retry: GitHubRetry
  readonly committed: 'no' | 'maybe'

  constructor(details: GitHubProblemDetails<C>) {
    const { code, facts, subject, retry = { temporary: false }, committed = 'no', cause } = details
    super(`${code} ${JSON.stringify(facts)}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
    this.subject = subject
    this.retry = retry
    this.committed = committed
  }
}

/** Whether something thrown is a problem of GitHub's, and of one of the codes where some are named. */
export function isGitHubProblem<C extends GitHubCode = GitHubCode>(
  error: unknown,
  ...codes: C[]
): error is GitHubProblem<C> {
  if (!(error instanceof GitHubProblem)) return false
  return codes.length === 0 || (codes as string[]).includes(error.code)
}
