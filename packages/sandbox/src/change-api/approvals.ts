import { answerOwn, type Verdict } from '../engine/approval-answers.ts'
import type { Context } from '../server/context.ts'
import { jsonReply, type Reply } from '../server/reply.ts'
import { badRequest, findChange } from './find.ts'
import { typedRecord } from './typed.ts'
import { givenFields, orAbort } from './write.ts'

function verdictFrom(state: string | undefined): Verdict {
  if (state === 'approved' || state === 'rejected') return state
  throw badRequest('Invalid approval state: expected approved or rejected')
}

/** `PATCH …/approvals`: answers the caller's own pending approvals, nobody else's. */
export function answerApprovals(context: Context, parameters: Readonly<Record<string, string>>): Reply {
  const { engine, actor } = context
  const change = findChange(context, parameters)
  const { state, comments = '' } = givenFields(context)
  const verdict = verdictFrom(state)
  if (verdict === 'rejected' && comments === '')
    throw badRequest('Comments are mandatory to reject an approval')
  const changeId = change.sys_id
  const answered = orAbort('updated', () => answerOwn(engine, actor, changeId, verdict, comments))
  if (answered === 0)
    throw badRequest('User does not have authority to approve or reject this change request')
  const record = typedRecord(
    context,
    'change_request',
    engine.store.get('change_request', changeId) ?? change
  )
  return jsonReply(200, { result: engine.settings.singleResultsAsArray ? [record] : record })
}
