import { createReadStream, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { malformedJson, partialResult, replacementResponse } from '../faults/responses.ts'
import type { FaultEffect } from '../faults/spec.ts'
import type { BufferedResponse, FileBody, HttpResponse } from './response.ts'

const READ_BUFFER_BYTES = 262_144

function writeHead(output: ServerResponse, response: HttpResponse, length: number): void {
  output.writeHead(response.status, { ...response.headers, 'Content-Length': String(length) })
}

function isFile(body: HttpResponse['body']): body is FileBody {
  return !Buffer.isBuffer(body)
}

/** Reads a file body into memory: faults change the bytes of a body. */
function buffered(response: HttpResponse): BufferedResponse {
  const { body } = response
  return { ...response, body: isFile(body) ? readFileSync(body.path) : body }
}

function sendFile(output: ServerResponse, response: HttpResponse, { path, size }: FileBody): void {
  writeHead(output, response, size)
  if (output.req.method === 'HEAD') {
    output.end()
    return
  }
  // A caller that disconnects ends the transfer. That is not an error of the sandbox.
  pipeline(createReadStream(path, { highWaterMark: READ_BUFFER_BYTES }), output, () => {})
}

function sendBuffered(output: ServerResponse, response: BufferedResponse): void {
  const withoutBody = response.status === 204
  if (withoutBody) output.writeHead(response.status, { ...response.headers })
  else writeHead(output, response, response.body.length)
  output.end(withoutBody || output.req.method === 'HEAD' ? undefined : response.body)
}

/** Sends half of the announced bytes, then ends the connection. */
function sendTruncated(output: ServerResponse, response: BufferedResponse): void {
  writeHead(output, response, response.body.length)
  const half = response.body.subarray(0, Math.floor(response.body.length / 2))
  output.write(half, () => output.socket?.end())
}

/** Sends `bytes` bytes every `everyMs` milliseconds. */
function sendSlowly(output: ServerResponse, response: BufferedResponse, bytes = 1, everyMs = 50): void {
  writeHead(output, response, response.body.length)
  let sent = 0
  const timer = setInterval(() => {
    output.write(response.body.subarray(sent, sent + bytes))
    sent += bytes
    if (sent < response.body.length) return
    clearInterval(timer)
    output.end()
  }, everyMs)
  timer.unref()
  output.once('close', () => clearInterval(timer))
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
 * Sends a response, changed or replaced by the fault.
 * @param response absent when the request was not processed
 * @param now epoch milliseconds of the instance's clock
 * @returns the HTTP status that the caller receives; 0 when no response is sent
 */
export function sendResponse(
  output: ServerResponse,
  response: HttpResponse | undefined,
  effect: FaultEffect | undefined,
  now: number
): number {
  const final = (effect && replacementResponse(effect, now)) ?? response
  if (effect?.kind === 'reset') {
    output.socket?.resetAndDestroy()
    return 0
  }
  if (effect?.kind === 'no-answer' || !final) return 0
  if (effect?.kind === 'truncated') sendTruncated(output, buffered(final))
  else if (effect?.kind === 'slow-drip') sendSlowly(output, buffered(final), effect.bytes, effect.everyMs)
  else if (effect?.kind === 'malformed-json') sendBuffered(output, malformedJson(buffered(final)))
  else if (effect?.kind === 'partial-result') sendBuffered(output, partialResult(buffered(final)))
  else if (isFile(final.body)) sendFile(output, final, final.body)
  else sendBuffered(output, buffered(final))
  return final.status
}
