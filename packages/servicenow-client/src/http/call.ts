import type { Request, Response } from './message.ts'
import type { StreamBody } from './transport.ts'

/** A request as the client's methods make it, and how its response is read. */
export interface Call<T> {
  /** What is being done, as a participle: `creating the change request`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly json?: Readonly<Record<string, string | number | boolean>> | undefined
  /** JSON that is sent byte for byte, where it is signed. */
  readonly text?: string | undefined
  /** Beside those that every request has. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly stream?: StreamBody | undefined
  readonly contentType?: string
  /** Makes the result from the parsed response. @throws Problem when it does not have the documented shape */
  read(body: unknown, headers: Response['headers'], status: number): T
  /** Finds the result of a write that may have been carried out; undefined when it was not. A GET needs no check. */
  readonly check?: (() => Promise<T | undefined>) | undefined
  /** A write that may be sent twice without harm. */
  readonly idempotent?: boolean
  readonly maxRetries?: number | undefined
}

/** The call as the pipeline sends it. @param maxRetries where the call itself does not say */
export function requestOf<T>(call: Call<T>, maxRetries: number): Request {
  const { operation, method, path, query, json, stream, check, idempotent } = call
  const text = call.text ?? (json === undefined ? undefined : JSON.stringify(json))
  const type = call.contentType ?? (text === undefined ? undefined : 'application/json')
  return {
    operation,
    method,
    path,
    query,
    headers: {
      Accept: 'application/json',
      ...(type === undefined ? {} : { 'Content-Type': type }),
      ...call.headers
    },
    body: stream ?? text,
    check,
    repeatable: method === 'GET' || idempotent === true,
    maxRetries: call.maxRetries ?? maxRetries,
    attempt: 1
  }
}
