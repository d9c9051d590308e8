import { isOpen, normaliseWord, STATES, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, Query } from '@change-actions/servicenow-client'
import { createdAt, oldestFirst } from '../change-order.ts'
import type { OperationContext } from '../context.ts'
import { addNote, type Note } from '../notes.ts'
import { oursAmong } from '../own/among.ts'
import { changeProblem } from '../problems.ts'
import { doneByOthers } from '../refusal.ts'
import { stateToWrite } from '../states/next-move.ts'
import { storedState } from '../states/with-states.ts'
import { verifyKept } from './kept.ts'
import type { CreateRequest } from './request.ts'

const ENDED = STATES.filter(state => !isOpen(state.name)).map(state => state.value)

/** A deployment whose changes are looked for. */
type Deployed = Pick<CreateRequest, 'correlationId' | 'identity'>

/**
 * The open changes of a deployment, New to Implement or in a state of the instance's own, the one that counts first:
 * the oldest, but one whose approval has been requested before any draft, for a draft can still be canceled. Changes
 * of others under the same correlation id are left alone.
 *
 * @param made this step has made it: it is ours
 * @throws Problem `creator-unreadable`
 */
export async function openChangesOf(
  context: OperationContext,
  { correlationId, identity }: Deployed,
  made?: Change
): Promise<Change[]> {
  const named = new Query().is('correlation_id', correlationId)
  const query = notEnded(named)
  const open = await context.client.changes.find(query, 'looking for an open change of this deployment')
  // The database compares without case; an identity is meant to the letter.
  const exact = open.filter(change => change.correlationId === correlationId && !isOver(change))
  const found = oldestFirst(await oursAmong(context, exact, identity, made))
  return [...found.filter(change => !isDraft(change)), ...found.filter(isDraft)]
}

/**
 * The open changes with exactly this short description, whosever they are: New to Implement, or in a state of the
 * instance's own.
 */
export async function openChangesTitled(context: OperationContext, title: string): Promise<Change[]> {
  const query = notEnded(new Query().is('short_description', title))
  const operation = 'looking for an open change with this short description'
  const found = await context.client.changes.find(query, operation)
  // The database compares without case; a title is meant to the letter.
  return oldestFirst(
    found.filter(change => change.fields.short_description?.value === title && !isOver(change))
  )
}

/** What is not known to be over: a state of the instance's own may be an open one. */
function notEnded(query: Query): Query {
  return ENDED.reduce((narrowed, state) => narrowed.isNot('state', state), query)
}

function isDraft(change: Change): boolean {
  return stateOf(change.state) === 'new'
}

/** Review, Closed, Canceled; of a state of the instance's own the record itself says whether it ends a change. */
function isOver(change: Change): boolean {
  const name = stateOf(change.state)
  return name === undefined ? fieldOf(change.fields, 'active').value === 'false' : !isOpen(name)
}

/** In New, or in the state of the instance's own in which its changes begin, as far as can be told. */
function isUnsubmitted(change: Change): boolean {
  return isDraft(change) || isInOwnState(change)
}

/** In a state of the instance's own, without an approval that was asked for or given. */
export function isInOwnState(change: Change): boolean {
  return stateOf(change.state) === undefined && !isAsked(change)
}

function isAsked(change: Change): boolean {
  return !['', 'not requested'].includes(normaliseWord(change.approval))
}

/** Still where it began, which may be any state of the instance's own, and nobody has decided. */
function isAsBegun(change: Change, begun: Change): boolean {
  const decided = ['approved', 'rejected'].includes(normaliseWord(change.approval))
  return storedState(change) === storedState(begun) && !decided
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
 *
 * @param note still to be written: a draft that is canceled gets it first
 */
export async function settleDuplicates(
  context: OperationContext,
  request: Deployed,
  draft: Change,
  note?: Note
): Promise<Change | undefined> {
  const open = await openChangesOf(context, request, draft)
  const [kept, ...rest] = open
  if (kept === undefined) return isStillOurs(context, request.correlationId, draft)
  if (kept.sysId === draft.sysId) {
    // Where changes begin in a state of the instance's own, so did the duplicates.
    const begun = (one: Change) => isDraft(one) || (isAsBegun(one, draft) && !isAsked(one))
    await cancelDuplicates(context, rest, draft, begun)
    return draft
  }
  if (note !== undefined) await addNote(context, draft, note)
  await cancelDraft(context, draft, `Canceled: ${kept.number} is the change of this deployment.`)
  context.emit({ type: 'own-draft-canceled', draft, kept })
  return kept
}

/**
 * The check did not show our own draft: somebody has ended it, or the instance did not keep the correlation id.
 *
 * @throws Problem `not-applied`
 */
async function isStillOurs(
  context: OperationContext,
  correlationId: string,
  draft: Change
): Promise<Change | undefined> {
  const current = await context.client.changes.get(draft.sysId)
  if (isOver(current)) return undefined
  verifyKept(current, correlationId)
  return current
}

/**
 * Cancels the changes that are still in New (or as `isUnused` says): drafts that another job of the same deployment
 * left, or made at the same time. Those made a moment ago get no note here: their own jobs find this change as well, and
 * write it themselves.
 */
export async function cancelDuplicates(
  context: OperationContext,
  duplicates: readonly Change[],
  kept: Change,
  isUnused = isDraft
): Promise<void> {
  for (const duplicate of duplicates) {
    if (!isUnused(duplicate) || duplicate.sysId === kept.sysId) continue
    // It may have been closed, or submitted, since the list was read.
    if (!isUnused(await context.client.changes.get(duplicate.sysId))) continue
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
  const isUnused = (one: Change) => isUnsubmitted(one) || isAsBegun(one, change)
  let current = change
  for (let n = 0; n < MAX_ATTEMPTS && isUnused(current); n += 1) {
    const noted = why === undefined || fieldOf(current.fields, 'work_notes').display.includes(why)
    current = await cancel(context, change, noted ? {} : { work_notes: why })
  }
  if (isUnused(current)) throw changeProblem('not-canceled', change, {}, { committed: 'maybe' })
}

async function cancel(
  context: OperationContext,
  change: Change,
  note: { readonly work_notes?: string }
): Promise<Change> {
  const { sysId, number } = change
  const operation = `canceling the draft ${number}`
  const state = await stateToWrite(context, change, 'canceled')
  const done = (after: Change) => stateOf(after.state) === 'canceled'
  try {
    return await context.client.changes.update(sysId, { state, ...note }, { operation, done })
  } catch (error) {
    const canceled = await doneByOthers(context, sysId, error, done)
    if (canceled !== undefined) return canceled
    throw error
  }
}
