import { EXTENSIONS } from '../dictionary/tables.ts'
import { mayCreate, mayDelete, mayRead, mayWrite } from '../engine/acl.ts'
import { type Engine, RuleAbort } from '../engine/engine.ts'
import { deleteRecord, insertRecord, updateRecord } from '../engine/records.ts'
import type { Row, Values } from '../engine/store.ts'
import { templateValues } from '../engine/templates.ts'
import type { Context } from '../server/context.ts'
import { jsonBody } from '../server/request.ts'
import {
  emptyResponse,
  HttpError,
  type HttpResponse,
  jsonResponse,
  recordNotFound
} from '../server/response.ts'
import { formatRecord, requestedFormat } from './format.ts'
import { requestValues } from './write.ts'

function accessDenied(operation: 'Insert' | 'Update' | 'Delete'): HttpError {
  return new HttpError(
    403,
    'Operation Failed',
    `ACL Exception ${operation} Failed due to security constraints`
  )
}

/**
 * Runs a write.
 * @throws HttpError 403 when a rule refuses it; this API puts the text of the rule in `detail`
 */
function reportRuleAbort<T>(write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (!(error instanceof RuleAbort)) throw error
    throw new HttpError(403, 'Operation Failed', error.message)
  }
}

/** The record in the requested format; no body with `X-No-Response-Body: true`. */
function recordResponse(
  context: Context,
  status: number,
  table: string,
  row: Row,
  headers: Record<string, string> = {}
): HttpResponse {
  if (context.request.headers['x-no-response-body']?.toLowerCase() === 'true')
    return emptyResponse(status, headers)
  return jsonResponse(
    status,
    { result: formatRecord(context, table, row, requestedFormat(context)) },
    headers
  )
}

/** @throws HttpError 404 when there is no such record, or the account may not read it */
function requireRecord({ engine, actor }: Context, table: string, sysId: string): Row {
  const row = engine.store.get(table, sysId)
  if (!row || !mayRead(engine, actor, table, row)) throw recordNotFound()
  return row
}

/** The table of a record that was addressed by the table it extends. */
function tableOfRecord(table: string, row: Row): string {
  return table in EXTENSIONS ? (row.sys_class_name ?? table) : table
}

/** `GET /table/{table}/{id}` */
export function readRecord(context: Context, table: string, sysId: string): HttpResponse {
  return recordResponse(context, 200, table, requireRecord(context, table, sysId))
}

/** The values without the state of a change: this API creates changes in New. */
function withoutState(table: string, values: Values): Values {
  if (table !== 'change_request') return values
  const { state: _, ...rest } = values
  return rest
}

/** A sys_id that is sent with a new record is kept, where no other record has it. */
function ownSysId({ engine, request }: Context, table: string): Values {
  const { sys_id: own } = jsonBody(request)
  const isFree = typeof own === 'string' && /^[0-9a-f]{32}$/i.test(own) && !engine.store.get(table, own)
  return isFree ? { sys_id: own } : {}
}

/** What a new standard change gets from the template that it names; what is sent counts before it. */
function templateOf({ store }: Engine, table: string, sent: Readonly<Record<string, unknown>>): Values {
  if (table !== 'change_request' || sent.type !== 'standard') return {}
  const version = store.get('std_change_producer_version', String(sent.std_change_producer_version))
  const template = version && store.get('std_change_record_producer', version.std_change_producer ?? '')
  return template ? templateValues(template) : {}
}

/** `POST /table/{table}` */
export function createRecord(context: Context, table: string): HttpResponse {
  const { engine, actor, request } = context
  if (table in EXTENSIONS || !mayCreate(actor, table)) throw accessDenied('Insert')
  const sent = { ...templateOf(engine, table, jsonBody(request)), ...requestValues(context, table) }
  const values = { ...withoutState(table, sent), ...ownSysId(context, table) }
  const row = reportRuleAbort(() => insertRecord(engine, actor, table, values))
  return recordResponse(context, 201, table, row, {
    Location: `${request.origin}/api/now/table/${table}/${row.sys_id}`
  })
}

/** `PATCH` and `PUT /table/{table}/{id}`: both change only the fields that are sent. */
export function updateRecordById(context: Context, tableInPath: string, sysId: string): HttpResponse {
  const { engine, actor, request } = context
  const before = requireRecord(context, tableInPath, sysId)
  const table = tableOfRecord(tableInPath, before)
  if (!mayWrite(actor, table, before)) throw accessDenied('Update')
  const sent = requestValues(context, table)
  const values = request.ignoreState ? withoutState('change_request', sent) : sent
  return recordResponse(
    context,
    200,
    table,
    reportRuleAbort(() => updateRecord(engine, actor, table, before, values))
  )
}

/** `DELETE /table/{table}/{id}`: 204 without a body. */
export function deleteRecordById(context: Context, tableInPath: string, sysId: string): HttpResponse {
  const table = tableOfRecord(tableInPath, requireRecord(context, tableInPath, sysId))
  if (!mayDelete(context.actor, table)) throw accessDenied('Delete')
  deleteRecord(context.engine, table, sysId)
  return emptyResponse(204)
}
