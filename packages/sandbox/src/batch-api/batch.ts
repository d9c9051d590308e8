import type { Context } from '../server/context.ts'
import { buffered } from '../server/reply.ts'
import { type HttpRequest, jsonBody, requestFrom } from '../server/request.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'

/** One of the requests of a batch, as it is sent. */
interface BatchItem {
  readonly id: string
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly excludeHeaders: boolean
}

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type'
}

function badBatch(detail: string): HttpError {
  return new HttpError(400, 'Bad Request', detail)
}

const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value))

function headersOf(value: unknown): Record<string, string> {
  const list = Array.isArray(value) ? value : []
  return Object.fromEntries(
    list.map((one: { name?: unknown; value?: unknown } | null) => [
      textOf(one?.name).toLowerCase(),
      textOf(one?.value)
    ])
  )
}

/** @throws HttpError 400 for an entry without id, method or relative URL */
function itemFrom(value: unknown): BatchItem {
  const sent = (value ?? {}) as Readonly<Record<string, unknown>>
  const [id, method, url] = [textOf(sent.id), textOf(sent.method), textOf(sent.url)]
  if (id === '' || method === '') throw badBatch('Each request of rest_requests needs id, method and url.')
  if (!/^\/(?!\/)/.test(url)) throw badBatch(`The url of request ${id} must begin with one slash.`)
  return {
    id,
    method,
    url,
    headers: headersOf(sent.headers),
    body: Buffer.from(textOf(sent.body), 'base64'),
    excludeHeaders: textOf(sent.exclude_response_headers) === 'true'
  }
}

function requestOfItem({ request }: Context, { method, url, headers, body }: BatchItem): HttpRequest {
  try {
    return requestFrom({ method, url: request.origin + url, headers, body })
  } catch {
    throw badBatch(`The url of a request is not valid: ${url}`)
  }
}

function servicedItem(item: BatchItem, response: HttpResponse): Record<string, unknown> {
  const { status, headers, body } = buffered(response)
  return {
    id: item.id,
    body: body.toString('base64'),
    status_code: status,
    status_text: STATUS_TEXTS[status] ?? '',
    headers: item.excludeHeaders ? [] : Object.entries(headers).map(([name, value]) => ({ name, value })),
    execution_time: 1
  }
}

/**
 * `POST /api/now/batch`: several requests of the same account, one after the other. One that fails does not stop the
 * others, and the response is 200.
 * @param serve runs a request as the account of the batch; its errors are responses
 * @throws HttpError 400 for a body that is no batch
 */
export function runBatch(context: Context, serve: (request: HttpRequest) => HttpResponse): HttpResponse {
  if (context.request.method !== 'POST') {
    throw new HttpError(405, 'Method not supported', `${context.request.method} is not supported here.`)
  }
  const { batch_request_id: id, rest_requests: sent } = jsonBody(context.request)
  if (!Array.isArray(sent)) throw badBatch('rest_requests must be a list of requests.')
  const items = sent.map(itemFrom).map(item => ({ item, request: requestOfItem(context, item) }))
  return jsonResponse(200, {
    batch_request_id: textOf(id),
    serviced_requests: items.map(({ item, request }) => servicedItem(item, serve(request))),
    unserviced_requests: []
  })
}
