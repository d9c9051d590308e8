import { type Next, parsed } from './message.ts'
import type { Transport } from './transport.ts'

interface Options {
  /** Origin of the instance. */
  readonly instance: string
  readonly userAgent: string
  readonly requestTimeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** The end of the pipeline: one request through the transport, and its response. */
export function sender(transport: Transport, options: Options): Next {
  const { instance, userAgent, requestTimeoutMs, signal } = options
  return async ({ method, path, query, headers, body }) =>
    parsed(
      await transport.send({
        method,
        url: `${instance}${path}${searchOf(query)}`,
        headers: { ...headers, 'User-Agent': userAgent },
        body,
        timeoutMs: requestTimeoutMs,
        signal
      })
    )
}

function searchOf(query: Readonly<Record<string, string>> | undefined): string {
  return query === undefined ? '' : `?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`
}
