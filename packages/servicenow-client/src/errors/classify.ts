import type { NoTunnel } from '../http/proxy-agent.ts'
import type { ErrorCode } from './catalogue.ts'
import { ServiceNowError } from './servicenow-error.ts'

/** What one attempt got back, as far as classifying needs it. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

const TEXTS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/access to unscoped api is not allowed/i, 'oauth-scope'],
  [/aborted by business rule/i, 'business-rule'],
  [
    /data policy exception.*mandatory|following (?:mandatory )?fields? (?:is|are) (?:mandatory|not filled)/is,
    'data-policy'
  ],
  [/data policy exception.*read.?only|fields? (?:is|are) read.?only/is, 'read-only'],
  [/\bip address|not allowed from (?:this )?ip|restricted ip/i, 'ip-list'],
  [/requested uri does not represent any resource|invalid table\b/i, 'api-missing'],
  [/transaction cancell?ed/i, 'cancelled'],
  [/\bacl\b|security constraints|insufficient rights|api level acl/i, 'role']
]

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'bad-request',
  401: 'credentials',
  403: 'forbidden',
  404: 'not-found',
  407: 'proxy',
  408: 'timeout',
  429: 'rate-limit',
  500: 'server-error',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable'
}

/**
 * The error of an answer that is not a plain JSON success, or undefined for one that is.
 * Any 2xx that is not JSON is an error: a sleeping instance and a login page answer 200.
 */
export function errorOfAnswer(answer: Answer, doing: string, now: number): ServiceNowError | undefined {
  const { status } = answer
  if (status >= 300 && status < 400) return redirected(answer, doing)
  if (status >= 200 && status < 300) return errorInSuccess(answer, doing)
  const json = isJson(answer)
  const said = json ? saidIn(answer.text) : pageTitle(answer.text)
  const code = codeOf(answer, said, json)
  const retryAfterMs = retryAfter(answer, now)
  return new ServiceNowError(code, {
    doing,
    status,
    answer: said,
    retryAfterMs,
    ...(status === 404 && code === 'unexpected' && { fix: NOT_SERVICENOW }),
    ...resetFix(code, retryAfterMs, now)
  })
}

function errorInSuccess(answer: Answer, doing: string): ServiceNowError | undefined {
  const { status, text } = answer
  if (status === 204) return undefined
  if (!isJson(answer)) return new ServiceNowError(pageCode(text), { doing, status, answer: pageTitle(text) })
  const body = parse(text)
  if (body === undefined) {
    // Malformed JSON is an answer that broke off: the instance streams long ones.
    return new ServiceNowError('truncated', { doing, status, answer: 'the JSON of the answer is incomplete' })
  }
  if (isObject(body) && body.error !== undefined && body.error !== null) {
    return new ServiceNowError('partial', { doing, status, answer: saidIn(text) })
  }
  return undefined
}

function codeOf({ status, text }: Answer, said: string, json: boolean): ErrorCode {
  if (/instance hibernating/i.test(text)) return 'hibernating'
  // ServiceNow says in JSON that a record is not there; a page is somebody else's word.
  if (status === 404 && !json) return 'unexpected'
  if (status === 401 || status === 429 || status === 407) return BY_STATUS[status] as ErrorCode
  for (const [pattern, code] of TEXTS) {
    if (!pattern.test(said)) continue
    // A 5xx never becomes a refusal by its wording: it may pass, and it may have been carried out.
    if (status >= 500 && code !== 'cancelled') continue
    if (status === 404 && code === 'role') continue
    // Elsewhere an address is a value like any other.
    if (status !== 403 && code === 'ip-list') continue
    return code
  }
  return BY_STATUS[status] ?? (status >= 500 ? 'server-error' : 'unexpected')
}

function redirected(answer: Answer, doing: string): ServiceNowError {
  const target = String(answer.headers.location ?? '')
  const asleep = /developer\.servicenow\.com/i.test(target)
  const code = asleep ? 'hibernating' : 'redirect'
  return new ServiceNowError(code, {
    doing,
    status: answer.status,
    answer: target === '' ? 'redirected to nowhere' : `redirected to ${hostOf(target)}`
  })
}

/** A redirect's query may carry tokens: only scheme, host and path are shown. */
function hostOf(target: string): string {
  try {
    const url = new URL(target, 'https://the-same-host.invalid')
    return url.host === 'the-same-host.invalid' ? url.pathname : `${url.protocol}//${url.host}${url.pathname}`
  } catch {
    return 'an address that is none'
  }
}

function pageCode(text: string): ErrorCode {
  if (
    /instance hibernating|hibernating instance|instance is (?:currently )?(?:offline|hibernating)/i.test(text)
  )
    return 'hibernating'
  // Words alone prove nothing: a maintenance page may say when one can log in again.
  if (/type=["']?password|samlrequest/i.test(text)) return 'login-page'
  if (/log[ -]?in|sign[ -]?in|single sign/i.test(pageTitle(text))) return 'login-page'
  return 'not-json'
}

function pageTitle(text: string): string {
  const title = /<title[^>]*>([^<]{0,200})/i.exec(text)?.[1]?.trim()
  return title === undefined || title === '' ? 'a web page without a title' : `a web page titled "${title}"`
}

function isJson(answer: Answer): boolean {
  return /\bjson\b/i.test(String(answer.headers['content-type'] ?? ''))
}

/** ServiceNow's words: `error.message` and `error.detail`, of which either may be the one that matters. */
function saidIn(text: string): string {
  const body = parse(text)
  if (!isObject(body)) return text.slice(0, 300)
  const error = body.error
  if (isObject(error)) {
    const parts = [error.message, error.detail].filter(part => typeof part === 'string' && part !== '')
    return [...new Set(parts)].join(': ')
  }
  const parts = [error, body.error_description, body.message].filter(
    part => typeof part === 'string' && part !== ''
  )
  return parts.join(': ')
}

/**
 * `Retry-After` in milliseconds: seconds or a date; else, for a 429, the instance's own `X-RateLimit-Reset` (Unix
 * seconds), which other answers carry as well and which says nothing about them. Both moments are on the
 * instance's clock.
 */
export function retryAfter(answer: Omit<Answer, 'text'>, now: number): number | undefined {
  const { headers, status } = answer
  const date = Date.parse(String(headers.date ?? ''))
  const there = Number.isFinite(date) ? date : now
  const value = headers['retry-after']
  if (typeof value === 'string' && value !== '') {
    const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - there
    if (Number.isFinite(ms)) return Math.max(0, ms)
  }
  const reset = status === 429 ? Number(headers['x-ratelimit-reset']) : Number.NaN
  return Number.isFinite(reset) && reset > 0 ? Math.max(0, reset * 1000 - there) : undefined
}

function resetFix(code: ErrorCode, retryAfterMs: number | undefined, now: number): { fix?: string } {
  if (retryAfterMs === undefined) return {}
  const at = new Date(now + retryAfterMs).toISOString().replace(/\.\d+/, '')
  if (code === 'unavailable') return { fix: `the instance asks to wait until ${at}; run the job again then` }
  if (code !== 'rate-limit') return {}
  return {
    fix: `the limit resets at ${at}; run the job again then, or have an administrator raise the rule (sys_rate_limit_rules)`
  }
}

const NOT_SERVICENOW =
  'check the instance name, and what stands between the runner and the instance (a proxy, a gateway): this is no answer of ServiceNow'

const SANDBOX = 'start the sandbox (npm run sandbox), or check the port'

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_NODATA'])
const TLS = /^(?:CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/

/** The error of an attempt that got no answer: name resolution, connection, TLS, proxy, cut or out of time. */
export function errorOfNetwork(cause: unknown, doing: string, host: string): ServiceNowError {
  // By shape: an error of another realm is no instance of this one's Error.
  const error = isObject(cause) && 'message' in cause ? (cause as unknown as Error) : new Error(String(cause))
  const code = String((error as NodeJS.ErrnoException).code ?? '')
  const text = error.message
  const details = { doing, cause: error, answer: `${host}: ${text}` }
  if (error.name === 'CutShort') return new ServiceNowError('truncated', { ...details, status: 'connection' })
  if (error.name === 'BodyFault') return new ServiceNowError('file', { doing, cause: error, answer: text })
  if (error.name === 'NoTunnel') {
    const { passing } = error as NoTunnel
    return new ServiceNowError(passing ? 'proxy-down' : 'proxy', { ...details, status: 'proxy' })
  }
  if (code === 'EAI_AGAIN') return new ServiceNowError('dns-down', { ...details, status: 'DNS' })
  if (DNS.has(code)) return new ServiceNowError('dns', { ...details, status: 'DNS' })
  if (code === 'ECONNREFUSED') {
    const sandbox = /^(?:localhost|127\.|\[::1\])/.test(host) ? { fix: SANDBOX } : {}
    return new ServiceNowError('refused', { ...details, ...sandbox, status: 'connection' })
  }
  if (
    /alert (?:bad certificate|certificate required|unknown ca|handshake failure|certificate unknown)/i.test(
      text
    )
  ) {
    return new ServiceNowError('client-certificate', { ...details, status: 'TLS' })
  }
  // OpenSSL could not use what was given here: a wrong passphrase, a key that does not fit, no PEM at all.
  if (code.startsWith('ERR_OSSL'))
    return new ServiceNowError('client-certificate', { ...details, status: 'TLS' })
  if (TLS.test(code) || /certificate|self.signed/i.test(text))
    return new ServiceNowError('tls', { ...details, status: 'TLS' })
  return new ServiceNowError('connection', { ...details, status: 'connection' })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
