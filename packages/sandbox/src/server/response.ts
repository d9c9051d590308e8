import { toJson } from './json.ts'

/** An HTTP response before it is sent. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | FileBody
}

/** A body that is streamed from a file. */
export interface FileBody {
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/** A response whose body is in memory. */
export type BufferedResponse = HttpResponse & { readonly body: Buffer }

const EMPTY_BODY = Buffer.alloc(0)

/** @param value written as JSON, {@link Decimal} values with a decimal point */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {}
): BufferedResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json;charset=UTF-8', ...headers },
    body: Buffer.from(toJson(value))
  }
}

/** @param html a whole page */
export function htmlResponse(
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {}
): BufferedResponse {
  return {
    status,
    headers: { 'Content-Type': 'text/html;charset=UTF-8', ...headers },
    body: Buffer.from(html)
  }
}

/** A response without a body. */
export function emptyResponse(
  status: number,
  headers: Readonly<Record<string, string>> = {}
): BufferedResponse {
  return { status, headers, body: EMPTY_BODY }
}

/** An error in ServiceNow's JSON format: `{ error: { message, detail }, status: 'failure' }`. */
export function errorResponse(
  status: number,
  message: string,
  detail: string | null = null,
  headers: Readonly<Record<string, string>> = {}
): BufferedResponse {
  return jsonResponse(status, { error: { message, detail }, status: 'failure' }, headers)
}

/** Ends the processing of a request with an error response. */
export class HttpError extends Error {
  readonly response: BufferedResponse

  constructor(
    status: number,
    message: string,
    detail: string | null = null,
    headers: Record<string, string> = {}
  ) {
    super(message)
    this.name = 'HttpError'
    this.response = errorResponse(status, message, detail, headers)
  }
}

/** 400 for a path of no API, and for the paths of a plugin that is not installed. */
export function noSuchResource(): HttpError {
  return new HttpError(400, 'Requested URI does not represent any resource')
}

/** 404 as the Table API and the Attachment API send it. */
export function recordNotFound(): HttpError {
  return new HttpError(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval")
}
