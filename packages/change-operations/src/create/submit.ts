import { normaliseWord, requestApprovalMove, stateOf } from '@change-actions/change-control'
import { type Change, Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { fingerprintNote, noteSubmitted } from '../fingerprint-notes.ts'
import { moveTo } from '../move.ts'
import { addNote, isDue, type Note } from '../notes.ts'
import { isChangeProblem, isRefusedMove } from '../problems.ts'
import { isInOwnState } from './duplicates.ts'
import { addNoteIfPossible, addNoteOf, inOneEntry } from './evidence-note.ts'
import { failFirstMove } from './missing-fields.ts'
import type { Creation } from './request.ts'

const SETTLE_MS = 1_000
const MAX_SETTLE_POLLS = 10

/**
 * Requests approval of the draft; undefined when another job canceled it just before.
 *
 * @param evidence the note on attached files: it goes out with the submission
 * @throws Problem `missing-fields` when the instance asks for more than the draft has: it is canceled then
 */
export async function submitDraft(
  creation: Creation,
  draft: Change,
  evidence?: Note
): Promise<Change | undefined> {
  const { context, request } = creation
  try {
    return await requestApproval(creation, draft, evidence)
  } catch (error) {
    if (error instanceof Problem) await addNoteIfPossible(context, draft, evidence)
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
 *
 * @param evidence written with the move, or by itself
 */
async function requestApproval(
  { context, request }: Creation,
  change: Change,
  evidence?: Note
): Promise<Change> {
  if (isInOwnState(change)) context.emit({ type: 'left-in-own-state', change })
  if (stateOf(change.state) !== 'new') return addNoteOf(context, change, evidence)
  const target = requestApprovalMove(change)
  if (target === undefined) {
    context.emit({ type: 'left-in-new', change })
    return addNoteOf(context, change, evidence)
  }
  const note = fingerprintNote(change, request.identity)
  const both = evidence === undefined ? undefined : inOneEntry(note, evidence)
  const noted = both === undefined ? await addNoteOf(context, change, evidence) : change
  const { change: after, noted: sent } = await moveTo(context, { change: noted, target, note: both ?? note })
  // The instance may have dropped it.
  const due = both !== undefined && evidence !== undefined && isDue(after, evidence, sent)
  const moved = due ? await addNote(context, after, evidence) : after
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
