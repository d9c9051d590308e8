import { clientProblem } from '../problems/codes.ts'
import type { Query } from '../query/query.ts'
import { type Fields, toFields } from './fields.ts'

/** The record of a single response; a one-element list counts as one (the documentation shows both). */
export function oneRecord(body: unknown, operation: string): Record<string, unknown> {
  const result = resultOf(body)
  const record = Array.isArray(result) ? result[0] : result
  if (typeof record === 'object' && record !== null && !Array.isArray(record))
    return record as Record<string, unknown>
  throw clientProblem('unexpected', { operation, message: 'the response holds no record' })
}

/** The rows of a list response, without the `__meta` element that ends lists of the Change Management API. */
export function rowsOf(body: unknown, operation: string): Record<string, unknown>[] {
  const result = resultOf(body)
  if (!Array.isArray(result))
    throw clientProblem('unexpected', { operation, message: 'the response holds no list' })
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
 *
 * @throws Problem `query-ignored`
 */
export function accepted(
  query: Query,
  rows: readonly Record<string, unknown>[],
  operation: string
): Fields[] {
  const records = rows.map(toFields)
  const wrong = records.find(record => !query.accepts(record))
  if (wrong === undefined) return records
  const unreadable = query.fields.filter(field => wrong[field] === undefined)
  throw clientProblem('query-ignored', { operation, fields: query.fields, unreadable })
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
