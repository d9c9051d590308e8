/** What the hooks of Octokit have in common. */
import type { Refusal } from './classify.ts'

/** What is added to the `request` of Octokit's parameters: `octokit.rest.actions.getWorkflowRun({ …, request })`. */
export interface RequestNotes {
  /** What is being done, as a participle, for problems; without it they name method and path. */
  readonly operation?: string | undefined
  /**
   * A read that is repeated: the ETag of the last response is sent, and a 304, which costs nothing of the rate limit,
   * gives that response again.
   */
  readonly conditional?: boolean | undefined
}

/** What Octokit's hooks get, as far as it is used here. */
export interface Parameters {
  readonly method: string
  readonly url: string
  readonly headers: object
  readonly request?: object
  /** Of GraphQL. */
  readonly query?: unknown
}

export interface Reply extends Refusal {
  readonly headers: Refusal['headers'] & { readonly etag?: string }
}

export type Send<P, R> = (parameters: P) => R | Promise<R>

/** What a caller added to a request. */
export function notesOf(parameters: Parameters): RequestNotes & { readonly signal?: AbortSignal } {
  return (parameters.request ?? {}) as RequestNotes
}

/** Whether a method of HTTP only reads. */
export function onlyReads(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Whether a success is one: Octokit returns text where a body is no JSON, without an error, and '' where there is none. */
export function isUnderstood({ status, headers, data }: Reply, method: string): boolean {
  if (typeof data === 'object') return data !== null
  if (status === 204 || status === 205 || method === 'HEAD') return true
  if (data === undefined || data === '') return !onlyReads(method)
  return typeof data !== 'string' || !/json|html/i.test(String(headers['content-type'] ?? 'json'))
}
