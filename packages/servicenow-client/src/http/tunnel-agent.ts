import type { AgentOptions, ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'

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

/** TLS to the instance, inside of the tunnel. */
export type InstanceTls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase'>

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1]

/**
 * Connections to the instance through CONNECT tunnels of a proxy, kept alive like direct ones. The proxy sees a host
 * name and encrypted data, never the headers of a request. What the proxy itself has to say is a `NoTunnel`: by itself
 * the library hands its refusal on as if the instance had sent it.
 */
export class TunnelAgent extends HttpsProxyAgent<string> {
  private readonly address: string
  private readonly timeoutMs: number
  private readonly tls: InstanceTls
  private readonly pending = new Set<AbortController>()

  /**
   * @param proxy its address, with credentials where it requires them
   * @param timeoutMs how long a tunnel may take; longer than the request that needs it
   * @param kept how connections are kept; no `maxSockets`, for requests in line for a tunnel that fails would wait on
   * @param tls for the instance; the proxy, where it uses TLS itself, is trusted by the same authorities
   */
  constructor(proxy: URL, timeoutMs: number, kept: AgentOptions, tls: InstanceTls) {
    const ca = tls.ca === undefined ? {} : { ca: tls.ca }
    // The library writes its proxy's address to its debug log.
    super(withoutCredentials(proxy), { ...kept, ...ca, headers: credentialsOf(proxy) })
    this.protocol = 'https:'
    this.address = proxy.host
    this.timeoutMs = timeoutMs
    this.tls = tls
  }

  override async connect(request: ClientRequest, options: ConnectOptions): Promise<Socket> {
    const abort = new AbortController()
    const late = Object.assign(new Error('no response in time'), { code: 'ETIMEDOUT' })
    const timer = setTimeout(() => abort.abort(late), this.timeoutMs)
    let status: number | undefined
    request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      status = statusCode
    })
    this.pending.add(abort)
    try {
      const socket = await this.open(request, options, abort.signal)
      if (status === 200) return socket
      socket.destroy()
      throw refusal(this.address, status)
    } catch (error) {
      abort.abort()
      // After that it is about the instance: its TLS options could not be used.
      if (status !== undefined) throw error
      throw unreachable(this.address, abort.signal.reason === late ? late : (error as Error))
    } finally {
      clearTimeout(timer)
      this.pending.delete(abort)
    }
  }

  override destroy(): void {
    // A proxy that never responds would keep the process alive.
    for (const abort of this.pending) abort.abort()
    super.destroy()
  }

  private open(request: ClientRequest, options: ConnectOptions, signal: AbortSignal): Promise<Socket> {
    // Read at once, before anything is waited for: each connection to the proxy has a signal of its own.
    this.connectOpts = { ...this.connectOpts, signal }
    // The request's own signal must not end a connection that others use later.
    const inside = { ...options, ...this.tls, ALPNProtocols: ['http/1.1'], signal: undefined }
    return super.connect(request, inside as ConnectOptions)
  }
}

function withoutCredentials(proxy: URL): URL {
  const address = new URL(proxy)
  address.username = ''
  address.password = ''
  return address
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const user = Buffer.concat([bytesOf(username), Buffer.from(':'), bytesOf(password)])
  return { 'Proxy-Authorization': `Basic ${user.toString('base64')}` }
}

/** A part of a URL, which is ASCII. As curl decodes it: `%XX` is a byte, of whichever encoding the proxy expects. */
function bytesOf(text: string): Buffer {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16))
  )
  return Buffer.from(bytes, 'latin1')
}

function refusal(proxy: string, status: number | undefined): NoTunnel {
  if (status === undefined || Number.isNaN(status))
    return new NoTunnel(`the proxy ${proxy} did not respond to CONNECT in HTTP`, false)
  const temporary = status >= 500 || status === 408 || status === 429
  return new NoTunnel(`the proxy ${proxy} responded to CONNECT with ${status}`, temporary)
}

/** Codes that no later attempt will change: an unknown name, a certificate. */
const PERMANENT = /^(?:ENOTFOUND|ERR_|CERT_|UNABLE_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/

function unreachable(proxy: string, error: NodeJS.ErrnoException): NoTunnel {
  const temporary = !PERMANENT.test(error.code ?? '')
  return new NoTunnel(`the proxy ${proxy} cannot be reached: ${error.message}`, temporary, { cause: error })
}
