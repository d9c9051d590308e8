/** The proxy variables, read as curl reads them. */
import { isNoProxy } from './no-proxy.ts'

type Env = Readonly<Record<string, string | undefined>>

/** A proxy variable that cannot be understood. The message names it and shows nothing of its value. */
export class ProxyVariableError extends Error {
  override readonly name = 'ProxyVariableError'
}

/**
 * The address of the proxy for an instance, with its credentials, by `https_proxy` (`http_proxy` for plain http) and
 * `no_proxy`; '' without one. Either case of a name; the lower case wins. Loopback hosts have no proxy.
 *
 * @returns `http://user:password@host:port/`; in user and password everything but plain characters as `%XX`
 * @throws ProxyVariableError
 */
export function proxyOf(instance: string, env: Env = process.env): string {
  const url = new URL(instance)
  if (/^(localhost|127\..*|\[::1\])$/.test(url.hostname)) return ''
  const found = variable(env, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy')
  if (found === undefined) return ''
  const proxy = parseProxy(found)
  const except = variable(env, 'no_proxy')
  return except !== undefined && matches(except, url) ? '' : proxy
}

interface Variable {
  readonly name: string
  readonly text: string
}

function variable(env: Env, lower: string): Variable | undefined {
  for (const name of [lower, lower.toUpperCase()]) {
    const text = env[name]?.trim() ?? ''
    if (text !== '') return { name, text }
  }
  return undefined
}

function matches({ name, text }: Variable, url: URL): boolean {
  return isNoProxy(text, url, item => {
    throw new ProxyVariableError(
      `${name} cannot be understood: "${item}" is not a host name, a domain (.acme.example, *.acme.example), an address or a network (10.0.0.0/8)`
    )
  })
}

/** Without a scheme it is http. Without a port it is that of the scheme, as for the runner itself. */
function parseProxy({ name, text }: Variable): string {
  const refuse = (why: string) =>
    new ProxyVariableError(
      `${name} cannot be understood: ${why}; it must look like http://proxy.example:8080, with http://user:password@ where the proxy requires it`
    )
  const [given = ''] = /^[a-z][a-z0-9+.-]{0,30}:\/\//i.exec(text) ?? []
  const scheme = given === '' ? 'http' : given.slice(0, -3)
  const rest = text.slice(given.length)
  if (!/^https?$/i.test(scheme)) throw refuse(`proxies of the kind ${scheme}:// are not supported`)
  const [authority = '', behind] = split(rest, /[/?#]/)
  // The host would be another one than was meant.
  if (behind !== undefined && /[@:]/.test(behind))
    throw refuse('/, ? and # in its user or password must be written as %2F, %3F and %23')
  const at = authority.lastIndexOf('@')
  const url = hostOf(scheme, authority.slice(at + 1))
  if (url === undefined) throw refuse('it has no valid host and port')
  if (at >= 0) {
    const [user = '', password = ''] = split(authority.slice(0, at), /:/)
    url.username = encoded(user)
    url.password = encoded(password)
  }
  return url.href
}

function split(text: string, at: RegExp): [string, string | undefined] {
  const index = text.search(at)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

function hostOf(scheme: string, host: string): URL | undefined {
  if (!/^(\[[0-9a-f:.]+\]|[^\s:@\\[\]"'<>]+)(:\d{1,5})?$/i.test(host) || host.endsWith(':0')) return undefined
  try {
    return new URL(`${scheme}://${host}`)
  } catch {
    return undefined
  }
}

/** A `%` that begins no `%XX` stands for itself; the setters of URL encode all other characters. */
function encoded(text: string): string {
  return text.replace(/%(?![0-9a-f]{2})/gi, '%25')
}
