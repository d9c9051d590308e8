import { unmetName } from '../changes/next-states.ts'
import { isJson, type Response } from '../http/message.ts'
import { type ClientCode, type ClientProblem, clientProblem, type LimitFacts } from './codes.ts'

/** An expression, or words in the order in which a message has them. */
type Pattern = RegExp | readonly [first: string, then: RegExp]

const TEXTS: readonly (readonly [Pattern, ClientCode])[] = [
  [/access to unscoped api is not allowed/i, 'oauth-scope'],
  [/aborted by business rule|cannot move to state/i, 'business-rule'],
  [['data policy exception', /mandatory/], 'data-policy'],
  [/following (?:mandatory )?fields? (?:is|are) (?:mandatory|not filled)/i, 'data-policy'],
  [['data policy exception', /read.?only/s], 'read-only'],
  [/fields? (?:is|are) read.?only/is, 'read-only'],
  [/\bip address|not allowed from (?:this )?ip|restricted ip/i, 'ip-list'],
  [/requested uri does not represent any resource|invalid table\b/i, 'api-missing'],
  [/transaction cancell?ed/i, 'transaction-canceled'],
  [/\bacl\b|security constraints|insufficient rights|api level acl/i, 'role']
]

const BY_STATUS: Readonly<Record<number, ClientCode>> = {
  400: 'bad-request',
  401: 'credentials',
  403: 'forbidden',
  404: 'not-found',
  407: 'proxy',
  408: 'request-timeout',
  429: 'rate-limit',
  500: 'server-error',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable'
}

type Redact = (text: string) => string

interface ResponseOptions {
  readonly write?: boolean
  readonly redact?: Redact | undefined
}

/**
 * The problem of a response that is not a plain JSON success, or undefined for one that is.
 * Any 2xx that is not JSON is a problem: a sleeping instance and a login page have status 200.
 *
 * @param now epoch milliseconds on the runner, for what the instance asks to wait
 * @param options.write the request was a write: its success needs no body
 * @param options.redact takes secrets out of what the response says, which may quote the request
 */
export function problemOfResponse(
  response: Response,
  operation: string,
  now: number,
  { write = false, redact = text => text }: ResponseOptions = {}
): ClientProblem | undefined {
  const { status } = response
  if (status >= 300 && status < 400) return redirected(response, operation, redact)
  if (status >= 200 && status < 300)
    return write && response.text.trim() === '' ? undefined : problemInSuccess(response, operation, redact)
  const json = isJson(response.headers)
  const message = json ? messageIn(response, redact) : textOf(response.text, redact)
  const code = codeOf(response, json ? message : pageTitle(response.text), json)
  const afterMs = retryAfter(response, now)
  const limited = code === 'rate-limit' || code === 'unavailable'
  const facts: LimitFacts = {
    operation,
    status,
    message,
    ...(limited && afterMs !== undefined && { resetsAt: now + afterMs })
  }
  return clientProblem(code, facts, { afterMs })
}

function problemInSuccess(response: Response, operation: string, redact: Redact): ClientProblem | undefined {
  const { status, text, body } = response
  if (status === 204) return undefined
  if (!isJson(response.headers))
    return clientProblem(pageCode(text), { operation, status, message: textOf(text, redact) })
  if (body === undefined) {
    // Malformed JSON is a response that was cut short: the instance streams long ones.
    return clientProblem('truncated', {
      operation,
      status,
      message: 'the JSON of the response is incomplete'
    })
  }
  if (isObject(body) && body.error !== undefined && body.error !== null) {
    return clientProblem('partial', { operation, status, message: messageIn(response, redact) })
  }
  return undefined
}

function codeOf({ status, text }: Response, message: string, json: boolean): ClientCode {
  if (/instance hibernating/i.test(text)) return 'hibernating'
  // ServiceNow says in JSON that a record is not there; a page comes from somewhere else.
  if (status === 404 && !json) return 'not-servicenow'
  if (status === 401 || status === 429 || status === 407) return BY_STATUS[status] as ClientCode
  for (const [pattern, code] of TEXTS) {
    if (!matches(pattern, message)) continue
    // A 5xx is never a refusal, whatever its text: it may be temporary, and it may have been carried out.
    if (status >= 500 && code !== 'transaction-canceled') continue
    if (status === 404 && code === 'role') continue
    // With other statuses an address may be a value of a field.
    if (status !== 403 && code === 'ip-list') continue
    return code
  }
  return BY_STATUS[status] ?? (status >= 500 ? 'server-error' : 'unexpected')
}

function matches(pattern: Pattern, message: string): boolean {
  if (pattern instanceof RegExp) return pattern.test(message)
  const [first, then] = pattern
  const text = message.toLowerCase()
  const at = text.indexOf(first)
  return at >= 0 && then.test(text.slice(at))
}

function redirected(response: Response, operation: string, redact: Redact): ClientProblem {
  const target = String(response.headers.location ?? '')
  const asleep = /developer\.servicenow\.com/i.test(target)
  return clientProblem(asleep ? 'hibernating' : 'redirect', {
    operation,
    status: response.status,
    message: target === '' ? 'redirected to nowhere' : `redirected to ${shortened(redact(hostOf(target)))}`
  })
}

/** A redirect's query may carry tokens: only scheme, host and path are shown. */
function hostOf(target: string): string {
  try {
    const url = new URL(target, 'https://the-same-host.invalid')
    return url.host === 'the-same-host.invalid' ? url.pathname : `${url.protocol}//${url.host}${url.pathname}`
  } catch {
    return 'an address that is not valid'
  }
}

function pageCode(text: string): 'hibernating' | 'login-page' | 'not-json' {
  if (
    /instance hibernating|hibernating instance|instance is (?:currently )?(?:offline|hibernating)/i.test(text)
  )
    return 'hibernating'
  // The words alone are not enough: a maintenance page may say when one can log in again.
  if (/type=["']?password|samlrequest/i.test(text)) return 'login-page'
  if (/log[ -]?in|sign[ -]?in|single sign/i.test(pageTitle(text))) return 'login-page'
  return 'not-json'
}

/** '' for a page without a title, and for what is no page. */
function pageTitle(text: string): string {
  return /<title[^<>]{0,200}>([^<]{0,200})/i.exec(text.slice(0, MAX_LOOKED_AT))?.[1]?.trim() ?? ''
}

/** What is not JSON, in a few words: a page by its title, plain text by its beginning. */
function textOf(whole: string, redact: Redact): string {
  const text = redact(beginning(whole))
  const trimmed = text.trim()
  if (trimmed === '') return 'an empty body'
  const title = pageTitle(text)
  if (title !== '') return `a web page titled "${title}"`
  if (/<(?:!doctype|html|head|body)\b/i.test(text)) return 'a web page without a title'
  return `the text "${trimmed.replace(/\s+/g, ' ').slice(0, MAX_TEXT)}"`
}

/** Characters of a text that is not JSON. */
const MAX_TEXT = 200

/** Characters of a message in JSON: more than an annotation shows. */
const MAX_MESSAGE = 5_000

/** Characters in which secrets are looked for: many times what is shown of a text. */
const MAX_LOOKED_AT = 50_000

function shortened(text: string): string {
  return text.slice(0, MAX_MESSAGE)
}

function beginning(text: string): string {
  return text.trimStart().slice(0, MAX_LOOKED_AT)
}

/** ServiceNow's own words: `error.message` and `error.detail`; either may have the reason. */
function messageIn(response: Response, redact: Redact): string {
  if (!isObject(response.body)) return redact(beginning(response.text)).slice(0, 300)
  return shortened(redact(beginning(wordsIn(response.body))))
}

function wordsIn(body: Readonly<Record<string, unknown>>): string {
  const error = body.error
  if (isObject(error)) {
    const unmet = unmetIn(error.detail)
    const detail =
      unmet.length === 0 ? error.detail : `conditions not met: ${unmet.map(name => `"${name}"`).join(', ')}`
    const parts = [error.message, detail].filter(part => typeof part === 'string' && part !== '')
    return [...new Set(parts)].join(': ')
  }
  const parts = [error, body.error_description, body.message].filter(
    part => typeof part === 'string' && part !== ''
  )
  return parts.join(': ')
}

/** The refusal of a change model has its transition as a JSON text in `detail`: the conditions that are not met. */
function unmetIn(detail: unknown): string[] {
  if (typeof detail !== 'string' || !/^\s*[[{]/.test(detail)) return []
  try {
    return [...new Set(conditionsIn(JSON.parse(detail)).flatMap(unmetName))]
  } catch {
    return []
  }
}

/** Of a transition, of a list of them, or of an object around them. */
function conditionsIn(part: unknown, depth = 3): unknown[] {
  if (depth === 0 || typeof part !== 'object' || part === null) return []
  const { conditions } = part as { conditions?: unknown }
  if (Array.isArray(conditions)) return conditions
  return Object.values(part).flatMap(inner => conditionsIn(inner, depth - 1))
}

/**
 * `Retry-After` in milliseconds: seconds or a date; else, for a 429, the instance's own `X-RateLimit-Reset` (Unix
 * seconds), which other responses carry as well and which says nothing about them. Both moments are on the
 * instance's clock.
 */
export function retryAfter(response: Pick<Response, 'status' | 'headers'>, now: number): number | undefined {
  const { headers, status } = response
  const date = Date.parse(String(headers.date ?? ''))
  const there = Number.isFinite(date) ? date : now
  const value = String(headers['retry-after'] ?? '').trim()
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - there
  if (!Number.isNaN(ms)) return within(ms)
  const reset = status === 429 ? Number(headers['x-ratelimit-reset']) : Number.NaN
  return Number.isNaN(reset) || reset <= 0 ? undefined : within(reset * 1000 - there)
}

/** A longer pause is no answer: it lies beyond the dates that there are, for one. */
const MAX_RETRY_AFTER_MS = 30 * 24 * 60 * 60 * 1000

function within(ms: number): number {
  return Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
