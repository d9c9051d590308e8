import { TABLES } from '../dictionary/tables.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type Reply } from '../server/reply.ts'
import { dispatch, type Route } from '../server/router.ts'
import { listRecords } from './list.ts'
import { createRecord, deleteOne, readRecord, updateOne } from './records.ts'

function known(table = ''): string {
  if (!TABLES.has(table)) throw new HttpError(400, `Invalid table ${table}`)
  return table
}

const one = '{table}/{id}'

function routes(version: string | undefined): Route[] {
  return [
    { method: 'GET', path: '{table}', handle: (c, p) => listRecords(c, known(p.table), version) },
    { method: 'HEAD', path: '{table}', handle: (c, p) => listRecords(c, known(p.table), version) },
    { method: 'POST', path: '{table}', handle: (c, p) => createRecord(c, known(p.table)) },
    { method: 'GET', path: one, handle: (c, p) => readRecord(c, known(p.table), p.id ?? '') },
    { method: 'HEAD', path: one, handle: (c, p) => readRecord(c, known(p.table), p.id ?? '') },
    { method: 'PATCH', path: one, handle: (c, p) => updateOne(c, known(p.table), p.id ?? '') },
    { method: 'PUT', path: one, handle: (c, p) => updateOne(c, known(p.table), p.id ?? '') },
    { method: 'DELETE', path: one, handle: (c, p) => deleteOne(c, known(p.table), p.id ?? '') }
  ]
}

/**
 * The Table API.
 * @param version `v1` and `v2` differ in what an empty list looks like; absent is the default, v2
 * @param path what follows `/table/`
 */
export function tableApi(context: Context, version: string | undefined, path: string): Reply {
  return dispatch(routes(version), context, path)
}
