/** An exchange as it is stored: without secrets, tokens, names and mail addresses. */
import { isFieldOfUsers, isFreeText, isPersonField, isSecretField, isUserPath } from './fields.ts'
import { type Known, SECRET } from './known.ts'
import { decodedJson } from './learn.ts'
import { mapTexts, type ParsedBody, type RawExchange, requestBody, responseBody } from './raw.ts'
import type { Body, Exchange } from './recording.ts'

/** Headers that say how a request is to be understood. All others are left out. */
const OF_REQUEST = [
  'accept',
  'content-type',
  'x-no-response-body',
  'x-http-method-override',
  'authorization',
  'x-sn-apikey'
]
const OF_RESPONSE =
  /^(?:content-type|location|link|x-total-count|retry-after|x-ratelimit-[a-z-]{1,20}|www-authenticate|x-is-logged-in|allow)$/

/** The exchange without what is known to be secret or personal. */
export function redacted(known: Known, exchange: RawExchange): Exchange {
  const { request, response } = exchange
  const { path } = request
  const sent = storedBody(known, requestBody(exchange), path)
  const received = storedBody(known, responseBody(exchange), path)
  return {
    request: {
      method: request.method,
      path: redactedPath(known, path),
      headers: headersOf(known, request.headers, name => OF_REQUEST.includes(name)),
      ...(sent && { body: sent })
    },
    response: {
      status: response.status,
      headers: headersOf(known, response.headers, name => OF_RESPONSE.test(name)),
      ...(received && { body: received })
    }
  }
}

function headersOf(
  known: Known,
  headers: Readonly<Record<string, string>>,
  isKept: (name: string) => boolean
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => isKept(name))
      .map(([name, value]) => [name, headerValue(known, name, value)])
  )
}

function headerValue(known: Known, name: string, value: string): string {
  // How somebody signed in is no secret.
  if (name === 'authorization') return `${value.split(/\s+/, 1)[0]} ${SECRET}`
  if (isSecretField(name)) return SECRET
  if (name === 'location') return redactedPath(known, value)
  if (name === 'link') return linksOf(known, value)
  return known.replaced(value)
}

/** `<address>;rel="next",<address>…`: every other piece between angle brackets is an address. */
function linksOf(known: Known, value: string): string {
  return value
    .split(/([<>])/)
    .map((piece, index) => (index % 4 === 2 ? redactedPath(known, piece) : piece))
    .join('')
}

/**
 * A path or address with its query. Names in a query are found when it is decoded; it is stored encoded again.
 */
function redactedPath(known: Known, path: string): string {
  const [before = '', query] = path.split(/\?(.*)/s)
  if (query === undefined) return known.replaced(decodedPath(before))
  const stored = new URLSearchParams()
  for (const [name, value] of new URLSearchParams(query))
    stored.append(name, isSecretField(name) ? SECRET : known.replacedQuery(value))
  return `${known.replaced(decodedPath(before))}?${stored}`
}

function decodedPath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function storedBody(known: Known, body: ParsedBody, path: string): Body | undefined {
  if (body === undefined || 'bytes' in body) return body
  if ('json' in body) return { json: redactedJson(known, body.json, path) }
  const values = [...body.form].map(([name, value]) => [
    name,
    isSecretField(name) || name === 'client_id' ? SECRET : known.replaced(value, true)
  ])
  return { form: Object.fromEntries(values) }
}

function redactedJson(known: Known, json: unknown, path: string): unknown {
  const ofUsers = isUserPath(path)
  const own = isBatch(json) ? mapBatch(known, json) : json
  return mapTexts(own, (text, name) => {
    if (isSecretField(name) && text !== '') return SECRET
    const person = isPersonField(name) || (ofUsers && isFieldOfUsers(name))
    if (/^https?:\/\/[^\s?]{1,2000}\?/.test(text)) return redactedPath(known, text)
    return person ? known.replacedPeople(text) : known.replaced(text, isFreeText(name))
  })
}

type Batch = Readonly<Record<string, unknown>>
type Batched = Readonly<Record<string, unknown>>

function isBatch(json: unknown): json is Batch {
  const { rest_requests: sent, serviced_requests: served } = (json ?? {}) as Batch
  return Array.isArray(sent) || Array.isArray(served)
}

/** What is in base64 is decoded for it, and encoded again. */
function mapBatch(known: Known, batch: Batch): Batch {
  const map = (list: unknown) =>
    Array.isArray(list) ? list.map((one: Batched) => batchedOf(known, one)) : list
  return {
    ...batch,
    ...('rest_requests' in batch && { rest_requests: map(batch.rest_requests) }),
    ...('serviced_requests' in batch && { serviced_requests: map(batch.serviced_requests) })
  }
}

function batchedOf(known: Known, one: Batched): Batched {
  const { body, headers, url } = one
  const content = typeof body === 'string' ? decodedJson(body) : undefined
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
  return {
    ...one,
    ...(typeof url === 'string' && { url: redactedPath(known, url) }),
    // Of what is no JSON nothing is kept.
    ...(typeof body === 'string' && {
      body: content === undefined ? '' : encoded(redactedJson(known, content, String(url ?? '')))
    }),
    ...(Array.isArray(headers) && {
      headers: headers.map(({ name, value }: { name: unknown; value: unknown }) => ({
        name,
        value: isSecretField(String(name)) ? SECRET : value
      }))
    })
  }
}
