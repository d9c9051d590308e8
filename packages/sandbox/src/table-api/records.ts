import { EXTENSIONS } from '../dictionary/tables.ts'
import { mayCreate, mayDelete, mayRead, mayWrite } from '../engine/acl.ts'
import { RuleAbort } from '../engine/engine.ts'
import { deleteRecord, insertRecord, updateRecord } from '../engine/records.ts'
import type { Row, Values } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { emptyReply, HttpError, jsonReply, notFound, type Reply } from '../server/reply.ts'
import { shaped, shapeFrom } from './shape.ts'
import { valuesFrom } from './write.ts'

function denied(what: 'Insert' | 'Update' | 'Delete'): HttpError {
  return new HttpError(403, 'Operation Failed', `ACL Exception ${what} Failed due to security constraints`)
}

/** A rule's refusal becomes 403 with the text in `detail`, where this API puts it. */
function orAbort<T>(write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (!(error instanceof RuleAbort)) throw error
    throw new HttpError(403, 'Operation Failed', error.message)
  }
}

/** Both headers are expected on writes. */
function demandHeaders({ request }: Context): void {
  const missing = ['accept', 'content-type'].filter(name => !request.headers[name])
  if (missing.length > 0) throw new HttpError(400, 'Bad Request', `Missing header: ${missing.join(', ')}`)
}

function reply(
  context: Context,
  status: number,
  table: string,
  row: Row,
  headers: Record<string, string> = {}
): Reply {
  if (context.request.headers['x-no-response-body'] === 'true') return emptyReply(status, headers)
  return jsonReply(status, { result: shaped(context, table, row, shapeFrom(context)) }, headers)
}

function find({ engine, actor }: Context, table: string, sysId: string): Row {
  const row = engine.store.get(table, sysId)
  if (!row || !mayRead(engine, actor, table, row)) throw notFound()
  return row
}

/** A record reached through the table it extends is written in its own. */
function classOf(table: string, row: Row): string {
  return table in EXTENSIONS ? (row.sys_class_name ?? table) : table
}

export function readRecord(context: Context, table: string, sysId: string): Reply {
  return reply(context, 200, table, find(context, table, sysId))
}

/** A change always starts in New here, whatever state is sent. */
function withoutState(table: string, values: Values): Values {
  if (table !== 'change_request') return values
  const { state: _, ...rest } = values
  return rest
}

export function createRecord(context: Context, table: string): Reply {
  const { engine, actor, request } = context
  demandHeaders(context)
  if (table in EXTENSIONS || !mayCreate(actor, table)) throw denied('Insert')
  const values = withoutState(table, valuesFrom(context, table))
  const row = orAbort(() => insertRecord(engine, actor, table, values))
  return reply(context, 201, table, row, {
    Location: `${request.origin}/api/now/table/${table}/${row.sys_id}`
  })
}

export function updateOne(context: Context, named: string, sysId: string): Reply {
  const { engine, actor, request } = context
  demandHeaders(context)
  const before = find(context, named, sysId)
  const table = classOf(named, before)
  if (!mayWrite(actor, table, before)) throw denied('Update')
  const given = valuesFrom(context, table)
  const values = request.ignoreState ? withoutState('change_request', given) : given
  return reply(
    context,
    200,
    table,
    orAbort(() => updateRecord(engine, actor, table, before, values))
  )
}

export function deleteOne(context: Context, named: string, sysId: string): Reply {
  const table = classOf(named, find(context, named, sysId))
  if (!mayDelete(context.actor, table)) throw denied('Delete')
  deleteRecord(context.engine, table, sysId)
  return emptyReply(204)
}
