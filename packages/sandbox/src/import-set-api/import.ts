import { definitionOf, TABLES } from '../dictionary/tables.ts'
import { hasRole } from '../engine/actor.ts'
import { insertWithoutRules, updateWithoutRules } from '../engine/records.ts'
import type { Row, Values } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { asText, jsonBody } from '../server/request.ts'
import { HttpError, type HttpResponse, jsonResponse, recordNotFound } from '../server/response.ts'

/** How the rows of a staging table become records of another one. */
interface TransformMap {
  readonly name: string
  readonly target: string
  /** The field by which an existing record is found. */
  readonly coalesce: string
  readonly mandatory: string
}

const MAPS: Readonly<Record<string, TransformMap>> = {
  u_deployment_event: {
    name: 'Deployment events',
    target: 'u_deployment',
    coalesce: 'u_delivery',
    mandatory: 'u_environment'
  }
}

/** The Import Set API. @param row its sys_id; undefined for the table */
export function importSetApi(context: Context, table: string, row: string | undefined): HttpResponse {
  return row === undefined ? importRow(context, table) : readImported(context, table, row)
}

/** `GET /api/now/import/{table}/{row}`: a staged row. @throws HttpError 400 for a table that is no staging table, 404 */
function readImported({ engine }: Context, table: string, sysId: string): HttpResponse {
  if (MAPS[table] === undefined) throw new HttpError(400, `Invalid table ${table}`)
  const row = engine.store.get(table, sysId)
  if (row === undefined) throw recordNotFound()
  return jsonResponse(200, { import_set: row.sys_import_set, staging_table: table, result: [row] })
}

/**
 * `POST /api/now/import/{table}`: stages a row and transforms it. The status of the response says nothing of the
 * transformation; each row has its own.
 * @throws HttpError 400 for a table that is no staging table, 403 without a role of import sets
 */
function importRow(context: Context, table: string): HttpResponse {
  const { engine, actor, request } = context
  const map = MAPS[table]
  if (map === undefined || !TABLES.has(table)) throw new HttpError(400, `Invalid table ${table}`)
  if (request.method !== 'POST')
    throw new HttpError(405, 'Method not supported', `${request.method} is not supported here.`)
  if (!hasRole(actor, 'import_set_loader', 'import_transformer'))
    throw new HttpError(403, 'User Not Authorized', 'Failed API level ACL Validation')
  const set = insertWithoutRules(engine, 'sys_import_set', { table_name: table, state: 'loaded' }, actor)
  const values = sentValues(context, table)
  const { result, state } = transform(context, map, values)
  insertWithoutRules(engine, table, { ...values, sys_import_set: set.sys_id, sys_import_state: state }, actor)
  return jsonResponse(201, { import_set: set.number, staging_table: table, result: [result] })
}

/** Columns of the table; what is no text becomes one. */
function sentValues({ request }: Context, table: string): Values {
  const { fields } = definitionOf(table)
  const sent = Object.entries(jsonBody(request)).filter(([name]) => name.startsWith('u_') && fields.has(name))
  return Object.fromEntries(sent.map(([name, value]) => [name, asText(value)]))
}

function transform(
  { engine, actor, request }: Context,
  map: TransformMap,
  values: Values
): { readonly result: object; readonly state: string } {
  const { name, target, coalesce, mandatory } = map
  const shared = { transform_map: name, table: target }
  if (!values[mandatory]) {
    const message = `Target record could not be saved: ${mandatory} is mandatory`
    return { result: { ...shared, status: 'error', error_message: message }, state: 'error' }
  }
  const known = engine.store
    .rows(target)
    .find(row => row[coalesce] !== '' && row[coalesce] === values[coalesce])
  const status = known === undefined ? 'inserted' : isSame(known, values) ? 'ignored' : 'updated'
  if (known !== undefined) updateWithoutRules(engine, target, known.sys_id, values, actor)
  const { sys_id } = known ?? insertWithoutRules(engine, target, values, actor)
  const result = {
    ...shared,
    display_name: coalesce,
    display_value: values[coalesce],
    record_link: `${request.origin}/api/now/table/${target}/${sys_id}`,
    status,
    sys_id
  }
  return { result, state: status }
}

function isSame(row: Row, values: Values): boolean {
  return Object.entries(values).every(([name, value]) => row[name] === value)
}
