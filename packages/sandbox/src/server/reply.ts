import { toJson } from './json.ts'

/** An answer before it goes on the wire. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | FileBody
}

/** A body that is streamed from disk. */
export interface FileBody {
  readonly path: string
  readonly size: number
}

/** An answer with its body in memory. */
export type WholeReply = Reply & { readonly body: Buffer }

const NOTHING = Buffer.alloc(0)

export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {}
): WholeReply {
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=UTF-8', ...headers },
    body: Buffer.from(toJson(value))
  }
}

export function htmlReply(
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {}
): WholeReply {
  return {
    status,
    headers: { 'Content-Type': 'text/html;charset=UTF-8', ...headers },
    body: Buffer.from(html)
  }
}

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): WholeReply {
  return { status, headers, body: NOTHING }
}

export function errorReply(
  status: number,
  message: string,
  detail: string | null = null,
  headers: Readonly<Record<string, string>> = {}
): WholeReply {
  return jsonReply(status, { error: { message, detail }, status: 'failure' }, headers)
}

/** Ends the handling of a request with this answer. */
export class HttpError extends Error {
  readonly reply: WholeReply

  constructor(
    status: number,
    message: string,
    detail: string | null = null,
    headers: Record<string, string> = {}
  ) {
    super(message)
    this.name = 'HttpError'
    this.reply = errorReply(status, message, detail, headers)
  }
}

/** A path that no API of the instance answers; also what a missing plugin looks like. */
export function noSuchResource(): HttpError {
  return new HttpError(400, 'Requested URI does not represent any resource')
}

export function notFound(): HttpError {
  return new HttpError(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval")
}
