import { TABLES } from '../dictionary/tables.ts'
import { hasRole } from '../engine/actor.ts'
import { insertWithoutRules } from '../engine/records.ts'
import type { Context } from '../server/context.ts'
import { asText, jsonValue } from '../server/request.ts'
import { HttpError, type HttpResponse, jsonResponse, noSuchResource } from '../server/response.ts'

const FIELDS = [...(TABLES.get('em_event')?.fields.keys() ?? [])].filter(name => !name.startsWith('sys_'))

/**
 * `POST /api/global/em/jsonv2`: stores events. Business rules do not run.
 * @throws HttpError 400 when the plugin is not installed, or there is no list of records; 403 without the role
 */
export function receiveEvents({ engine, actor, request }: Context): HttpResponse {
  if (!engine.settings.eventManagement) throw noSuchResource()
  if (request.method !== 'POST')
    throw new HttpError(405, 'Method not supported', `${request.method} is not supported here.`)
  if (!hasRole(actor, 'evt_mgmt_integration'))
    throw new HttpError(403, 'User Not Authorized', 'Failed API level ACL Validation')
  const records = (jsonValue(request) as { records?: unknown } | null)?.records
  if (!Array.isArray(records)) throw new HttpError(400, 'Invalid payload', 'records is not a list')
  for (const record of records as Readonly<Record<string, unknown>>[]) {
    const given = FIELDS.filter(name => record[name] !== undefined)
    const values = Object.fromEntries(given.map(name => [name, asText(record[name])]))
    insertWithoutRules(engine, 'em_event', { ...values, state: 'Ready' }, actor)
  }
  return jsonResponse(200, { result: { 'Default Bulk Endpoint': `${records.length} events were inserted` } })
}
