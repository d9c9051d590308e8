import { definitionOf } from '../dictionary/tables.ts'
import { mayRead } from '../engine/acl.ts'
import { matchChoice } from '../engine/choices.ts'
import { findByDisplayValue } from '../engine/display.ts'
import type { Row } from '../engine/store.ts'
import { select, type UsableQuery, usableQuery } from '../query/evaluate.ts'
import type { Context } from '../server/context.ts'
import { type HttpResponse, jsonResponse } from '../server/response.ts'
import { badRequest } from './find.ts'
import { typedRecord } from './typed.ts'

const DEFAULT_LIMIT = 500

/** Query parameters that are not filters. */
const RESERVED_PARAMETERS = ['sysparm_query', 'sysparm_limit', 'sysparm_offset', 'textSearch', 'order']

/** The stored value of a `name=value` filter, which may also be a display value. */
function filterValue({ engine }: Context, table: string, name: string, text: string): string {
  const field = definitionOf(table).fields.get(name)
  if (field?.target) return findByDisplayValue(engine, field.target, text)?.sys_id ?? text
  return (field && matchChoice(engine.store, field, text)) ?? text
}

/** The filters as an encoded query: `number=CHG1,CHG2` becomes `numberINCHG1,CHG2`. */
function queryFromParameters(context: Context, { table, parameters = [] }: ListOptions): string {
  const terms: string[] = []
  for (const [name, text] of context.request.query) {
    if (RESERVED_PARAMETERS.includes(name) || parameters.includes(name) || name.startsWith('sysparm_'))
      continue
    const values = text.split(',').map(one => filterValue(context, table, name, one))
    terms.push(`${name}IN${values.join(',').replaceAll('^', '^^')}`)
  }
  return terms.join('^')
}

/** @throws HttpError 400 when the parameter is not a whole number of 0 or more */
function wholeNumber(context: Context, name: string, fallback: number): number {
  const text = context.request.query.get(name)
  if (text === null || text === '') return fallback
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw badRequest(`Invalid value for ${name}: ${text}`)
  return number
}

/** Whether number, name and descriptions contain every word of the text. */
function containsWords(row: Row, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/)
  const content = [row.number, row.short_description, row.description, row.name].join(' ').toLowerCase()
  return words.every(word => content.includes(word))
}

/** Offset N skips N - 1 rows, as on a stock instance: offsets 0 and 1 return the same page. */
function pageOf(context: Context, rows: Row[]): Row[] {
  const skipped = Math.max(wholeNumber(context, 'sysparm_offset', 0) - 1, 0)
  return rows.slice(skipped, skipped + wholeNumber(context, 'sysparm_limit', DEFAULT_LIMIT))
}

export interface ListOptions {
  readonly table: string
  /** Terms that every row must match, such as `type=normal`. */
  readonly fixed?: string
  /** Field to sort by. Default `number`. */
  readonly order?: string
  /** Query parameters that are not filters, beside those of every list. */
  readonly parameters?: readonly string[]
}

function listQuery(context: Context, options: ListOptions): UsableQuery {
  const { table, fixed = '', order = 'number' } = options
  const given = context.request.query.get('sysparm_query') || queryFromParameters(context, options)
  const orderBy = `ORDERBY${context.request.query.get('order') ?? order}`
  // The fixed terms are repeated in every alternative: each `^NQ` starts a new one without them.
  const restricted = fixed === '' ? given : given.replaceAll(/(?<!\^)\^NQ/g, `^NQ${fixed}^`)
  return usableQuery(table, [fixed, restricted, orderBy].filter(part => part !== '').join('^'))
}

/** A list in the format of this API: the records, and a last element with the query that was applied. */
export function listResponse(context: Context, options: ListOptions): HttpResponse {
  const { engine, actor, request } = context
  const query = listQuery(context, options)
  const search = request.query.get('textSearch')
  const rows = select(engine, actor, options.table, query)
    .filter(row => mayRead(engine, actor, options.table, row))
    .filter(row => !search || containsWords(row, search))
  const records = pageOf(context, rows).map(row => typedRecord(context, options.table, row))
  const meta = {
    encodedQuery: query.encoded,
    fields: { applied: query.applied, ignored: query.ignored }
  }
  return jsonResponse(200, { result: [...records, { __meta: meta }] })
}
