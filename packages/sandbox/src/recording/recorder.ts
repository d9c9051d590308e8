/** `--record`: a proxy in front of an instance, which keeps what passes. */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { Known } from './known.ts'
import { learn } from './learn.ts'
import type { RawExchange, RawMessage } from './raw.ts'
import { createRecording, RECORDED_HOST } from './recording.ts'
import { redacted } from './redact.ts'

/** Something that serves, until it is stopped. */
export interface Serving {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  stop(): Promise<void>
}

export interface RecorderOptions {
  /** The file to create. */
  readonly file: string
  /** A name (acme), a host, or an address. */
  readonly instance: string
  readonly port: number
  /** Told what could not be passed on. */
  onProblem(text: string): void
}

/**
 * The origin of an instance.
 * @throws Error for anything but a name, a host, or an https address without a path (http on loopback)
 */
export function instanceOrigin(instance: string): string {
  const given = instance.trim()
  const host = /^[a-z0-9-]{1,63}$/i.test(given) ? `${given}.service-now.com` : given
  const text = /^https?:\/\//i.test(host) ? host : `https://${host}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(url?.hostname ?? '')
  if (
    url === undefined ||
    (url.protocol === 'http:' && !loopback) ||
    url.pathname !== '/' ||
    `${url.search}${url.username}` !== ''
  )
    throw new Error(
      '--instance takes a name (acme), a host or an https address without a path. Fix: correct it, or set SERVICENOW_INSTANCE.'
    )
  return url.origin
}

/**
 * Starts to record. Requests to `url` reach the instance with the caller's credentials.
 * @throws Error when the file exists, the instance is not valid, or the port is in use
 */
export async function startRecorder({ file, instance, port, onProblem }: RecorderOptions): Promise<Serving> {
  const origin = instanceOrigin(instance)
  const known = new Known()
  known.addHost(origin, `https://${RECORDED_HOST}`)
  known.addHost(new URL(origin).host, RECORDED_HOST)
  const passed: RawExchange[] = []
  let save: ReturnType<typeof createRecording> | undefined
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing, origin)
      .then(exchange => {
        passed.push(exchange)
        learn(known, exchange)
        // A name that is learned now is removed from what was recorded before.
        save?.(passed.map(one => redacted(known, one)))
      })
      .catch(error => {
        onProblem(
          `${incoming.method} ${incoming.url?.split('?')[0]} was not recorded: ${(error as Error).message}`
        )
        if (outgoing.headersSent) outgoing.destroy()
        else
          outgoing
            .writeHead(502, { 'content-type': 'text/plain' })
            .end('The instance could not be reached.\n')
      })
  })
  const serving = await served(server, port)
  try {
    save = createRecording(file)
  } catch (error) {
    await serving.stop()
    throw error
  }
  return serving
}

/** Listens on loopback. */
export async function served(server: Server, port: number): Promise<Serving> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    }
  }
}

/** They belong to one connection (RFC 9110, 7.6.1), or are set anew. */
const OF_CONNECTION =
  /^(?:host|connection|keep-alive|proxy-.+|te|trailer|transfer-encoding|upgrade|accept-encoding|content-length)$/

async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origin: string
): Promise<RawExchange> {
  const { method = 'GET', url = '/' } = incoming
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(incoming.headers.host ?? ''))
    throw new Error('it was addressed to another host name')
  const own = `http://${incoming.headers.host}`
  const body = await buffer(incoming)
  const request = { method, path: url, headers: flat(incoming.headers), body }
  const { status, message, headers } = await received(request, origin)
  const response = { status, headers, body: message }
  const text = /json|html|text/.test(headers['content-type'] ?? '')
  // Links lead back here, so that what follows them is recorded, too.
  const shown = text ? Buffer.from(message.toString('utf8').replaceAll(origin, own)) : message
  const kept = Object.entries(headers).filter(
    ([name]) => !OF_CONNECTION.test(name) && name !== 'content-encoding'
  )
  outgoing.writeHead(status, {
    ...Object.fromEntries(kept.map(([name, value]) => [name, value.replaceAll(origin, own)])),
    ...(status !== 204 && status !== 304 && { 'content-length': String(shown.length) })
  })
  outgoing.end(method === 'HEAD' ? undefined : shown)
  return { request, response }
}

async function received(
  { method, path, headers, body }: RawMessage & { readonly method: string; readonly path: string },
  origin: string
): Promise<{ status: number; message: Buffer; headers: Record<string, string> }> {
  const send = origin.startsWith('https:') ? httpsRequest : httpRequest
  const passedOn = Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_CONNECTION.test(name)))
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = {
      method,
      headers: { ...passedOn, 'accept-encoding': 'identity', 'content-length': String(body.length) }
    }
    send(new URL(path, origin), options, resolve).on('error', reject).end(body)
  })
  const bytes = await buffer(answer)
  const message = answer.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
  return { status: answer.statusCode ?? 502, message, headers: flat(answer.headers) }
}

function flat(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]]
    )
  )
}
