import { mayCreate, mayDelete, mayWrite } from '../engine/acl.ts'
import { findByDisplayValue } from '../engine/display.ts'
import { TransitionRefused } from '../engine/engine.ts'
import { deleteRecord, insertRecord, updateRecord } from '../engine/records.ts'
import type { Row, Values } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { badRequest, requireChange } from './find.ts'
import { refusedTransition } from './next-states.ts'
import { typedRecord } from './typed.ts'
import { reportRuleAbort, requestFields, type WriteFields, writableFields } from './write.ts'

const TABLE = 'change_request'

/** @param ignored names of the fields that were ignored; absent for a read, which has no `__meta` */
export function changeResponse(context: Context, change: Row, ignored?: readonly string[]): HttpResponse {
  const record = typedRecord(context, TABLE, change)
  return jsonResponse(200, { result: ignored ? { ...record, __meta: { ignoredFields: ignored } } : record })
}

/** @throws HttpError 403 when the account may not create changes */
export function requireCreateAccess(context: Context): void {
  if (mayCreate(context.actor, TABLE)) return
  throw new HttpError(403, 'ACL Exception Insert Failed due to security constraints', '')
}

/** @throws HttpError 400 when there is no active model with that sys_id or name */
function requireModel({ engine }: Context, text: string): Row {
  const model = engine.store.get('chg_model', text) ?? findByDisplayValue(engine, 'chg_model', text)
  if (model?.active !== 'true') throw badRequest(`Invalid change model: ${text}`)
  return model
}

function insertChange(context: Context, fields: WriteFields, fixed: Values): HttpResponse {
  const values = { ...fields.values, ...fixed }
  const change = reportRuleAbort('created', () => insertRecord(context.engine, context.actor, TABLE, values))
  return changeResponse(context, change, fields.ignored)
}

/** `POST /change/normal`, `POST /change/emergency`: the type is in the path. */
export function createOfType(context: Context, type: string): HttpResponse {
  requireCreateAccess(context)
  return insertChange(context, writableFields(context, TABLE, requestFields(context)), { type })
}

/**
 * `POST /change`: by model, by type, or by the instance's default. With a model its transitions apply, whatever the
 * type.
 */
export function createChange(context: Context): HttpResponse {
  requireCreateAccess(context)
  const sent = requestFields(context)
  const fields = writableFields(context, TABLE, sent)
  const model = sent.chg_model ? requireModel(context, sent.chg_model) : undefined
  return insertChange(context, fields, model ? { chg_model: model.sys_id } : {})
}

/** `PATCH`: without write access nothing changes; the status is 200, and no field is listed as ignored. */
export function updateChange(context: Context, parameters: PathParameters, type?: string): HttpResponse {
  const { engine, actor, request } = context
  const change = requireChange(context, parameters, type)
  const sent = requestFields(context)
  if (!mayWrite(actor, TABLE, change)) return changeResponse(context, change, [])
  if (request.ignoreState) delete sent.state
  const fields = writableFields(context, TABLE, sent)
  const updated = reportRuleAbort('updated', () => {
    try {
      return updateRecord(engine, actor, TABLE, change, fields.values)
    } catch (error) {
      throw (error instanceof TransitionRefused && refusedTransition(engine, error)) || error
    }
  })
  return changeResponse(context, updated, fields.ignored)
}

/** `DELETE`: 200 with the record that was deleted. */
export function deleteChange(context: Context, parameters: PathParameters, type?: string): HttpResponse {
  const change = requireChange(context, parameters, type)
  if (!mayDelete(context.actor, TABLE)) {
    throw new HttpError(403, 'ACL Exception Delete Failed due to security constraints', '')
  }
  const deleted = changeResponse(context, change)
  deleteRecord(context.engine, TABLE, change.sys_id)
  return deleted
}

/** `PATCH …/risk`: the only response of this API without `result` around the record. */
export function evaluateRisk(context: Context, parameters: PathParameters): HttpResponse {
  const { engine, actor } = context
  const change = requireChange(context, parameters)
  if (!mayWrite(actor, TABLE, change)) throw badRequest('Risk could not be calculated.')
  const risk = String(Math.min(Number(change.impact || 3) + 1, 4))
  const updated = reportRuleAbort('updated', () => updateRecord(engine, actor, TABLE, change, { risk }))
  return jsonResponse(200, typedRecord(context, TABLE, updated))
}
