import { mayRead } from '../engine/acl.ts'
import { select, usableQuery } from '../query/evaluate.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'
import { dispatch, type Route } from '../server/router.ts'
import { queryFrom } from '../table-api/list.ts'
import { requireTable } from '../table-api/routes.ts'
import { type Group, groupRows, measured, selectGroups } from './groups.ts'
import { type AggregateRequest, aggregateRequest } from './request.ts'

type Stats = Record<string, string | Record<string, string>>

/** `{ count, avg: { field: … }, … }`, all values text. */
function statsOf(context: Context, table: string, group: Group, { measures }: AggregateRequest): Stats {
  const stats: Stats = {}
  for (const measure of measures) {
    const value = measured(context, table, group, measure)
    if (measure.name === 'count') stats.count = value
    else stats[measure.name] = { ...(stats[measure.name] as object), [measure.field]: value }
  }
  return stats
}

function groupFields({ values }: Group, display: AggregateRequest['display']): Record<string, string>[] {
  return [...values].map(([field, one]) => ({
    value: display === 'true' ? one.display : one.value,
    field,
    ...(display === 'all' && { display_value: one.display })
  }))
}

/**
 * `GET /stats/{table}`: one object, or a list of groups when there are fields to group by.
 * @throws HttpError 403 when the account may not read one of the records
 */
function readStats(context: Context, table: string): HttpResponse {
  const { engine, actor } = context
  const request = aggregateRequest(context.request, table)
  const rows = select(engine, actor, table, usableQuery(table, queryFrom(context)))
  if (!rows.every(row => mayRead(engine, actor, table, row))) {
    throw new HttpError(403, 'Operation Failed', 'ACL restricts the record retrieval')
  }
  const groups = selectGroups(context, table, groupRows(context, table, rows, request.groupBy), request)
  if (request.groupBy.length === 0) {
    const [all] = groups
    return jsonResponse(200, { result: { stats: all ? statsOf(context, table, all, request) : {} } })
  }
  const result = groups.map(group => ({
    stats: statsOf(context, table, group, request),
    groupby_fields: groupFields(group, request.display)
  }))
  return jsonResponse(200, { result })
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: '{table}', handle: (context, { table }) => readStats(context, requireTable(table)) }
]

/**
 * The Aggregate API.
 * @param path the path below `/stats/`
 * @throws HttpError for an unknown table, path or method, and for requests that fail
 */
export function aggregateApi(context: Context, path: string): HttpResponse {
  return dispatch(ROUTES, context, path)
}
