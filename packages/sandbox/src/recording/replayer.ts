/** `--replay`: gives the responses of a recording. */
import { createServer, type ServerResponse } from 'node:http'
import { type Serving, served } from './recorder.ts'
import type { Body, Exchange } from './recording.ts'
import { RECORDED_HOST, readRecording } from './recording.ts'

export interface ReplayerOptions {
  readonly file: string
  readonly port: number
  /** Told of requests that were not recorded. */
  onProblem(text: string): void
}

/**
 * Starts to replay. Credentials are not checked.
 * @throws Error when the file is no recording, or the port is in use
 */
export async function startReplayer({ file, port, onProblem }: ReplayerOptions): Promise<Serving> {
  const next = inOrder(readRecording(file))
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming
    incoming.resume()
    const found = next(method, url)
    if (found === undefined) onProblem(`${method} ${url} is not in the recording`)
    respond(outgoing, found ?? notRecorded(method, url), `http://${incoming.headers.host ?? '127.0.0.1'}`)
  })
  return served(server, port)
}

/**
 * Finds the exchange of a request: the first one with its method, path and query that was not given yet; then one with its
 * path, for a query may hold a name that was replaced; then the last one that it had.
 */
function inOrder(exchanges: readonly Exchange[]): (method: string, target: string) => Exchange | undefined {
  const given = new Set<Exchange>()
  return (method, target) => {
    const ofMethod = exchanges.filter(({ request }) => request.method === method)
    const same = ofMethod.filter(({ request }) => canonical(request.path) === canonical(target))
    const samePath = ofMethod.filter(({ request }) => pathOf(request.path) === pathOf(target))
    const isNew = (one: Exchange) => !given.has(one)
    const found = same.find(isNew) ?? same.at(-1) ?? samePath.find(isNew) ?? samePath.at(-1)
    if (found) given.add(found)
    return found
  }
}

function pathOf(target: string): string {
  return new URL(target, 'http://x').pathname
}

/** With the parameters in an order that says nothing. */
function canonical(target: string): string {
  const { pathname, searchParams } = new URL(target, 'http://x')
  searchParams.sort()
  return `${pathname}?${searchParams}`
}

/** No status of an instance: a client must not take it for its response. */
function notRecorded(method: string, target: string): Exchange {
  const error = { message: 'Not in the recording', detail: `${method} ${target}` }
  return {
    request: { method, path: target, headers: {} },
    response: {
      status: 501,
      headers: { 'content-type': 'application/json' },
      body: { json: { error, status: 'failure' } }
    }
  }
}

function respond(outgoing: ServerResponse, { response }: Exchange, own: string): void {
  const here = (text: string) => text.replaceAll(`https://${RECORDED_HOST}`, own)
  const body = bytesOf(response.body, here)
  const headers = Object.entries(response.headers).map(([name, value]) => [name, here(value)])
  outgoing.writeHead(response.status, Object.fromEntries(headers))
  outgoing.end(body)
}

function bytesOf(body: Body | undefined, here: (text: string) => string): Buffer | undefined {
  if (body === undefined) return undefined
  if ('bytes' in body) return Buffer.alloc(body.bytes)
  return Buffer.from(
    'json' in body ? here(JSON.stringify(body.json)) : String(new URLSearchParams(body.form))
  )
}
