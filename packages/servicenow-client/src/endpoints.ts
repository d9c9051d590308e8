/** Resources beside the APIs for changes: those of an application, a flow's trigger, events and import sets. */
import type { Pipeline } from './http/pipeline.ts'

/** A request to a resource. */
export interface EndpointRequest {
  /** What is being done, as a participle: `sending the event`. */
  readonly operation: string
  /** As `parseEndpoint` makes it, and what follows below it. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** JSON, sent byte for byte as it stands here. Absent: the resource is read. */
  readonly body?: string | undefined
  /** It may be sent twice without harm: after a response that was lost it is sent again. */
  readonly idempotent?: boolean
  readonly maxRetries?: number | undefined
}

export interface EndpointResponse {
  /** 2xx. */
  readonly status: number
  /** The parsed JSON; undefined where there is no body. */
  readonly body: unknown
}

/** Sends a request to a resource of any application. @throws Problem for everything but a plain success */
export function callEndpoint(
  pipeline: Pipeline,
  { operation, path, query, headers, body, idempotent = false, maxRetries }: EndpointRequest
): Promise<EndpointResponse> {
  return pipeline.request({
    operation,
    method: body === undefined ? 'GET' : 'POST',
    path,
    query,
    headers,
    text: body,
    idempotent,
    maxRetries,
    read: (parsed, _, status) => ({ status, body: parsed })
  })
}

/**
 * The path of a resource, of what people write for it: `/api/x_acme/v1`, `api/x_acme/v1/`.
 *
 * @returns `/api/x_acme/v1`
 * @throws Error whose message says what is wrong with the value
 */
export function parseEndpoint(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || text.startsWith('//'))
    throw new Error('must be a path below the instance, such as /api/x_acme/v1, not an address')
  const path = `/${text.replace(/^\/|\/$/g, '')}`
  if (!/^[A-Za-z0-9._~/-]*$/.test(path))
    throw new Error('must be a path of letters, digits, `.`, `_`, `~`, `-` and `/`, such as /api/x_acme/v1')
  const parts = path.slice(1).split('/')
  if (parts.some(part => /^\.{0,2}$/.test(part)))
    throw new Error('must not have an empty part, `.` or `..` in it')
  if (parts[0] !== 'api' || parts.length < 3) throw new Error('must begin with /api/, such as /api/x_acme/v1')
  return path
}
