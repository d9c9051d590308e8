import type { FaultSpec } from '../faults/spec.ts'
import { inputField, type Option, selectField } from './controls-markup.ts'
import { type Html, html } from './html.ts'
import { Refusal } from './visit.ts'

/** The kinds of faults that a form can describe. A fault with a JSON body of its own is injected by a test. */
export const FAULT_KINDS: readonly Option[] = [
  ['server-error', '500, transaction cancelled'],
  ['unavailable', '503 page, or another status'],
  ['rate-limited', '429, too many requests'],
  ['unauthorized', '401, not authenticated'],
  ['acl', '403 from an access rule'],
  ['business-rule', '403 from a business rule'],
  ['not-found', '404, no record found'],
  ['error', 'JSON error with status and message'],
  ['latency', 'Delay'],
  ['login-page', '200 with the login page'],
  ['hibernating', '200 with the page of a hibernating instance'],
  ['redirect', '302 to another host'],
  ['reset', 'Connection reset'],
  ['no-answer', 'No response'],
  ['slow-drip', 'Response in small pieces'],
  ['truncated', 'Connection ends within the body'],
  ['malformed-json', 'JSON that ends early'],
  ['partial-result', '200 with a part of the result'],
  ['silent-no-op', 'A new state is ignored']
]

const METHODS: readonly Option[] = [
  ['', '(any)'],
  ...['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].map((name): Option => [name, name])
]

/** The fields of a fault, with what was entered before. */
export function faultFields(entered: URLSearchParams): Html {
  const value = (name: string, otherwise = '') => entered.get(name) ?? otherwise
  const checked = entered.has('committed') ? html` checked` : html``
  return html`<div class="fields">${selectField('kind', 'Fault', FAULT_KINDS, value('kind'))}${selectField('method', 'Method', METHODS, value('method'))}${inputField('path', 'Path contains', value('path'))}${inputField('nth', 'From matching request number', value('nth', '1'), 'number')}${inputField('times', 'How many requests (empty: all)', value('times', '1'), 'number')}${inputField('status', 'Status', value('status'), 'number')}${inputField('message', 'Message', value('message'))}${inputField('retry_after', 'Retry after (seconds)', value('retry_after'), 'number')}${inputField('delay', 'Delay (milliseconds)', value('delay'), 'number')}<div><label for="committed"><input id="committed" name="committed" type="checkbox" value="true"${checked}> The request is processed all the same</label></div></div>`
}

/** @throws Refusal for text that is not a whole number of at least `minimum` */
function wholeNumber(form: URLSearchParams, name: string, label: string, minimum = 0): number | undefined {
  const text = (form.get(name) ?? '').trim()
  if (text === '') return undefined
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < minimum)
    throw new Refusal(`${label} must be a whole number of ${minimum} or more, not "${text}".`, 422)
  return number
}

/** The fields of a kind that has some of its own. */
function ownFields(form: URLSearchParams, kind: string): Record<string, unknown> {
  const status = wholeNumber(form, 'status', 'Status', 200)
  const retryAfterSeconds = wholeNumber(form, 'retry_after', 'Retry after')
  const message = (form.get('message') ?? '').trim()
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  switch (kind) {
    case 'latency':
      return { ms: wholeNumber(form, 'delay', 'Delay') ?? 1000 }
    case 'rate-limited':
      return retry
    case 'unavailable': {
      const known = [undefined, 200, 404, 502, 503, 504]
      if (!known.includes(status))
        throw new Refusal('The status of this page is 200, 404, 502, 503 or 504.', 422)
      return { ...retry, ...(status !== undefined && { status }) }
    }
    case 'error':
      if ((status ?? 500) > 599) throw new Refusal('Status must be from 200 to 599.', 422)
      return { status: status ?? 500, message: message === '' ? 'Error' : message }
    case 'business-rule':
      return message === '' ? {} : { rule: message }
    default:
      return {}
  }
}

/**
 * The fault that a form describes.
 * @throws Refusal for an unknown kind, or a number out of range
 */
export function faultFrom(form: URLSearchParams): FaultSpec {
  const kind = form.get('kind') ?? ''
  if (!FAULT_KINDS.some(([known]) => known === kind))
    throw new Refusal(`There is no fault of kind "${kind}".`, 422)
  const method = form.get('method') ?? ''
  const path = (form.get('path') ?? '').trim()
  return {
    kind,
    ...ownFields(form, kind),
    ...(method !== '' && { method }),
    ...(path !== '' && { path }),
    nth: wholeNumber(form, 'nth', 'From matching request number', 1) ?? 1,
    times: wholeNumber(form, 'times', 'How many requests', 1) ?? Number.POSITIVE_INFINITY,
    ...(form.has('committed') && { committed: true })
  } as FaultSpec
}
