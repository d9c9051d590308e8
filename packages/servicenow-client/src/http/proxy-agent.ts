import { type ClientRequest, request as plainRequest } from 'node:http'
import { Agent, type AgentOptions, request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** The proxy opened no tunnel to the instance. */
export class NoTunnel extends Error {
  override readonly name = 'NoTunnel'
  /** A proxy that is busy or down may be back later; one that refuses will refuse again. */
  readonly temporary: boolean

  constructor(message: string, temporary: boolean, options?: ErrorOptions) {
    super(message, options)
    this.temporary = temporary
  }
}

type Connection = Parameters<NonNullable<Agent['createConnection']>>[0]
type Connected = (error: Error | null, socket: Duplex) => void

/**
 * Connections to the instance through CONNECT tunnels of a proxy, kept alive like direct ones. The proxy sees a host
 * name and encrypted data, never the headers of a request.
 */
export class ProxyAgent extends Agent {
  private readonly proxy: URL
  private readonly ca: AgentOptions['ca']
  private readonly timeoutMs: number
  private readonly pending = new Set<ClientRequest>()

  /**
   * @param proxy its address, with credentials where it requires them
   * @param timeoutMs how long a tunnel may take; longer than the request that needs it
   * @param options of the connections; `maxSockets` counts tunnels once they are open
   */
  constructor(proxy: URL, timeoutMs: number, options: AgentOptions) {
    super(options)
    this.proxy = proxy
    this.timeoutMs = timeoutMs
    this.ca = options.ca
  }

  /** Returns no socket, only calls `done`: a tunnel needs a request of its own first. */
  override createConnection(options: Connection, done?: Connected): undefined {
    const fail = (error: Error) => done?.(error, undefined as unknown as Duplex)
    this.openTunnel(`${bracketed(options.host ?? '')}:${options.port}`, fail, socket => {
      done?.(null, super.createConnection({ ...options, socket } as Connection) as Duplex)
    })
    return undefined
  }

  override destroy(): void {
    // A proxy that never responds would keep the process alive.
    for (const request of this.pending) request.destroy()
    super.destroy()
  }

  private openTunnel(target: string, fail: (error: Error) => void, opened: (socket: Socket) => void): void {
    const { proxy } = this
    const secure = proxy.protocol === 'https:'
    const request = (secure ? secureRequest : plainRequest)({
      method: 'CONNECT',
      host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: proxy.port === '' ? (secure ? 443 : 80) : Number(proxy.port),
      path: target,
      headers: { Host: target, ...credentialsOf(proxy) },
      agent: false,
      ...(secure && this.ca !== undefined && { ca: this.ca })
    })
    this.pending.add(request)
    const settle = () => void this.pending.delete(request)
    const late = Object.assign(new Error('no response in time'), { code: 'ETIMEDOUT' })
    request.setTimeout(this.timeoutMs, () => request.destroy(late))
    // Every response to CONNECT comes here, whatever its status.
    request.once('connect', (response, socket: Socket) => {
      settle()
      socket.setTimeout(0)
      if (response.statusCode === 200) return opened(socket)
      socket.destroy()
      fail(refusal(proxy, response.statusCode ?? 0))
    })
    request.once('error', error => {
      settle()
      fail(unreachable(proxy, error))
    })
    request.end()
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function credentialsOf(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'Proxy-Authorization': `Basic ${Buffer.from(user).toString('base64')}` }
}

function refusal(proxy: URL, status: number): NoTunnel {
  const temporary = status >= 500 || status === 408 || status === 429
  return new NoTunnel(`the proxy ${proxy.host} responded to CONNECT with ${status}`, temporary)
}

/** Codes that no later attempt will change: an unknown name, a certificate, a server that is not a proxy. */
const PERMANENT = /^(?:ENOTFOUND|ERR_|CERT_|UNABLE_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|HPE_)/

function unreachable(proxy: URL, error: NodeJS.ErrnoException): NoTunnel {
  const temporary = !PERMANENT.test(error.code ?? '')
  return new NoTunnel(`the proxy ${proxy.host} cannot be reached: ${error.message}`, temporary, {
    cause: error
  })
}
