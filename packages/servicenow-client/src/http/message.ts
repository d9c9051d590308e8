import type { StreamBody, WireResponse } from './transport.ts'

/** A request on its way through the pipeline. */
export interface Request {
  /** What is being done, as a participle: `creating the change request`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | StreamBody | undefined
  /** Finds the result of a write that may have been carried out; undefined when it was not. */
  readonly check?: (() => Promise<unknown>) | undefined
  /** It may be sent twice without harm. */
  readonly repeatable: boolean
  readonly maxRetries: number
  /** The first attempt is 1. */
  readonly attempt: number
  /** Sent once more with a new sign-in. */
  readonly resigned?: true | undefined
  /** Shown the response before it is judged. */
  readonly inspect?: ((response: Response) => void) | undefined
}

/** A response, its body parsed. */
export interface Response {
  readonly status: number
  readonly headers: WireResponse['headers']
  /** The parsed JSON; undefined without a body, and where it is not JSON. */
  readonly body: unknown
  /** The body as it came. */
  readonly text: string
}

/** What a policy hands a request on to. */
export type Next<R = Response> = (request: Request) => Promise<R>

/**
 * One step of the pipeline. It does its part before and after `next`, or does not call it at all. Policies outside of
 * the one that reads a response work with any result R.
 */
export type Policy<R = Response> = (request: Request, next: Next<R>) => Promise<R>

/** The policies as one function, the first one outermost. */
export function chain<R>(policies: readonly Policy<R>[], last: Next<R>): Next<R> {
  return policies.reduceRight<Next<R>>((next, policy) => request => policy(request, next), last)
}

/** Whether the headers say that the body is JSON. */
export function isJson(headers: WireResponse['headers']): boolean {
  return /\bjson\b/i.test(String(headers['content-type'] ?? ''))
}

/** Parses the body: the one place where that is done. JSON that is cut short has no parsed body. */
export function parsed({ status, headers, text }: WireResponse): Response {
  return { status, headers, text, body: isJson(headers) ? parse(text) : undefined }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
