import type { Agent, ClientRequest, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { getProxyUrl } from '@actions/http-client/lib/proxy'

/** TLS settings as PEM text. */
export interface TlsOptions {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly passphrase?: string | undefined
}

/**
 * The agent for one instance: keep-alive when direct, a CONNECT tunnel when `https_proxy`, `http_proxy` and
 * `no_proxy` say so. The proxy sees a host name and ciphertext, never a header of ours.
 */
export async function createAgent(origin: string, tls: TlsOptions): Promise<Agent> {
  const proxy = getProxyUrl(new URL(origin))
  const secure = origin.startsWith('https:')
  const trust = secure ? await trustOf(tls) : {}
  if (proxy !== undefined) return tunnelAgent(proxy.href, secure, trust)
  if (secure) {
    const https = await import('node:https')
    return new https.Agent({ keepAlive: true, maxSockets: 8, ...trust })
  }
  const http = await import('node:http')
  return new http.Agent({ keepAlive: true, maxSockets: 8 })
}

/** A private authority is trusted beside the public ones, not instead of them. */
async function trustOf(tls: TlsOptions): Promise<Record<string, unknown>> {
  const set = Object.entries({ cert: tls.cert, key: tls.key, passphrase: tls.passphrase })
  const options: Record<string, unknown> = Object.fromEntries(set.filter(([, value]) => value !== undefined))
  if (tls.ca !== undefined) {
    const { rootCertificates } = await import('node:tls')
    options.ca = [...rootCertificates, tls.ca]
  }
  return options
}

async function tunnelAgent(proxy: string, secure: boolean, trust: Record<string, unknown>): Promise<Agent> {
  const { default: tunnel } = await import(/* webpackChunkName: "work" */ 'tunnel')
  const url = new URL(proxy)
  const overTls = url.protocol === 'https:'
  const options = {
    maxSockets: 8,
    ...trust,
    proxy: { host: url.hostname, port: Number(url.port === '' ? (overTls ? 443 : 80) : url.port) }
  }
  const sign = proxyCredentials(url)
  if (secure) return closable(overTls ? tunnel.httpsOverHttps(options) : tunnel.httpsOverHttp(options), sign)
  return closable(overTls ? tunnel.httpOverHttps(options) : tunnel.httpOverHttp(options), sign)
}

/** Made here, for the tunnel's own way of it prints a deprecation warning. */
function proxyCredentials(url: URL): Readonly<Record<string, string>> {
  if (url.username === '') return {}
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { 'Proxy-Authorization': `Basic ${Buffer.from(user).toString('base64')}` }
}

interface TunnelAgent {
  request(options: RequestOptions): ClientRequest
  /** Tunnels, and stand-ins for those that are being made. */
  readonly sockets: readonly Partial<Socket>[]
}

/** Tunnel agents cannot be closed by themselves, and a proxy that never answers would keep the process alive. */
function closable(agent: unknown, headers: Readonly<Record<string, string>>): Agent {
  const tunnels = agent as TunnelAgent
  const connecting = new Set<ClientRequest>()
  const connect = tunnels.request
  tunnels.request = options => {
    const request = connect({ ...options, headers: { ...options.headers, ...headers } })
    connecting.add(request)
    const settled = () => void connecting.delete(request)
    return request.once('connect', settled).once('error', settled)
  }
  const destroy = () => {
    for (const request of connecting) request.destroy()
    for (const socket of [...tunnels.sockets]) socket.destroy?.()
  }
  return Object.assign(tunnels, { destroy }) as unknown as Agent
}
