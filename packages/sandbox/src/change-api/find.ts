import { mayRead, mayWrite } from '../engine/acl.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { HttpError } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'

/** 404 as the Change Management API sends it: the text is in `message`. */
export function changeApiNotFound(): HttpError {
  return new HttpError(404, 'Change Request not found', '')
}

/** 400 as the Change Management API sends it. */
export function badRequest(message: string): HttpError {
  return new HttpError(400, message, '')
}

/**
 * A record that the account may read.
 * @throws HttpError 404 when there is no such record, or the account may not read it
 */
export function requireReadable(context: Context, table: string, sysId: string): Row {
  const row = context.engine.store.get(table, sysId)
  if (!row || !mayRead(context.engine, context.actor, table, row)) throw changeApiNotFound()
  return row
}

/**
 * The change in the path.
 * @param type the type in the path, if there is one
 * @throws HttpError 404 when there is no such change of that type, or the account may not read it
 */
export function requireChange(context: Context, parameters: PathParameters, type?: string): Row {
  const change = requireReadable(context, 'change_request', parameters.id ?? '')
  if (type !== undefined && change.type !== type) throw changeApiNotFound()
  return change
}

/**
 * The change in the path, for work that changes it or belongs to it.
 * @throws HttpError 404 as {@link requireChange}; 403 when the account may not write it
 */
export function requireWritableChange(context: Context, parameters: PathParameters): Row {
  const change = requireChange(context, parameters)
  if (mayWrite(context.actor, 'change_request', change)) return change
  throw new HttpError(403, 'ACL Exception Update Failed due to security constraints', '')
}
