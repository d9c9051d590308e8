import { isOpen, STATES, stateOf } from '@change-actions/change-control'
import { type Change, Query } from '@change-actions/servicenow-client'
import type { Flow } from '../flow.ts'

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
  const found = oldestFirst(
    await flow.client.changes.find(query, 'looking for an open change of this deployment')
  )
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

/** Cancels the changes that are still in New: drafts another job of the same deployment left or lost with. */
export async function cancelRivals(flow: Flow, rivals: readonly Change[], winner: Change): Promise<void> {
  for (const rival of rivals) {
    if (!isDraft(rival) || rival.sysId === winner.sysId) continue
    await cancelDraft(flow, rival, `Canceled: ${winner.number} is the change of this deployment.`)
    flow.report.notice(
      `Canceled the draft ${rival.number}: ${winner.number} is the change of this deployment.`
    )
  }
}

/** Cancels a change that nobody has been asked to approve. */
export async function cancelDraft(flow: Flow, change: Change, why: string): Promise<void> {
  await flow.client.changes.update(
    change.sysId,
    { state: '4', work_notes: why },
    { doing: `canceling the draft ${change.number}`, done: now => stateOf(now.state) === 'canceled' }
  )
}
