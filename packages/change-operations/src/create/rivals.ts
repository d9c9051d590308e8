import { isOpen, STATES, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, Query } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from '../flow.ts'

const OPEN_STATES = STATES.filter(state => isOpen(state.name)).map(state => state.value)

/** Oldest first: by creation time, which has a resolution of one second, then by number. */
export function oldestFirst(changes: readonly Change[]): Change[] {
  return [...changes].sort((a, b) => compare(a.createdAt, b.createdAt) || compareNumbers(a.number, b.number))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** CHG999 comes before CHG1000. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compare(a, b)
}

/**
 * The open changes (New to Implement) of a deployment, the one that counts first: the oldest, but one whose approval
 * has been requested before any draft, for a draft can still be cancelled.
 */
export async function openChangesOf(flow: Flow, correlationId: string): Promise<Change[]> {
  const query = new Query().is('correlation_id', correlationId).in('state', OPEN_STATES)
  const open = await flow.client.changes.find(query, 'looking for an open change of this deployment')
  // The database compares without case; an identity is meant to the letter.
  const found = oldestFirst(open.filter(change => change.correlationId === correlationId))
  return [...found.filter(change => !isDraft(change)), ...found.filter(isDraft)]
}

/** The open changes with exactly this short description. */
export async function openChangesTitled(flow: Flow, title: string): Promise<Change[]> {
  const query = new Query().is('short_description', title).in('state', OPEN_STATES)
  const found = await flow.client.changes.find(
    query,
    'looking for an open change with this short description'
  )
  // The database compares without case; a title is meant to the letter.
  return oldestFirst(found.filter(change => change.fields.short_description?.value === title))
}

function isDraft(change: Change): boolean {
  return stateOf(change.state) === 'new'
}

/** For so long after its creation a draft is taken to have a job that is still at work on it. Milliseconds. */
const YOUNG_MS = 20_000

/** Whether a draft was made a moment ago, by the instance's clock. */
export function isYoung(flow: Flow, change: Change): boolean {
  return isDraft(change) && flow.client.now() - createdAt(change) < YOUNG_MS
}

/** Epoch milliseconds; NaN when the account may not read it. */
export function createdAt(change: Change): number {
  return Date.parse(`${change.createdAt.replace(' ', 'T')}Z`)
}

/**
 * Cancels the changes that are still in New: drafts another job of the same deployment left or lost with. Those made
 * a moment ago get no note here: their own jobs find this change as well, and say so themselves.
 */
export async function cancelRivals(flow: Flow, rivals: readonly Change[], winner: Change): Promise<void> {
  for (const rival of rivals) {
    if (!isDraft(rival) || rival.sysId === winner.sysId) continue
    // It may be over, or submitted, since the list was read.
    if (!isDraft(await flow.client.changes.get(rival.sysId))) continue
    const why = `Canceled: ${winner.number} is the change of this deployment.`
    await cancelDraft(flow, rival, isYoung(flow, rival) ? undefined : why)
    flow.report.notice(
      `Canceled the draft ${rival.number}: ${winner.number} is the change of this deployment.`
    )
  }
}

/**
 * Cancels a change that nobody has been asked to approve. Where nothing moves it is asked for once more.
 *
 * @param why the work note; written even when another job has cancelled the draft meanwhile
 * @throws ChangeError when it stays in New: a deployment must not be left with two changes
 */
export async function cancelDraft(flow: Flow, change: Change, why: string | undefined): Promise<void> {
  let now = change
  for (let n = 0; n < 2 && isDraft(now); n += 1) {
    const said = why === undefined || fieldOf(now.fields, 'work_notes').display.includes(why)
    now = await flow.client.changes.update(
      change.sysId,
      { state: '4', ...(said ? {} : { work_notes: why }) },
      { doing: `canceling the draft ${change.number}`, done: after => stateOf(after.state) === 'canceled' }
    )
  }
  if (!isDraft(now)) return
  throw new ChangeError(
    `Change ${change.number}: not canceled`,
    `The instance accepted the cancellation of the draft ${change.number} and did not make it: it is still in New.\n` +
      'Likely cause: a business rule keeps it in New, or the account may not write its state.\n' +
      'Fix: cancel it by hand, or give the service account the right to, and run the job again.'
  )
}
