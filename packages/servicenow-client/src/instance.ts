/** The origin of a ServiceNow instance and the path of its APIs, and what people write for them. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * Makes an origin of `acme`, `acme.service-now.com` or an origin such as `https://change.acme.example`.
 *
 * `http` is accepted for loopback hosts only, where the sandbox runs. Anything that could send credentials
 * somewhere else (user info, a path, a query, another scheme) is refused.
 *
 * @returns the origin without a trailing slash, `https://acme.service-now.com`
 * @throws Error whose message says what is wrong with the value, and the accepted forms
 */
export function parseInstance(text: string): string {
  const given = text.trim()
  if (NAME.test(given) && !LOOPBACK.test(given)) return `https://${given.toLowerCase()}.service-now.com`
  const url = toUrl(given)
  const wrong = whatIsWrong(given, url)
  if (wrong !== undefined)
    throw new Error(`${wrong}; give a name (acme), a host (acme.service-now.com) or an https origin`)
  return url?.origin as string
}

/**
 * The path in front of `/api` and `/oauth_token.do` where a gateway serves the instance below one, of what people write
 * for it: `itsm/prod`, `/itsm/prod/`.
 *
 * @returns `/itsm/prod`; '' for `/`
 * @throws Error whose message says what is wrong with the value
 */
export function parseApiPath(text: string): string {
  if (!/^[A-Za-z0-9._/-]*$/.test(text))
    throw new Error('must be a path of letters, digits, `.`, `_`, `-` and `/`, such as /itsm/prod')
  const parts = text.replace(/^\/|\/$/g, '').split('/')
  if (parts.length === 1 && parts[0] === '') return ''
  if (parts.some(part => /^\.{0,2}$/.test(part)))
    throw new Error('must not have an empty part, `.` or `..` in it')
  if (parts.at(-1) === 'api') throw new Error('must not end in /api, which is added to it')
  return `/${parts.join('/')}`
}

function toUrl(given: string): URL | undefined {
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `https://${given}`)
  } catch {
    return undefined
  }
}

function whatIsWrong(given: string, url: URL | undefined): string | undefined {
  if (url === undefined || url.hostname === '') return 'is not a host name'
  if (/[\s\\]/.test(given)) return 'has a space or a backslash in it'
  if (given.includes('@') || url.username !== '' || url.password !== '') return 'must not carry user info'
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return `must use https, not ${url.protocol.slice(0, -1)}`
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return 'must use https (http is for loopback hosts alone)'
  if (/[?#]/.test(given) || url.search !== '' || url.hash !== '') return 'must not have a query or a fragment'
  if (url.pathname !== '/') return 'must not have a path'
  return undefined
}
