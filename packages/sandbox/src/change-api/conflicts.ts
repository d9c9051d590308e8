import { type Conflict, canDetectConflicts, conflictsOf } from '../engine/conflicts.ts'
import { updateWithoutRules } from '../engine/records.ts'
import { createWorker, endConflictWorkers } from '../engine/worker-records.ts'
import type { Context } from '../server/context.ts'
import { emptyResponse, type HttpResponse, jsonResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { badRequest, requireChange, requireWritableChange } from './find.ts'

const TYPE_LABELS: Readonly<Record<Conflict['type'], string>> = {
  ci_already_scheduled: 'CI Already Scheduled',
  not_in_maintenance_window: 'Not In Maintenance Window'
}

/** Progress of conflict detection: 1 running, 2 complete. */
function jobStatus({ engine }: Context, changeId: string): string {
  return engine.jobs.pending().some(job => job.kind === 'conflict-check' && job.sysId === changeId)
    ? '1'
    : '2'
}

/** `GET …/conflict`: the last result. The status stays "Conflict" when the conflicting changes have been closed. */
export function readConflicts(context: Context, parameters: PathParameters): HttpResponse {
  const { engine } = context
  const change = requireChange(context, parameters)
  const found = change.conflict_status === 'Conflict' ? conflictsOf(engine, change) : []
  return jsonResponse(200, {
    result: {
      status: change.conflict_status,
      last_run: change.conflict_last_run,
      record_count: String(found.length),
      job_status: jobStatus(context, change.sys_id),
      conflicts: found.map(({ change: other, type }) => ({
        change: { display_value: other.number, value: other.sys_id },
        type: { value: type, display_value: TYPE_LABELS[type] }
      }))
    }
  })
}

/** `POST …/conflict`: starts conflict detection. The result is the sys_id of a worker. */
export function startConflictCheck(context: Context, parameters: PathParameters): HttpResponse {
  const { engine, actor } = context
  const change = requireWritableChange(context, parameters)
  const sysId = change.sys_id
  if (!canDetectConflicts(change)) {
    throw badRequest('Conflict detection needs a configuration item and planned start and end dates')
  }
  stopConflictCheck(context, sysId)
  engine.jobs.schedule({ kind: 'conflict-check', sysId, delayMs: engine.settings.approvalDelayMs })
  const worker = createWorker(engine, actor, {
    type: 'conflict',
    operation: 'conflict',
    request: { change_sys_id: sysId },
    change: sysId
  })
  return jsonResponse(200, { result: worker.sys_id })
}

function stopConflictCheck({ engine }: Context, sysId: string): void {
  engine.jobs.cancel(sysId, 'conflict-check')
  endConflictWorkers(engine, sysId, { messages: { errorMessages: ['Conflict detection was canceled'] } })
}

/** `DELETE …/conflict`: stops conflict detection. */
export function cancelConflictCheck(context: Context, parameters: PathParameters): HttpResponse {
  const { sys_id: sysId } = requireWritableChange(context, parameters)
  stopConflictCheck(context, sysId)
  updateWithoutRules(context.engine, 'change_request', sysId, { conflict_status: 'Not Run' })
  return emptyResponse(200)
}
