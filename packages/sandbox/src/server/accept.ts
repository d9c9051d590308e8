import type { HttpRequest } from './request.ts'
import { HttpError } from './response.ts'

/** Media ranges that JSON is in. */
const JSON_RANGES = ['*/*', 'application/*', 'application/json', 'text/json']

/** The file of an attachment is sent as what it is. */
const FILE = /\/attachment\/[^/]{1,64}\/file$/

/**
 * The APIs write JSON only. A missing or empty `Accept` stands for every type.
 * @throws HttpError 406 when the caller accepts no JSON, such as `application/xml` alone
 */
export function requireJsonAccepted({ path, headers }: HttpRequest): void {
  const accept = (headers.accept ?? '').trim()
  if (accept === '' || FILE.test(path)) return
  const ranges = accept.split(',').map(range => range.split(';')[0]?.trim().toLowerCase() ?? '')
  if (ranges.some(range => JSON_RANGES.includes(range) || range.endsWith('+json'))) return
  throw new HttpError(
    406,
    'Not acceptable',
    `None of the accepted types is supported: ${accept}. Use application/json.`
  )
}
