import { normaliseWord, requestApprovalMove, stateOf } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { fingerprintNote, noteSubmitted } from '../fingerprint-notes.ts'
import { moveTo } from '../move.ts'
import { isChangeProblem, isRefusedMove } from '../problems.ts'
import { isInOwnState } from './duplicates.ts'
import { failFirstMove } from './missing-fields.ts'
import type { Creation } from './request.ts'

const SETTLE_MS = 1_000
const MAX_SETTLE_POLLS = 10

/**
 * Requests approval of the draft; undefined when another job canceled it just before.
 *
 * @throws Problem `missing-fields` when the instance asks for more than the draft has: it is canceled then
 */
export async function submitDraft(creation: Creation, draft: Change): Promise<Change | undefined> {
  const { context, request } = creation
  try {
    return await requestApproval(creation, draft)
  } catch (error) {
    if (!(isChangeProblem(error) || isRefusedMove(error))) throw error
    const current = request.reuse
      ? await context.client.changes.get(draft.sysId).catch(() => undefined)
      : undefined
    if (current !== undefined && stateOf(current.state) === 'canceled') return undefined
    return failFirstMove(creation, current ?? draft, 'made', error)
  }
}

/**
 * Requests approval of a change that was there before.
 *
 * @throws Problem `missing-fields` when the instance asks for more than the change has: it is left then
 */
export async function submitExisting(
  creation: Creation,
  change: Change,
  origin: 'reused' | 'named'
): Promise<Change> {
  try {
    return await requestApproval(creation, change)
  } catch (error) {
    return failFirstMove(creation, change, origin, error)
  }
}

/**
 * Moves a change out of New, which makes ServiceNow request approval. A change that is past New stays as it is, and so
 * does one in a state of the instance's own: no move from there is known.
 */
async function requestApproval({ context, request }: Creation, change: Change): Promise<Change> {
  if (isInOwnState(change)) context.emit({ type: 'left-in-own-state', change })
  if (stateOf(change.state) !== 'new') return change
  const target = requestApprovalMove(change)
  if (target === undefined) {
    context.emit({ type: 'left-in-new', change })
    return change
  }
  const note = fingerprintNote(change, request.identity)
  const moved = (await moveTo(context, { change, target, note })).change
  const submitted = isRejected(change) ? await untilResubmitted(context, moved) : moved
  return context.dryRun ? submitted : noteSubmitted(context, submitted, request.identity, note)
}

/**
 * A change submitted again may carry its old rejection for a moment, until its new approvals are made; a gate that
 * polls then would take it for the response.
 */
async function untilResubmitted(context: OperationContext, change: Change): Promise<Change> {
  let current = change
  for (let n = 0; n < MAX_SETTLE_POLLS && isRejected(current) && stateOf(current.state) !== 'new'; n += 1) {
    await context.sleep(SETTLE_MS)
    current = await context.client.changes.get(change.sysId)
  }
  return current
}

function isRejected(change: Change): boolean {
  return normaliseWord(change.approval) === 'rejected'
}
