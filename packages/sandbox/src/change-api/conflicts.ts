import { mayWrite } from '../engine/acl.ts'
import { canDetectConflicts, conflictsOf } from '../engine/conflicts.ts'
import { patchRecord } from '../engine/records.ts'
import type { Context } from '../server/context.ts'
import { emptyReply, HttpError, jsonReply, type Reply } from '../server/reply.ts'
import { badRequest, findChange } from './find.ts'

/** Progress of the check: 1 running, 2 done. */
function jobStatus({ engine }: Context, changeId: string): string {
  return engine.jobs.pending().some(job => job.kind === 'conflict-check' && job.sysId === changeId)
    ? '1'
    : '2'
}

/** `GET …/conflict`: the last result. A status may read "Conflict" long after the list is empty. */
export function readConflicts(context: Context, parameters: Readonly<Record<string, string>>): Reply {
  const { engine } = context
  const change = findChange(context, parameters)
  const found = change.conflict_status === 'Conflict' ? conflictsOf(engine, change) : []
  return jsonReply(200, {
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

function writableChange(context: Context, parameters: Readonly<Record<string, string>>): string {
  const change = findChange(context, parameters)
  if (!mayWrite(context.actor, 'change_request', change)) {
    throw new HttpError(403, 'ACL Exception Update Failed due to security constraints', '')
  }
  return change.sys_id
}

/** `POST …/conflict`: starts the check, which ends later; answers with the id of its progress record. */
export function startConflictCheck(context: Context, parameters: Readonly<Record<string, string>>): Reply {
  const { engine } = context
  const change = findChange(context, parameters)
  const sysId = writableChange(context, parameters)
  if (!canDetectConflicts(change)) {
    throw badRequest('Conflict detection needs a configuration item and planned start and end dates')
  }
  engine.jobs.cancel(sysId, 'conflict-check')
  engine.jobs.schedule({ kind: 'conflict-check', sysId, delayMs: engine.settings.approvalDelayMs })
  return jsonReply(200, { result: engine.store.newSysId('sys_progress_worker') })
}

/** `DELETE …/conflict`: stops a running check. */
export function cancelConflictCheck(context: Context, parameters: Readonly<Record<string, string>>): Reply {
  const sysId = writableChange(context, parameters)
  context.engine.jobs.cancel(sysId, 'conflict-check')
  patchRecord(context.engine, 'change_request', sysId, { conflict_status: 'Not Run' })
  return emptyReply(200)
}
