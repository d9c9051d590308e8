import type { Agent } from 'node:http'
import type { ConnectionOptions } from 'node:tls'
import { proxyOf } from './proxy.ts'
import { sendOnce, type Transport } from './transport.ts'

/** TLS settings as PEM text. */
export interface TlsOptions {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly passphrase?: string | undefined
}

/** As many connections as there are uploads in parallel; each needs a handshake. */
const KEPT = { keepAlive: true, maxSockets: 4 } as const
const KEPT_TUNNELS = { keepAlive: true, maxFreeSockets: KEPT.maxSockets } as const

/**
 * The agent for one instance, with connections that are kept alive: direct, or through CONNECT tunnels where
 * the variables of proxies say so. An instance is at plain http on loopback hosts alone, which no proxy stands before.
 *
 * @param timeoutMs how long a request may take, and with it a proxy to open a tunnel
 */
export async function createAgent(origin: string, tls: TlsOptions, timeoutMs: number): Promise<Agent> {
  const proxy = proxyOf(origin)
  const isPlain = !origin.startsWith('https:')
  if (proxy === '' && isPlain) {
    const http = await import('node:http')
    return new http.Agent(KEPT)
  }
  const options = await optionsOf(tls)
  if (proxy === '') {
    const https = await import('node:https')
    return new https.Agent({ ...KEPT, ...options })
  }
  const { TunnelAgent } = await import(/* webpackChunkName: "proxy" */ './tunnel-agent.ts')
  // One second more than the request has, so that the request times out first.
  const tunnels = new TunnelAgent(new URL(proxy), timeoutMs + 1_000, KEPT_TUNNELS, options)
  // Node compares it with that of the request.
  if (isPlain) tunnels.protocol = 'http:'
  return tunnels
}

/** An additional CA certificate is trusted together with the public ones. */
async function optionsOf(tls: TlsOptions): Promise<Pick<ConnectionOptions, 'ca' | keyof TlsOptions>> {
  const set = Object.entries({ cert: tls.cert, key: tls.key, passphrase: tls.passphrase })
  const options: ConnectionOptions = Object.fromEntries(set.filter(([, value]) => value !== undefined))
  if (tls.ca !== undefined) {
    const { rootCertificates } = await import('node:tls')
    options.ca = [...rootCertificates, tls.ca]
  }
  return options
}

/** Node's own client with connections kept alive. The agent is made for the first request. */
export function nodeTransport(origin: string, tls: TlsOptions, timeoutMs: number): Transport {
  let made: Promise<Agent> | undefined
  return {
    send: async request => {
      made ??= createAgent(origin, tls, timeoutMs)
      return sendOnce(request, await made)
    },
    close: async () => {
      const agent = await made?.catch(() => undefined)
      agent?.destroy()
    }
  }
}
