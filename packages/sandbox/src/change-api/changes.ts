import { mayCreate, mayDelete, mayWrite } from '../engine/acl.ts'
import { recordNamed } from '../engine/display.ts'
import { deleteRecord, insertRecord, updateRecord } from '../engine/records.ts'
import type { Row, Values } from '../engine/store.ts'
import { parseQuery } from '../query/parse.ts'
import type { Context } from '../server/context.ts'
import { emptyReply, HttpError, jsonReply, type Reply } from '../server/reply.ts'
import { badRequest, findChange } from './find.ts'
import { typedRecord } from './typed.ts'
import { type Fields, givenFields, orAbort, writableFields } from './write.ts'

const TABLE = 'change_request'

export function changeReply(context: Context, change: Row, ignored?: readonly string[]): Reply {
  const record = typedRecord(context, TABLE, change)
  return jsonReply(200, { result: ignored ? { ...record, __meta: { ignoredFields: ignored } } : record })
}

export function refuseCreation(context: Context): void {
  if (mayCreate(context.actor, TABLE)) return
  throw new HttpError(403, 'ACL Exception Insert Failed due to security constraints', '')
}

/** The defaults a model supplies; `record_preset` is an encoded string of values. */
function presetOf(model: Row): Values {
  const groups = parseQuery(model.record_preset ?? '').alternatives.flat(2)
  return Object.fromEntries(groups.map(({ field, value }) => [field, value]))
}

function modelGiven({ engine }: Context, text: string): Row {
  const model = engine.store.get('chg_model', text) ?? recordNamed(engine, 'chg_model', text)
  if (model?.active !== 'true') throw badRequest(`Invalid change model: ${text}`)
  return model
}

function create(context: Context, fields: Fields, fixed: Values): Reply {
  const values = { ...fields.values, ...fixed }
  const change = orAbort('created', () => insertRecord(context.engine, context.actor, TABLE, values))
  return changeReply(context, change, fields.ignored)
}

/** `POST /change/normal`, `POST /change/emergency`: the path decides the type. */
export function createOfType(context: Context, type: string): Reply {
  refuseCreation(context)
  return create(context, writableFields(context, TABLE, givenFields(context)), { type })
}

/** `POST /change`: by model, by type, or by the instance's default. With a model, the type is only a category. */
export function createAny(context: Context): Reply {
  refuseCreation(context)
  const given = givenFields(context)
  const fields = writableFields(context, TABLE, given)
  const model = given.chg_model ? modelGiven(context, given.chg_model) : undefined
  if (!model) return create(context, fields, {})
  const values = { ...presetOf(model), ...fields.values }
  return create(context, { ...fields, values }, { chg_model: model.sys_id })
}

/** `PATCH`: what may not be written leaves the record as it is, with 200 and nothing listed as ignored. */
export function update(context: Context, parameters: Readonly<Record<string, string>>, type?: string): Reply {
  const { engine, actor, request } = context
  const change = findChange(context, parameters, type)
  const given = givenFields(context)
  if (!mayWrite(actor, TABLE, change)) return changeReply(context, change, [])
  if (request.ignoreState) delete given.state
  const fields = writableFields(context, TABLE, given)
  const updated = orAbort('updated', () => updateRecord(engine, actor, TABLE, change, fields.values))
  return changeReply(context, updated, fields.ignored)
}

export function remove(context: Context, parameters: Readonly<Record<string, string>>, type?: string): Reply {
  const change = findChange(context, parameters, type)
  if (!mayDelete(context.actor, TABLE)) {
    throw new HttpError(403, 'ACL Exception Delete Failed due to security constraints', '')
  }
  deleteRecord(context.engine, TABLE, change.sys_id)
  return emptyReply(200)
}

/** `PATCH …/risk`: the one answer of this API without a `result` around the record. */
export function evaluateRisk(context: Context, parameters: Readonly<Record<string, string>>): Reply {
  const { engine, actor } = context
  const change = findChange(context, parameters)
  if (!mayWrite(actor, TABLE, change)) throw badRequest('Risk could not be calculated.')
  const risk = String(Math.min(Number(change.impact || 3) + 1, 4))
  const updated = orAbort('updated', () => updateRecord(engine, actor, TABLE, change, { risk }))
  return jsonReply(200, typedRecord(context, TABLE, updated))
}
