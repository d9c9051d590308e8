import type { ApiResponse } from './call.ts'

/** What is sent. */
export interface Outgoing {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export function bodyText({ raw, body }: ApiResponse): string {
  return raw?.text ?? (body === undefined ? '' : JSON.stringify(body))
}

/** @param more headers that the response itself may replace */
export function outgoing(response: ApiResponse, more: Readonly<Record<string, string>> = {}): Outgoing {
  const text = bodyText(response)
  const type: Record<string, string> =
    text === '' ? {} : { 'content-type': response.raw?.type ?? 'application/json; charset=utf-8' }
  return { status: response.status, headers: { ...more, ...type, ...response.headers }, text }
}
