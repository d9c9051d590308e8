import { mayDelete, mayWrite } from '../engine/acl.ts'
import { deleteRecord, insertRecord, updateRecord } from '../engine/records.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { emptyReply, HttpError, jsonReply, type Reply } from '../server/reply.ts'
import { refuseCreation } from './changes.ts'
import { findChange, noRecord, readable } from './find.ts'
import { listReply } from './list.ts'
import { typedRecord } from './typed.ts'
import { givenFields, orAbort, writableFields } from './write.ts'

const TABLE = 'change_task'

type Parameters = Readonly<Record<string, string>>

function taskReply(context: Context, task: Row, ignored: readonly string[]): Reply {
  return jsonReply(200, {
    result: { ...typedRecord(context, TABLE, task), __meta: { ignoredFields: ignored } }
  })
}

function findTask(context: Context, parameters: Parameters): Row {
  const change = findChange(context, parameters)
  const task = readable(context, TABLE, parameters.task ?? '')
  if (task.parent !== change.sys_id) throw noRecord()
  return task
}

export function listTasks(context: Context, parameters: Parameters): Reply {
  const change = findChange(context, parameters)
  return listReply(context, { table: TABLE, fixed: `parent=${change.sys_id}` })
}

export function createTask(context: Context, parameters: Parameters): Reply {
  const change = findChange(context, parameters)
  refuseCreation(context)
  const { values, ignored } = writableFields(context, TABLE, givenFields(context))
  const parent = change.sys_id
  const task = orAbort('created', () =>
    insertRecord(context.engine, context.actor, TABLE, { ...values, parent, change_request: parent })
  )
  return taskReply(context, task, ignored)
}

export function updateTask(context: Context, parameters: Parameters): Reply {
  const { engine, actor } = context
  const task = findTask(context, parameters)
  if (!mayWrite(actor, TABLE, task)) return taskReply(context, task, [])
  const { values, ignored } = writableFields(context, TABLE, givenFields(context))
  const updated = orAbort('updated', () => updateRecord(engine, actor, TABLE, task, values))
  return taskReply(context, updated, ignored)
}

export function deleteTask(context: Context, parameters: Parameters): Reply {
  const task = findTask(context, parameters)
  if (!mayDelete(context.actor, TABLE)) {
    throw new HttpError(403, 'ACL Exception Delete Failed due to security constraints', '')
  }
  deleteRecord(context.engine, TABLE, task.sys_id)
  return emptyReply(200)
}
