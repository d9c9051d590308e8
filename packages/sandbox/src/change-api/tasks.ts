import { mayDelete, mayWrite } from '../engine/acl.ts'
import { deleteRecord, insertRecord, updateRecord } from '../engine/records.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { requireCreateAccess } from './changes.ts'
import { changeApiNotFound, requireChange, requireReadable } from './find.ts'
import { listResponse } from './list.ts'
import { typedRecord } from './typed.ts'
import { reportRuleAbort, requestFields, writableFields } from './write.ts'

const TABLE = 'change_task'

/** @param ignored names of the fields that were ignored; absent for a read, which has no `__meta` */
function taskResponse(context: Context, task: Row, ignored?: readonly string[]): HttpResponse {
  const record = typedRecord(context, TABLE, task)
  return jsonResponse(200, { result: ignored ? { ...record, __meta: { ignoredFields: ignored } } : record })
}

/** @throws HttpError 404 when the change has no such task, or the account may not read it */
function requireTask(context: Context, parameters: PathParameters): Row {
  const change = requireChange(context, parameters)
  const task = requireReadable(context, TABLE, parameters.task ?? '')
  if (task.parent !== change.sys_id) throw changeApiNotFound()
  return task
}

/** `GET …/task` */
export function listTasks(context: Context, parameters: PathParameters): HttpResponse {
  const change = requireChange(context, parameters)
  return listResponse(context, { table: TABLE, fixed: `parent=${change.sys_id}` })
}

/** `GET …/task/{task}` */
export function readTask(context: Context, parameters: PathParameters): HttpResponse {
  return taskResponse(context, requireTask(context, parameters))
}

/** `POST …/task` */
export function createTask(context: Context, parameters: PathParameters): HttpResponse {
  const change = requireChange(context, parameters)
  requireCreateAccess(context)
  const { values, ignored } = writableFields(context, TABLE, requestFields(context))
  const parent = change.sys_id
  const task = reportRuleAbort('created', () =>
    insertRecord(context.engine, context.actor, TABLE, { ...values, parent, change_request: parent })
  )
  return taskResponse(context, task, ignored)
}

/** `PATCH …/task/{task}`: without write access nothing changes, and the status is 200. */
export function updateTask(context: Context, parameters: PathParameters): HttpResponse {
  const { engine, actor } = context
  const task = requireTask(context, parameters)
  if (!mayWrite(actor, TABLE, task)) return taskResponse(context, task, [])
  const { values, ignored } = writableFields(context, TABLE, requestFields(context))
  const updated = reportRuleAbort('updated', () => updateRecord(engine, actor, TABLE, task, values))
  return taskResponse(context, updated, ignored)
}

/** `DELETE …/task/{task}`: 200 with the record that was deleted. */
export function deleteTask(context: Context, parameters: PathParameters): HttpResponse {
  const task = requireTask(context, parameters)
  if (!mayDelete(context.actor, TABLE)) {
    throw new HttpError(403, 'ACL Exception Delete Failed due to security constraints', '')
  }
  const deleted = taskResponse(context, task)
  deleteRecord(context.engine, TABLE, task.sys_id)
  return deleted
}
