/**
 * Octokit and undici, in a file of their own: together they are larger than all else that a step loads, and only steps
 * that talk to GitHub load this one.
 */
import { GitHub, getOctokitOptions } from '@actions/github/lib/utils'
import { getProxyUrl } from '@actions/http-client/lib/proxy'
import { ProxyAgent, fetch as undiciFetch } from 'undici'

/** Octokit with its typed REST methods, GraphQL and pages. */
export type Octokit = InstanceType<typeof GitHub>

export interface OctokitOptions {
  readonly apiUrl: string
  readonly token: string
  readonly userAgent: string
  readonly fetch: typeof fetch
  debug(message: string): void
}

/** An Octokit client without plugins that retry or wait: those decisions belong to the caller. */
export function newOctokit({ apiUrl, token, userAgent, fetch, debug }: OctokitOptions): Octokit {
  const log = { debug, info: debug, warn: debug, error: debug }
  const baseUrl = apiUrl.replace(/\/$/, '')
  return new GitHub(getOctokitOptions(token, { baseUrl, userAgent, log, request: { fetch, log } }))
}

/**
 * undici's `fetch`, through the proxy that `https_proxy` (for http: `http_proxy`) and `no_proxy` name for the API. The
 * toolkit's own one looks at them when it is loaded, for the API of the environment only.
 */
export function proxiedFetch(apiUrl: string): typeof fetch {
  const proxy = withScheme(getProxyUrl(new URL(apiUrl)))
  if (proxy === undefined) return undiciFetch as unknown as typeof fetch
  const dispatcher = new ProxyAgent({ uri: proxy.origin, ...credentialsOf(proxy) })
  const send = (url: string, init: object) => undiciFetch(url, { ...init, dispatcher })
  return send as unknown as typeof fetch
}

/** Of `proxy.example:8080` the toolkit takes the name for a scheme. */
function withScheme(proxy: URL | undefined): URL | undefined {
  if (proxy === undefined || proxy.host !== '' || proxy.href.includes('@')) return proxy
  return new URL(`http://${proxy.href}`)
}

/** The toolkit has decoded name and password already. */
function credentialsOf({ username, password }: URL): { token?: string } {
  if (username === '' && password === '') return {}
  return { token: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}
