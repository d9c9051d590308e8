import type { Outcome, Reason } from '@change-actions/change-control'
import type { ClientProblem, Problem } from '@change-actions/servicenow-client'
import {
  type ChangeProblem,
  type ChangeProblems,
  changeProblem,
  type InUseReason,
  type WaitFacts
} from '../problems.ts'
import type { Waited } from './types.ts'

/** The outcomes by which a gate stays shut. */
type StopCode = Extract<
  Outcome,
  { [C in keyof ChangeProblems]: ChangeProblems[C] extends WaitFacts ? C : never }[keyof ChangeProblems]
>

/**
 * A wait that ended without an approval, as a problem.
 *
 * @throws TypeError for a wait that ended otherwise
 */
export function problemOfWait(waited: Waited): ChangeProblem | ClientProblem {
  const { outcome, change, reason, problem } = waited
  if (outcome === 'error' && problem !== undefined)
    return (problem as Problem).with({}, { outcome }) as unknown as ClientProblem
  if (outcome === 'timeout') {
    const { timeoutMs, pending } = waited
    const facts = { reason, timeoutMs, pending, last: problem }
    return changeProblem('timeout', change, facts, { outcome, cause: problem })
  }
  if (outcome === 'foreign-change')
    return changeProblem(outcome, change, { why: { code: 'bound-elsewhere' } }, { outcome })
  if (outcome === 'in-use' && reason !== undefined)
    return changeProblem(outcome, change, { why: inUseBy(reason) }, { outcome })
  if (reason === undefined || !isStop(outcome))
    throw new TypeError(`a wait that ended with ${outcome} is no problem`)
  const rejections = (waited.approvals ?? []).filter(one => one.state === 'rejected')
  return changeProblem(outcome, change, { reason, rejections }, { outcome })
}

function inUseBy(reason: Reason): InUseReason {
  if (reason.code !== 'claimed') return { code: 'deployment-over' }
  return { code: 'claimed', holder: { runId: reason.runId }, own: false }
}

const STOPS: Readonly<Record<StopCode, true>> = {
  unbound: true,
  rejected: true,
  canceled: true,
  closed: true,
  unauthorized: true,
  'window-closed': true,
  'window-not-open': true,
  withdrawn: true,
  'not-requested': true,
  'stale-approval': true,
  'no-approver': true,
  edited: true,
  'unexpected-state': true
}

function isStop(outcome: Outcome): outcome is StopCode {
  return Object.hasOwn(STOPS, outcome)
}
