import { mayWrite } from '../engine/acl.ts'
import { canDetectConflicts, conflictsOf } from '../engine/conflicts.ts'
import { updateWithoutRules } from '../engine/records.ts'
import type { Context } from '../server/context.ts'
import { emptyResponse, HttpError, type HttpResponse, jsonResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { badRequest, requireChange } from './find.ts'

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
      conflicts: found.map(other => ({
        change: { display_value: other.number, value: other.sys_id },
        type: { value: 'ci_already_scheduled', display_value: 'CI Already Scheduled' }
      }))
    }
  })
}

/**
 * The sys_id of a change.
 * @throws HttpError 403 when the account may not write it
 */
function requireWritableChange(context: Context, parameters: PathParameters): string {
  const change = requireChange(context, parameters)
  if (!mayWrite(context.actor, 'change_request', change)) {
    throw new HttpError(403, 'ACL Exception Update Failed due to security constraints', '')
  }
  return change.sys_id
}

/** `POST …/conflict`: starts conflict detection. The result is the sys_id of a progress record. */
export function startConflictCheck(context: Context, parameters: PathParameters): HttpResponse {
  const { engine } = context
  const change = requireChange(context, parameters)
  const sysId = requireWritableChange(context, parameters)
  if (!canDetectConflicts(change)) {
    throw badRequest('Conflict detection needs a configuration item and planned start and end dates')
  }
  engine.jobs.cancel(sysId, 'conflict-check')
  engine.jobs.schedule({ kind: 'conflict-check', sysId, delayMs: engine.settings.approvalDelayMs })
  return jsonResponse(200, { result: engine.store.newSysId('sys_progress_worker') })
}

/** `DELETE …/conflict`: stops conflict detection. */
export function cancelConflictCheck(context: Context, parameters: PathParameters): HttpResponse {
  const sysId = requireWritableChange(context, parameters)
  context.engine.jobs.cancel(sysId, 'conflict-check')
  updateWithoutRules(context.engine, 'change_request', sysId, { conflict_status: 'Not Run' })
  return emptyResponse(200)
}
