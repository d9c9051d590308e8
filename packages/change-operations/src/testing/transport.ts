import type { InProcessSandbox, Reply } from '@change-actions/sandbox'
import {
  AttemptTimeout,
  CutShort,
  type Transport,
  type WireRequest,
  type WireResponse
} from '@change-actions/servicenow-client'

/** A transport to an instance in the process of the test. It never waits: no time passes while a request is sent. */
export interface SandboxTransport extends Transport {
  /** The next requests do not reach the instance: each meets one of these errors. */
  cut(...errors: Error[]): void
  /** Every response from now on is replaced by what this makes of it: something on the way changes it. */
  edit(how: (response: WireResponse, request: WireRequest) => WireResponse): void
}

/** Faults of the instance become the errors that a connection would raise. */
export function transportTo(sandbox: InProcessSandbox): SandboxTransport {
  const errors: Error[] = []
  let edited = (response: WireResponse, _: WireRequest): WireResponse => response
  return {
    cut: (...more) => void errors.push(...more),
    edit: how => {
      edited = how
    },
    close: async () => undefined,
    send: async request => {
      const error = errors.shift()
      if (error !== undefined) throw error
      const { method, url, headers } = request
      const body = await bodyOf(request)
      const reply = await sandbox.send({ method, url, headers, body })
      return edited(received(reply, request.timeoutMs), request)
    }
  }
}

async function bodyOf({ body }: WireRequest): Promise<string | Buffer> {
  if (typeof body !== 'object') return body ?? ''
  const chunks: Buffer[] = []
  const stream = body.open()
  // As a connection reads it: other readers of the stream see each chunk when it is sent.
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject))
  return Buffer.concat(chunks)
}

/** @throws AttemptTimeout, CutShort, or a network error, where the instance sent no whole response in time */
function received(reply: Reply, timeoutMs: number): WireResponse {
  switch (reply.kind) {
    case 'reset':
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    case 'no-answer':
      throw new AttemptTimeout('no response in time')
    case 'truncated':
      throw new CutShort('the connection was cut while the response was read')
    case 'slow-drip': {
      const pieces = Math.ceil(reply.response.body.length / reply.bytes)
      if (pieces * reply.everyMs > timeoutMs) throw new AttemptTimeout('no response in time')
    }
  }
  const { status, headers, body } = reply.response
  if (!Buffer.isBuffer(body)) throw new Error('the client downloads no files')
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return { status, headers: Object.fromEntries(lowerCase), text: body.toString('utf8') }
}
