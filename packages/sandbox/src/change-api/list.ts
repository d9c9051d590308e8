import { definitionOf } from '../dictionary/tables.ts'
import { mayRead } from '../engine/acl.ts'
import { choiceMatching } from '../engine/choices.ts'
import { recordNamed } from '../engine/display.ts'
import type { Row } from '../engine/store.ts'
import { select, type UsableQuery, usableQuery } from '../query/evaluate.ts'
import type { Context } from '../server/context.ts'
import { jsonReply, type Reply } from '../server/reply.ts'
import { badRequest } from './find.ts'
import { typedRecord } from './typed.ts'

const DEFAULT_LIMIT = 500

const OWN_PARAMETERS = ['sysparm_query', 'sysparm_limit', 'sysparm_offset', 'textSearch', 'order']

/** A `name=value` filter accepts what is shown, too. */
function filterValue({ engine }: Context, table: string, name: string, text: string): string {
  const field = definitionOf(table).fields.get(name)
  if (field?.target) return recordNamed(engine, field.target, text)?.sys_id ?? text
  return (field && choiceMatching(engine.store, field, text)) ?? text
}

/** `number=CHG1,CHG2` becomes `numberINCHG1,CHG2`. */
function queryFromParameters(context: Context, table: string): string {
  const terms: string[] = []
  for (const [name, text] of context.request.query) {
    if (OWN_PARAMETERS.includes(name) || name.startsWith('sysparm_')) continue
    const values = text.split(',').map(one => filterValue(context, table, name, one))
    terms.push(`${name}IN${values.join(',').replaceAll('^', '^^')}`)
  }
  return terms.join('^')
}

function whole(context: Context, name: string, fallback: number): number {
  const text = context.request.query.get(name)
  if (text === null || text === '') return fallback
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw badRequest(`Invalid value for ${name}: ${text}`)
  return number
}

function mentions(row: Row, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/)
  const content = [row.number, row.short_description, row.description, row.name].join(' ').toLowerCase()
  return words.every(word => content.includes(word))
}

/** Offset N skips N - 1 rows, as the stock code does: 0 and 1 give the same first row. */
function page(context: Context, rows: Row[]): Row[] {
  const skipped = Math.max(whole(context, 'sysparm_offset', 0) - 1, 0)
  return rows.slice(skipped, skipped + whole(context, 'sysparm_limit', DEFAULT_LIMIT))
}

export interface ListOptions {
  readonly table: string
  /** Terms every row must meet, such as `type=normal`. */
  readonly fixed?: string
  readonly order?: string
}

function listQuery(context: Context, { table, fixed = '', order = 'number' }: ListOptions): UsableQuery {
  const given = context.request.query.get('sysparm_query') || queryFromParameters(context, table)
  const orderBy = `ORDERBY${context.request.query.get('order') ?? order}`
  // The fixed part is repeated in every alternative, so that `^NQ` cannot escape it.
  const confined = fixed === '' ? given : given.replaceAll(/(?<!\^)\^NQ/g, `^NQ${fixed}^`)
  return usableQuery(table, [fixed, confined, orderBy].filter(part => part !== '').join('^'))
}

/** A list in this API's dialect: records, and always one more element that tells what became of the query. */
export function listReply(context: Context, options: ListOptions): Reply {
  const { engine, actor, request } = context
  const query = listQuery(context, options)
  const search = request.query.get('textSearch')
  const rows = select(engine, actor, options.table, query)
    .filter(row => mayRead(engine, actor, options.table, row))
    .filter(row => !search || mentions(row, search))
  const records = page(context, rows).map(row => typedRecord(context, options.table, row))
  const meta = {
    encodedQuery: query.encoded,
    fields: { applied: query.applied, ignored: query.ignored }
  }
  return jsonReply(200, { result: [...records, { __meta: meta }] })
}
