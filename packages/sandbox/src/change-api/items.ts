import { ASSOCIATIONS, type AssociationType, isAssociationType } from '../engine/change-items.ts'
import { createWorker } from '../engine/worker-records.ts'
import { scheduleWorker } from '../engine/workers.ts'
import type { Context } from '../server/context.ts'
import type { HttpResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { badRequest, requireChange, requireWritableChange } from './find.ts'
import { listResponse } from './list.ts'
import { workerResponse } from './workers.ts'
import { requestFields } from './write.ts'

/** @throws HttpError 400 when the type is missing or unknown */
function associationType(text = ''): AssociationType {
  if (isAssociationType(text)) return text
  throw badRequest(`Invalid association_type: ${text}. Valid: ${Object.keys(ASSOCIATIONS).join(', ')}`)
}

/** `GET …/ci?association_type=…`: the associations, each with the item in `ci_item`, `cmdb_ci_service` or `service_offering`. */
export function listItems(context: Context, parameters: PathParameters): HttpResponse {
  const change = requireChange(context, parameters)
  const { table } = ASSOCIATIONS[associationType(context.request.query.get('association_type') ?? '')]
  return listResponse(context, {
    table,
    fixed: `task=${change.sys_id}`,
    order: 'sys_created_on',
    parameters: ['association_type']
  })
}

/** `POST …/ci`: starts a worker that associates configuration items with the change. */
export function addItems(context: Context, parameters: PathParameters): HttpResponse {
  const { engine, actor } = context
  const change = requireWritableChange(context, parameters)
  const sent = requestFields(context)
  const type = associationType(sent.association_type)
  const ids = (sent.cmdb_ci_sys_ids ?? '').split(',').map(id => id.trim())
  const given = ids.filter(id => id !== '')
  if (given.length === 0) throw badRequest('cmdb_ci_sys_ids is required')
  const worker = createWorker(engine, actor, {
    type,
    operation: 'associate',
    request: {
      cmdb_ci_sys_ids: given,
      association_type: type,
      ...(sent.refresh_impacted_services === 'true' && { refresh_impacted_services: true }),
      task: change.sys_id
    },
    change: change.sys_id
  })
  scheduleWorker(engine, worker.sys_id)
  return workerResponse(context, 202, worker)
}

/** `POST …/refresh_impacted_services`: starts a worker; 200, unlike the others. */
export function refreshImpactedServices(context: Context, parameters: PathParameters): HttpResponse {
  const { engine, actor } = context
  const change = requireWritableChange(context, parameters)
  const worker = createWorker(engine, actor, {
    type: 'impacted',
    operation: 'impacted',
    change: change.sys_id
  })
  scheduleWorker(engine, worker.sys_id)
  return workerResponse(context, 200, worker)
}
