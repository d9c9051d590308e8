/** How a job's change stands after the job, in a few words: what the main step said, and what happened since. */
import { isAtOrBeyond, stateOf, stateText } from '@change-actions/change-control'
import type { GateState } from '@change-actions/change-operations'
import { endVerdict, verdictOf } from '@change-actions/github-actions/change'
import type { Change } from '@change-actions/servicenow-client'

/** Ends of a main step that say nothing of the change. */
const UNDECIDED: readonly (string | undefined)[] = [undefined, 'error', 'interrupted']

/** Whether the deployment could begin. A main step that was killed while it claimed the change may have got through. */
export function isOpened({ phase, outcome }: GateState, after: Change): boolean {
  if (phase !== 'entering') return phase === 'entered'
  const state = stateOf(after.state)
  return UNDECIDED.includes(outcome) && state !== 'canceled' && isAtOrBeyond(state, 'implement')
}

/** What is known before the change is read: where nothing was deployed, that. */
export function verdictBefore({ phase, outcome }: GateState): string {
  return phase === 'before' ? refusal(outcome) : verdictOf('failure')
}

/** @param closed the result of a close, where it was closed */
export function verdictAfter(state: GateState, after: Change, closed: string | undefined): string {
  const end = endVerdict(after.stateLabel, closed)
  if (isOpened(state, after)) return end
  const moved = state.times.at(-1)?.[0] !== stateText(after)
  const decided = closed === undefined && state.approval !== undefined && state.approval !== after.approval
  if (!moved && !decided) return refusal(state.outcome)
  // Not approved yet, and approved by now.
  const before = state.outcome === 'timeout' ? LATE : refusal(state.outcome)
  return `${before}; now ${end}${decided ? `, approval ${after.approval}` : ''}`
}

const LATE = 'not approved in time, nothing is deployed'

function refusal(outcome: string | undefined): string {
  return verdictOf(outcome ?? 'not-opened')
}
