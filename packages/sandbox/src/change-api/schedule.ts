import { mayRead } from '../engine/acl.ts'
import { plannedWindow } from '../engine/conflicts.ts'
import { parseUtc } from '../engine/dates.ts'
import type { Row } from '../engine/store.ts'
import { createWorker, type WorkerOperation } from '../engine/worker-records.ts'
import { type SlotRequest, scheduleWorker } from '../engine/workers.ts'
import type { Context } from '../server/context.ts'
import type { HttpResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { badRequest, requireChange, requireWritableChange } from './find.ts'
import { workerResponse } from './workers.ts'
import { requestFields } from './write.ts'

function startSearch(
  context: Context,
  operation: WorkerOperation,
  request: Omit<SlotRequest, 'timezone'>
): HttpResponse {
  const { engine, actor } = context
  const worker = createWorker(engine, actor, {
    type: 'schedule',
    operation,
    request: { ...request, timezone: actor.timeZone },
    change: request.change_sys_id ?? ''
  })
  scheduleWorker(engine, worker.sys_id)
  return workerResponse(context, 202, worker)
}

/** @throws HttpError 400 when the parameter is missing, or not a whole number of 1 or more */
function durationFrom(text = ''): number {
  const seconds = Number(text)
  if (text === '' || !Number.isInteger(seconds) || seconds < 1) {
    throw badRequest('duration_in_seconds is missing or invalid')
  }
  return seconds
}

/** @throws HttpError 400 for text that is not a date-time in the stored format */
function startFrom(text = ''): string {
  if (text !== '' && parseUtc(text) === undefined) throw badRequest('planned_start_time is invalid')
  return text
}

/** @throws HttpError 400 when there is no such CI, or the account may not read it */
function requireCi({ engine, actor }: Context, id: string): string {
  const ci = engine.store.get('cmdb_ci', id)
  if (!ci || !mayRead(engine, actor, 'cmdb_ci', ci)) throw badRequest('cmdb_ci not found')
  return ci.sys_id
}

/** @throws HttpError 400 when the change has no CI */
function requireCiOf({ engine }: Context, change: Row): void {
  if (!engine.store.get('cmdb_ci', change.cmdb_ci ?? '')) throw badRequest('cmdb_ci not found')
}

/** `GET /change/ci/{id}/schedule`: starts the search for the free slots of a CI. */
export function slotsOfCi(context: Context, { id = '' }: PathParameters): HttpResponse {
  const { query } = context.request
  return startSearch(context, 'slots-of-ci', {
    cmdb_ci_sys_id: requireCi(context, id),
    planned_start_time: startFrom(query.get('planned_start_time') ?? ''),
    duration_in_seconds: durationFrom(query.get('duration_in_seconds') ?? '')
  })
}

/** `GET …/schedule`: starts the search for free slots as long as the planned window of the change. */
export function slotsOfChange(context: Context, parameters: PathParameters): HttpResponse {
  const change = requireChange(context, parameters)
  requireCiOf(context, change)
  const planned = plannedWindow(change)
  if (!planned || planned.start >= planned.end) throw badRequest('Planned start and end date not found')
  return startSearch(context, 'slots-of-change', { change_sys_id: change.sys_id })
}

/** `PATCH …/schedule/first_available`: starts the move of the planned window to the first free slot. */
export function takeFirstSlot(context: Context, parameters: PathParameters): HttpResponse {
  const change = requireWritableChange(context, parameters)
  requireCiOf(context, change)
  const { duration_in_seconds, planned_start_time } = requestFields(context)
  const seconds = durationFrom(duration_in_seconds)
  const start = startFrom(planned_start_time)
  return startSearch(context, 'first-slot', {
    change_sys_id: change.sys_id,
    ...(start !== '' && { planned_start_time: start }),
    duration_in_seconds: seconds
  })
}
