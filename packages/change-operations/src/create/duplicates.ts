import { isOpen, STATES, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, Query } from '@change-actions/servicenow-client'
import { createdAt, oldestFirst } from '../change-order.ts'
import type { OperationContext } from '../context.ts'
import { changeProblem } from '../problems.ts'

const OPEN_STATES = STATES.filter(state => isOpen(state.name)).map(state => state.value)

/**
 * The open changes (New to Implement) of a deployment, the one that counts first: the oldest, but one whose approval
 * has been requested before any draft, for a draft can still be canceled.
 */
export async function openChangesOf(context: OperationContext, correlationId: string): Promise<Change[]> {
  const query = new Query().is('correlation_id', correlationId).in('state', OPEN_STATES)
  const open = await context.client.changes.find(query, 'looking for an open change of this deployment')
  // The database compares without case; an identity is meant to the letter.
  const found = oldestFirst(open.filter(change => change.correlationId === correlationId))
  return [...found.filter(change => !isDraft(change)), ...found.filter(isDraft)]
}

/** The open changes with exactly this short description. */
export async function openChangesTitled(context: OperationContext, title: string): Promise<Change[]> {
  const query = new Query().is('short_description', title).in('state', OPEN_STATES)
  const operation = 'looking for an open change with this short description'
  const found = await context.client.changes.find(query, operation)
  // The database compares without case; a title is meant to the letter.
  return oldestFirst(found.filter(change => change.fields.short_description?.value === title))
}

function isDraft(change: Change): boolean {
  return stateOf(change.state) === 'new'
}

/** For so long after its creation a draft is taken to have a job that is still at work on it. Milliseconds. */
const YOUNG_MS = 20_000

/** Whether a draft was made a moment ago, by the instance's clock. */
export function isYoung(context: OperationContext, change: Change): boolean {
  return isDraft(change) && context.client.now() - createdAt(change) < YOUNG_MS
}

/**
 * The second check, just before approval is requested: two jobs may have created at once. The oldest change is kept;
 * the other job cancels its own draft and goes on with that one. Undefined: the draft was lost to another job.
 */
export async function settleDuplicates(
  context: OperationContext,
  correlationId: string,
  draft: Change
): Promise<Change | undefined> {
  const open = await openChangesOf(context, correlationId)
  const [kept, ...rest] = open
  if (kept === undefined) return isStillOurs(context, correlationId, draft)
  if (kept.sysId === draft.sysId) {
    await cancelDuplicates(context, rest, draft)
    return draft
  }
  await cancelDraft(context, draft, `Canceled: ${kept.number} is the change of this deployment.`)
  context.emit({ type: 'own-draft-canceled', draft, kept })
  return kept
}

/** The check did not show our own draft: it may be another job's by now. */
async function isStillOurs(
  context: OperationContext,
  correlationId: string,
  draft: Change
): Promise<Change | undefined> {
  const current = await context.client.changes.get(draft.sysId)
  return current.correlationId === correlationId && isDraft(current) ? current : undefined
}

/**
 * Cancels the changes that are still in New: drafts that another job of the same deployment left, or made at the same
 * time. Those made a moment ago get no note here: their own jobs find this change as well, and write it themselves.
 */
export async function cancelDuplicates(
  context: OperationContext,
  duplicates: readonly Change[],
  kept: Change
): Promise<void> {
  for (const duplicate of duplicates) {
    if (!isDraft(duplicate) || duplicate.sysId === kept.sysId) continue
    // It may have been closed, or submitted, since the list was read.
    if (!isDraft(await context.client.changes.get(duplicate.sysId))) continue
    const why = `Canceled: ${kept.number} is the change of this deployment.`
    await cancelDraft(context, duplicate, isYoung(context, duplicate) ? undefined : why)
    context.emit({ type: 'duplicate-canceled', duplicate, kept })
  }
}

const MAX_ATTEMPTS = 2

/**
 * Cancels a change for which no approval has been requested. Where it does not move the request is sent once more.
 *
 * @param why the work note; written even when another job has canceled the draft meanwhile
 * @throws Problem `not-canceled` when it stays in New: a deployment must not be left with two changes
 */
export async function cancelDraft(
  context: OperationContext,
  change: Change,
  why: string | undefined
): Promise<void> {
  let current = change
  for (let n = 0; n < MAX_ATTEMPTS && isDraft(current); n += 1) {
    const noted = why === undefined || fieldOf(current.fields, 'work_notes').display.includes(why)
    current = await context.client.changes.update(
      change.sysId,
      { state: '4', ...(noted ? {} : { work_notes: why }) },
      {
        operation: `canceling the draft ${change.number}`,
        done: after => stateOf(after.state) === 'canceled'
      }
    )
  }
  if (isDraft(current)) throw changeProblem('not-canceled', change, {}, { committed: 'maybe' })
}
