import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { malformedJson, partialResult, replacementResponse } from '../faults/responses.ts'
import type { FaultEffect } from '../faults/spec.ts'
import type { BufferedResponse, FileBody, HttpResponse } from './response.ts'

/** What the caller of a request gets: a response, a part of one, or none. */
export type Reply =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  /** The connection ends after half of the body. */
  | { readonly kind: 'truncated'; readonly response: BufferedResponse }
  /** The body arrives in pieces of `bytes`, one every `everyMs`. */
  | {
      readonly kind: 'slow-drip'
      readonly response: BufferedResponse
      readonly bytes: number
      readonly everyMs: number
    }
  /** The connection is reset. */
  | { readonly kind: 'reset' }
  /** Nothing is sent, and the connection stays open. */
  | { readonly kind: 'no-answer' }

/** Whether a body is streamed from a file. */
export function isFile(body: HttpResponse['body']): body is FileBody {
  return !Buffer.isBuffer(body)
}

/** The response with its body in memory. */
export function buffered(response: HttpResponse): BufferedResponse {
  const { body } = response
  return { ...response, body: isFile(body) ? readFileSync(body.path) : body }
}

/**
 * Whether the request is processed although a fault applies to it.
 * @param now epoch milliseconds of the instance's clock
 */
export function isProcessed(effect: FaultEffect | undefined, now: number): boolean {
  if (!effect) return true
  const replaces =
    effect.kind === 'reset' || effect.kind === 'no-answer' || replacementResponse(effect, now) !== undefined
  return !replaces || ('committed' in effect && effect.committed === true)
}

/**
 * The reply to a request, changed or replaced by the fault.
 * @param response absent when the request was not processed
 * @param now epoch milliseconds of the instance's clock
 */
export function replyTo(
  response: HttpResponse | undefined,
  effect: FaultEffect | undefined,
  now: number
): Reply {
  if (effect?.kind === 'reset') return { kind: 'reset' }
  const final = (effect && replacementResponse(effect, now)) ?? response
  if (effect?.kind === 'no-answer' || !final) return { kind: 'no-answer' }
  switch (effect?.kind) {
    case 'truncated':
      return { kind: 'truncated', response: buffered(final) }
    case 'slow-drip':
      return {
        kind: 'slow-drip',
        response: buffered(final),
        bytes: effect.bytes ?? 1,
        everyMs: effect.everyMs ?? 50
      }
    case 'malformed-json':
      return { kind: 'response', response: malformedJson(buffered(final)) }
    case 'partial-result':
      return { kind: 'response', response: partialResult(buffered(final)) }
    default:
      return { kind: 'response', response: final }
  }
}

/** The HTTP status that the caller receives; 0 when no response is sent. */
export function statusOf(reply: Reply): number {
  return 'response' in reply ? reply.response.status : 0
}

/** A whole response is compressed where its caller accepts gzip. Files of attachments are not. */
export function encoded(reply: Reply, acceptEncoding: string): Reply {
  if (reply.kind !== 'response' || !/\bgzip\b/i.test(acceptEncoding)) return reply
  const { body, headers } = reply.response
  if (isFile(body) || body.length === 0) return reply
  const response = {
    ...reply.response,
    headers: { ...headers, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' },
    body: gzipSync(body)
  }
  return { kind: 'response', response }
}

/** The reply with the `Date` header of the instance's clock. */
export function dated(reply: Reply, now: number): Reply {
  if (!('response' in reply)) return reply
  const headers = { Date: new Date(now).toUTCString(), ...reply.response.headers }
  return { ...reply, response: { ...reply.response, headers } } as Reply
}
