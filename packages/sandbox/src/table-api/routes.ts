import { TABLES } from '../dictionary/tables.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse } from '../server/response.ts'
import { dispatch, type Route } from '../server/router.ts'
import { listRecords } from './list.ts'
import { createRecord, deleteRecordById, readRecord, updateRecordById } from './records.ts'

/** @throws HttpError 400 for an unknown table */
export function requireTable(table = ''): string {
  if (!TABLES.has(table)) throw new HttpError(400, `Invalid table ${table}`)
  return table
}

const RECORD = '{table}/{id}'

function routes(version: string | undefined): Route[] {
  return [
    { method: 'GET', path: '{table}', handle: (c, p) => listRecords(c, requireTable(p.table), version) },
    { method: 'HEAD', path: '{table}', handle: (c, p) => listRecords(c, requireTable(p.table), version) },
    { method: 'POST', path: '{table}', handle: (c, p) => createRecord(c, requireTable(p.table)) },
    { method: 'GET', path: RECORD, handle: (c, p) => readRecord(c, requireTable(p.table), p.id ?? '') },
    { method: 'HEAD', path: RECORD, handle: (c, p) => readRecord(c, requireTable(p.table), p.id ?? '') },
    {
      method: 'PATCH',
      path: RECORD,
      handle: (c, p) => updateRecordById(c, requireTable(p.table), p.id ?? '')
    },
    { method: 'PUT', path: RECORD, handle: (c, p) => updateRecordById(c, requireTable(p.table), p.id ?? '') },
    {
      method: 'DELETE',
      path: RECORD,
      handle: (c, p) => deleteRecordById(c, requireTable(p.table), p.id ?? '')
    }
  ]
}

const V1 = routes('v1')
const V2 = routes('v2')

/**
 * The Table API.
 * @param version `v1` or `v2`, which differ in the response for an empty list; default v2
 * @param path the path below `/table/`
 * @throws HttpError for an unknown table, path or method, and for requests that fail
 */
export function tableApi(context: Context, version: string | undefined, path: string): HttpResponse {
  return dispatch(version === 'v1' ? V1 : V2, context, path)
}
