import { mayRead } from '../engine/acl.ts'
import type { Row } from '../engine/store.ts'
import type { Context } from '../server/context.ts'
import { HttpError } from '../server/reply.ts'

/** 404 in the words of this API: the text is in `message`. */
export function noRecord(): HttpError {
  return new HttpError(404, "Record doesn't exist or ACL restricts the record retrieval", '')
}

export function badRequest(message: string): HttpError {
  return new HttpError(400, message, '')
}

/** @throws HttpError 404 when there is no such record, or the account may not read it */
export function readable(context: Context, table: string, sysId: string): Row {
  const row = context.engine.store.get(table, sysId)
  if (!row || !mayRead(context.engine, context.actor, table, row)) throw noRecord()
  return row
}

/** A change; under a typed path only one of that type. */
export function findChange(
  context: Context,
  parameters: Readonly<Record<string, string>>,
  type?: string
): Row {
  const change = readable(context, 'change_request', parameters.id ?? '')
  if (type !== undefined && change.type !== type) throw noRecord()
  return change
}
