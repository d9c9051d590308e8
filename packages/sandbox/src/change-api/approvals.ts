import { type ApprovalDecision, decideOwnApprovals } from '../engine/approval-decisions.ts'
import type { Context } from '../server/context.ts'
import { type HttpResponse, jsonResponse } from '../server/response.ts'
import type { PathParameters } from '../server/router.ts'
import { badRequest, requireChange } from './find.ts'
import { typedRecord } from './typed.ts'
import { reportRuleAbort, requestFields } from './write.ts'

function decisionFrom(state: string | undefined): ApprovalDecision {
  if (state === 'approved' || state === 'rejected') return state
  throw badRequest('Invalid approval state: expected approved or rejected')
}

/** `PATCH …/approvals`: approves or rejects the caller's own pending approvals. */
export function decideApprovals(context: Context, parameters: PathParameters): HttpResponse {
  const { engine, actor } = context
  const change = requireChange(context, parameters)
  const { state, comments = '' } = requestFields(context)
  const decision = decisionFrom(state)
  if (decision === 'rejected' && comments === '')
    throw badRequest('Comments are mandatory to reject an approval')
  const changeId = change.sys_id
  const decided = reportRuleAbort('updated', () =>
    decideOwnApprovals(engine, actor, changeId, decision, comments)
  )
  if (decided === 0) throw badRequest('Change Request approval could not be processed.')
  const record = typedRecord(
    context,
    'change_request',
    engine.store.get('change_request', changeId) ?? change
  )
  return jsonResponse(200, { result: engine.settings.singleResultsAsArray ? [record] : record })
}
