import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { buffered, isFile, type Reply } from './reply.ts'
import type { BufferedResponse, FileBody, HttpResponse } from './response.ts'

const READ_BUFFER_BYTES = 262_144

function writeHead(output: ServerResponse, response: HttpResponse, length: number): void {
  output.writeHead(response.status, { ...response.headers, 'Content-Length': String(length) })
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
function sendSlowly(
  output: ServerResponse,
  response: BufferedResponse,
  { bytes, everyMs }: { readonly bytes: number; readonly everyMs: number }
): void {
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

/** Sends a reply over the connection of the request. The `Date` header is that of the reply. */
export function sendReply(output: ServerResponse, reply: Reply): void {
  output.sendDate = false
  switch (reply.kind) {
    case 'reset':
      output.socket?.resetAndDestroy()
      break
    case 'no-answer':
      break
    case 'truncated':
      sendTruncated(output, reply.response)
      break
    case 'slow-drip':
      sendSlowly(output, reply.response, reply)
      break
    case 'response': {
      const { response } = reply
      if (isFile(response.body)) sendFile(output, response, response.body)
      else sendBuffered(output, buffered(response))
    }
  }
}
