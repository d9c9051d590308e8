/** Finds names and secrets in an exchange. */
import { isFieldOfUsers, isPersonField, isSecretField, isUserPath } from './fields.ts'
import { type Known, OPERATORS } from './known.ts'
import { mapTexts, type ParsedBody, type RawExchange, requestBody, responseBody } from './raw.ts'

/** Adds what an exchange tells of people and secrets. */
export function learn(known: Known, exchange: RawExchange): void {
  const { headers, path } = exchange.request
  learnCredentials(known, headers)
  learnQuery(known, path)
  learnBody(known, requestBody(exchange), path)
  learnBody(known, responseBody(exchange), path)
}

function learnCredentials(known: Known, headers: Readonly<Record<string, string>>): void {
  const [scheme = '', credentials = ''] = (headers.authorization ?? '').split(/\s+/, 2)
  known.addSecret(credentials)
  if (scheme.toLowerCase() === 'basic') {
    const decoded = Buffer.from(credentials, 'base64').toString('utf8')
    const colon = decoded.indexOf(':')
    known.addPerson(decoded.slice(0, Math.max(0, colon)))
    known.addSecret(decoded.slice(colon + 1))
  }
  for (const [name, value] of Object.entries(headers)) if (isSecretField(name)) known.addSecret(value)
}

/** `user_name=anna.approver` in a query is a person. */
function learnQuery(known: Known, path: string): void {
  const query = new URLSearchParams(path.slice(path.indexOf('?') + 1))
  for (const [parameter, value] of query) {
    if (isSecretField(parameter)) known.addSecret(value)
    if (isPersonField(parameter)) known.addPerson(value)
    for (const term of value.split('^')) {
      const [name = '', , ...rest] = term.split(OPERATORS)
      const [field, text] = [name.replace(/^(?:NQ|OR)/, ''), rest.join('')]
      if (isPersonField(field) || (isUserPath(path) && isFieldOfUsers(field))) known.addPerson(text)
    }
  }
}

function learnBody(known: Known, body: ParsedBody, path: string): void {
  if (body === undefined || 'bytes' in body) return
  if ('form' in body) {
    for (const [name, value] of body.form) {
      if (isSecretField(name) || name === 'client_id') known.addSecret(value)
      if (name === 'username') known.addPerson(value)
    }
    return
  }
  learnJson(known, body.json, path)
}

/** Adds what a JSON value tells. Bodies in a batch are looked into, too. */
export function learnJson(known: Known, json: unknown, path: string): void {
  const ofUsers = isUserPath(path)
  mapTexts(json, (text, name) => {
    if (isSecretField(name)) known.addSecret(text)
    else if (isPersonField(name) || (ofUsers && isFieldOfUsers(name))) {
      if (!/^https?:/.test(text)) known.addPerson(text)
    }
    learnAuthors(known, text)
    return text
  })
  learnLinks(known, json)
  for (const { content, url } of batchedBodies(json)) learnJson(known, content, url)
}

/** A reference whose link leads to a user shows the name. */
function learnLinks(known: Known, json: unknown): void {
  if (typeof json !== 'object' || json === null) return
  const { link, display_value: shown } = json as { link?: unknown; display_value?: unknown }
  if (typeof link === 'string' && isUserPath(link) && typeof shown === 'string') known.addPerson(shown)
  for (const one of Object.values(json)) learnLinks(known, one)
}

/** A journal shows `2026-12-01 10:00:00 - Anna Approver (Work notes)` above each entry. */
function learnAuthors(known: Known, text: string): void {
  if (!text.includes(' - ')) return
  for (const line of text.split('\n')) {
    const [from, to] = [line.indexOf(' - '), line.lastIndexOf(' (')]
    const isHeading =
      /^\d/.test(line) && from > 0 && from <= MAX_DATE && to > from && line.trimEnd().endsWith(')')
    if (isHeading) known.addPerson(line.slice(from + ' - '.length, to))
  }
}

/** Characters of a date, in any format. */
const MAX_DATE = 30

/** The bodies in a batch, which are JSON in base64. */
export function batchedBodies(json: unknown): { readonly content: unknown; readonly url: string }[] {
  const { rest_requests: sent, serviced_requests: served } = (json ?? {}) as Record<string, unknown>
  return [sent, served].filter(Array.isArray).flatMap((list: readonly unknown[]) =>
    list.flatMap(one => {
      const { body, url } = one as { body?: unknown; url?: unknown }
      const content = typeof body === 'string' ? decodedJson(body) : undefined
      return content === undefined ? [] : [{ content, url: String(url ?? '') }]
    })
  )
}

/** The JSON in a base64 text; undefined where there is none. */
export function decodedJson(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  } catch {
    return undefined
  }
}
