import type { Destination } from './settings.ts'

/** Sends one request once, following no redirect. @throws the network error, or one for a time-out */
export type Post = (
  destination: Destination,
  headers: Readonly<Record<string, string>>,
  body: string
) => Promise<{ readonly status: number; readonly text: string }>

/** What became of a request: undefined when all of it was taken. */
export type Delivery = string | undefined

/** Sends a body to its destination. Never throws: telemetry that is lost changes nothing. */
export async function send(post: Post, destination: Destination, body: string): Promise<Delivery> {
  const place = new URL(destination.url).origin
  try {
    const headers = { ...destination.headers, 'content-type': 'application/json' }
    const { status, text } = await post(destination, headers, body)
    if (status < 200 || status > 299) return `${place} responded with ${status}`
    const refused = partialSuccess(text)
    return refused === undefined ? undefined : `${place} took a part only: ${refused}`
  } catch (error) {
    return `${place}: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** OTLP/HTTP, "Partial Success": what the receiver says of a part that it did not take. */
function partialSuccess(text: string): string | undefined {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    return undefined
  }
  const { partialSuccess: part } = (said ?? {}) as { partialSuccess?: Record<string, unknown> }
  const count = Number(part?.rejectedSpans ?? part?.rejectedDataPoints ?? 0)
  const message = typeof part?.errorMessage === 'string' ? part.errorMessage : ''
  if (count === 0 && message === '') return undefined
  return `${count} refused${message === '' ? '' : `, ${message}`}`
}
