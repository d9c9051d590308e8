import { definitionOf } from '../dictionary/tables.ts'
import { mayRead, mayReadTable } from '../engine/acl.ts'
import { select, usableQuery } from '../query/evaluate.ts'
import type { Context } from '../server/context.ts'
import { HttpError, jsonReply, type Reply } from '../server/reply.ts'
import { type Paging, paging, pagingHeaders } from './paging.ts'
import { shaped, shapeFrom } from './shape.ts'

/** `name=value` parameters, used when there is no `sysparm_query`. */
function queryFrom({ request }: Context): string {
  const encoded = request.query.get('sysparm_query')
  if (encoded) return encoded
  const filters = [...request.query].filter(([name]) => !name.startsWith('sysparm_'))
  return filters.map(([name, value]) => `${name}=${value.replaceAll('^', '^^')}`).join('^')
}

/** The look-up tables an account cannot read give no rows, or are refused outright. */
function refuseDenied({ engine, actor }: Context, table: string): void {
  if (engine.settings.deniedLookups !== 'forbidden' || mayReadTable(actor, table)) return
  throw new HttpError(
    403,
    'Insufficient rights to query records',
    'Fields present in the query do not have permission to be read'
  )
}

/** `GET /table/{t}`: the limit is applied before the access rules, so a page may be short, or empty, without being the last. */
export function listRecords(context: Context, table: string, version: string | undefined): Reply {
  definitionOf(table)
  refuseDenied(context, table)
  const { engine, actor } = context
  const selected = select(engine, actor, table, usableQuery(table, queryFrom(context)))
  const page: Paging = paging(context)
  const window = selected.slice(page.offset, page.offset + page.limit)
  const readable = window.filter(row => mayRead(engine, actor, table, row))
  if (version === 'v1' && readable.length === 0) {
    throw new HttpError(
      404,
      'No Record found',
      'Records matching query not found. Check query parameter or offset parameter'
    )
  }
  const shape = shapeFrom(context)
  const result = readable.map(row => shaped(context, table, row, shape))
  return jsonReply(200, { result }, pagingHeaders(context, page, selected.length))
}
