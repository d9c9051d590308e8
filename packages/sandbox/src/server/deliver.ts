import { createReadStream, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { malformed, partial, replacement } from '../faults/answers.ts'
import type { FaultEffect } from '../faults/spec.ts'
import type { FileBody, Reply, WholeReply } from './reply.ts'

const READ_BUFFER_BYTES = 262_144

function head(response: ServerResponse, reply: Reply, length: number): void {
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': String(length) })
}

function isFile(body: Reply['body']): body is FileBody {
  return !Buffer.isBuffer(body)
}

/** What a fault takes apart has to be in memory. */
function whole(reply: Reply): WholeReply {
  const { body } = reply
  return { ...reply, body: isFile(body) ? readFileSync(body.path) : body }
}

function stream(response: ServerResponse, reply: Reply, { path, size }: FileBody): void {
  head(response, reply, size)
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  // A caller that goes away in the middle ends the transfer; there is nobody to tell.
  pipeline(createReadStream(path, { highWaterMark: READ_BUFFER_BYTES }), response, () => {})
}

function send(response: ServerResponse, reply: WholeReply): void {
  const bodiless = reply.status === 204
  if (bodiless) response.writeHead(reply.status, { ...reply.headers })
  else head(response, reply, reply.body.length)
  response.end(bodiless || response.req.method === 'HEAD' ? undefined : reply.body)
}

/** Half of what was promised, then the end of the connection. */
function cut(response: ServerResponse, reply: WholeReply): void {
  head(response, reply, reply.body.length)
  response.write(reply.body.subarray(0, Math.floor(reply.body.length / 2)), () => response.socket?.end())
}

function drip(response: ServerResponse, reply: WholeReply, bytes = 1, everyMs = 50): void {
  head(response, reply, reply.body.length)
  let sent = 0
  const timer = setInterval(() => {
    response.write(reply.body.subarray(sent, sent + bytes))
    sent += bytes
    if (sent < reply.body.length) return
    clearInterval(timer)
    response.end()
  }, everyMs)
  timer.unref()
  response.once('close', () => clearInterval(timer))
}

/** Whether the request is carried out although its answer is replaced or lost. */
export function isProcessed(effect: FaultEffect | undefined, now: number): boolean {
  if (!effect) return true
  const replaces =
    effect.kind === 'reset' || effect.kind === 'no-answer' || replacement(effect, now) !== undefined
  return !replaces || ('committed' in effect && effect.committed === true)
}

/**
 * Puts an answer on the wire, with what the fault does to it.
 * @param reply absent when the request was not carried out
 * @returns the status the caller gets to see; 0 for none
 */
export function deliver(
  response: ServerResponse,
  reply: Reply | undefined,
  effect: FaultEffect | undefined,
  now: number
): number {
  const final = (effect && replacement(effect, now)) ?? reply
  if (effect?.kind === 'reset') {
    response.socket?.resetAndDestroy()
    return 0
  }
  if (effect?.kind === 'no-answer' || !final) return 0
  if (effect?.kind === 'truncated') cut(response, whole(final))
  else if (effect?.kind === 'slow-drip') drip(response, whole(final), effect.bytes, effect.everyMs)
  else if (effect?.kind === 'malformed-json') send(response, malformed(whole(final)))
  else if (effect?.kind === 'partial-result') send(response, partial(whole(final)))
  else if (isFile(final.body)) stream(response, final, final.body)
  else send(response, whole(final))
  return final.status
}
