import { definitionOf } from '../dictionary/tables.ts'
import { mayRead, mayReadTable } from '../engine/acl.ts'
import { select, usableQuery } from '../query/evaluate.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'
import { formatRecord, requestedFormat } from './format.ts'
import { type Paging, paging, pagingHeaders } from './paging.ts'

/** The encoded query: `sysparm_query`, or else the `name=value` parameters. */
export function queryFrom({ request }: Context): string {
  const encoded = request.query.get('sysparm_query')
  if (encoded) return encoded
  const filters = [...request.query].filter(([name]) => !name.startsWith('sysparm_'))
  return filters.map(([name, value]) => `${name}=${value.replaceAll('^', '^^')}`).join('^')
}

/** @throws HttpError 403 for a table without read access, with `deniedLookups: 'forbidden'` */
function requireTableAccess({ engine, actor }: Context, table: string): void {
  if (engine.settings.deniedLookups !== 'forbidden' || mayReadTable(engine, actor, table)) return
  throw new HttpError(
    403,
    'Insufficient rights to query records',
    'Fields present in the query do not have permission to be read'
  )
}

/**
 * `GET /table/{table}`. The limit is applied before the access rules, so a short or empty page may not be the last.
 * @throws HttpError 404 when there are no rows in v1, 403 for a table without read access
 */
export function listRecords(context: Context, table: string, version: string | undefined): HttpResponse {
  definitionOf(table)
  requireTableAccess(context, table)
  const { engine, actor } = context
  const selected = select(engine, actor, table, usableQuery(table, queryFrom(context)))
  const page: Paging = paging(context)
  const rows = selected.slice(page.offset, page.offset + page.limit)
  const readableRows = rows.filter(row => mayRead(engine, actor, table, row))
  if (version === 'v1' && readableRows.length === 0) {
    throw new HttpError(
      404,
      'No Record found',
      'Records matching query not found. Check query parameter or offset parameter'
    )
  }
  const format = requestedFormat(context)
  const result = readableRows.map(row => formatRecord(context, table, row, format))
  return jsonResponse(200, { result }, pagingHeaders(context, page, selected.length))
}
