import { ServiceNowError } from '../errors/servicenow-error.ts'
import type { Query } from '../query/query.ts'
import { type Fields, toFields } from './fields.ts'

/** The record of a single answer; a one-element list counts as one (the documentation shows both). */
export function oneRecord(body: unknown, doing: string): Record<string, unknown> {
  const result = resultOf(body)
  const record = Array.isArray(result) ? result[0] : result
  if (typeof record === 'object' && record !== null && !Array.isArray(record))
    return record as Record<string, unknown>
  throw new ServiceNowError('unexpected', { doing, answer: 'the answer holds no record' })
}

/** The rows of a list answer, without the `__meta` element that ends lists of the Change Management API. */
export function rowsOf(body: unknown, doing: string): Record<string, unknown>[] {
  const result = resultOf(body)
  if (!Array.isArray(result))
    throw new ServiceNowError('unexpected', { doing, answer: 'the answer holds no list' })
  return result.filter(
    row => typeof row === 'object' && row !== null && (row as { sys_id?: unknown }).sys_id !== undefined
  )
}

function resultOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'result' in body
    ? (body as { result: unknown }).result
    : body
}

/**
 * The rows that satisfy the query. Rows that do not show that the instance dropped a term it does not know or
 * the account may not read, so that "no match" cannot be trusted either.
 */
export function accepted(query: Query, rows: readonly Record<string, unknown>[], doing: string): Fields[] {
  const records = rows.map(toFields)
  const foreign = records.find(record => !query.accepts(record))
  if (foreign !== undefined) {
    const unread = query.fields.filter(field => foreign[field] === undefined)
    throw new ServiceNowError('unexpected', {
      doing,
      answer: `the instance returned records that do not match${unread.length > 0 ? ` (not readable: ${unread.join(', ')})` : ''}`,
      fix: `let the service account read and query ${query.fields.join(', ')}`
    })
  }
  return records
}

/** Fields the Change Management API says it left out of a query. */
export function ignoredInQuery(body: unknown): readonly string[] {
  const result = resultOf(body)
  if (!Array.isArray(result)) return []
  const meta = result
    .map(row => (row as { __meta?: { fields?: { ignored?: unknown } } } | null)?.__meta)
    .find(Boolean)
  const ignored = meta?.fields?.ignored
  return Array.isArray(ignored) ? ignored.map(String) : []
}
