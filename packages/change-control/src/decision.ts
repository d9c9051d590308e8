import { isCommitOf, parseBinding } from './change-marks.ts'
import type { Decision, GateFacts, GateHistory, GatePolicy, Outcome, Ownership, WaitPolicy } from './gate.ts'
import type { Reason } from './reason.ts'
import { type ChangeSnapshot, isApprovalIdle, isApproved, normaliseWord } from './snapshot.ts'
import { isListed, listedTitle, type StateName, stateOf, stateTitle } from './states.ts'
import { windowAt } from './window.ts'

/**
 * Whether a deployment may go ahead, on one poll of its change. The order of the questions is the rule: an end
 * of the change counts before the window, the window before a withdrawn approval, and that before an open gate.
 * The same function serves every gate.
 *
 * @param now epoch milliseconds
 * @param facts what is known beyond the record; undefined until it was gathered, and nothing is required of it then
 */
export function decide(
  change: ChangeSnapshot,
  policy: WaitPolicy,
  now: number,
  history: GateHistory,
  ownership: Ownership = 'ours',
  facts?: GateFacts
): Decision {
  const state = stateOf(change.state)
  return (
    notOurs(ownership) ??
    endOfChange(change, state) ??
    endOfWindow(change, policy, now) ??
    notRequested(change, policy, state, history) ??
    openGate(change, policy, now, state, facts) ??
    keepWaiting(change, policy, state) ??
    stop('unexpected-state', { code: 'unexpected-state', state: stateTitle(change) })
  )
}

/**
 * State, approval and hold are as the gate requires: what is left to tell stands in the notes, the approver rows and
 * the window.
 */
export function isReady(change: ChangeSnapshot, policy: GatePolicy): boolean {
  const approved = isApproved(change) || !policy.requireApproval
  return isListed(policy.proceedStates, change) && approved && !change.onHold
}

/** The first half of step 1. */
function notOurs(ownership: Ownership): Decision | undefined {
  if (ownership === 'foreign') return stop('foreign-change', { code: 'bound-elsewhere' })
  return ownership === 'unbound' ? stop('unbound', { code: 'binding-lost' }) : undefined
}

/** Step 1. A rejected change goes back to New: its approval tells, not its state. */
function endOfChange(change: ChangeSnapshot, state: StateName | undefined): Decision | undefined {
  if (state === 'canceled') return stop('canceled', { code: 'canceled' })
  if (normaliseWord(change.approval) === 'rejected')
    return stop('rejected', { code: 'rejected', state: stateTitle(change) })
  if (state === 'closed') return stop('closed', { code: 'closed' })
  return change.unauthorized ? stop('unauthorized', { code: 'unauthorized' }) : undefined
}

/** Step 2, approved or not: what is left of the window only gets shorter. */
function endOfWindow(change: ChangeSnapshot, policy: GatePolicy, now: number): Decision | undefined {
  const { plannedEnd } = change
  if (!policy.respectWindow || plannedEnd === undefined) return undefined
  if (now > plannedEnd) return stop('window-closed', { code: 'window-over', plannedEnd })
  const neededMs = policy.minimumWindowMs ?? 0
  return plannedEnd - now < neededMs
    ? stop('window-closed', { code: 'window-nearly-over', plannedEnd, neededMs })
    : undefined
}

/**
 * Step 3. In Assess and Authorize an approval may read "not requested" between two stages; in New it is gone, or nobody
 * requested it yet.
 */
function notRequested(
  change: ChangeSnapshot,
  { whenNotRequested }: GatePolicy,
  state: StateName | undefined,
  history: GateHistory
): Decision | undefined {
  if (state !== 'new' || !isApprovalIdle(change)) return undefined
  if (history.approvalWasRequested) return stop('withdrawn', { code: 'withdrawn' })
  return whenNotRequested === 'stop' ? stop('not-requested', { code: 'never-requested' }) : undefined
}

/** Step 4. Undefined while state, approval or a hold keep the gate shut. */
function openGate(
  change: ChangeSnapshot,
  policy: WaitPolicy,
  now: number,
  state: StateName | undefined,
  facts: GateFacts | undefined
): Decision | undefined {
  if (!isReady(change, policy)) return undefined
  const boundCommit = otherCommit(change, policy)
  const refused = refusal(change, policy, state, facts)
  if (refused !== undefined) return refused
  const closed = policy.respectWindow ? beforeWindow(change, policy, now) : undefined
  if (closed !== undefined) return closed
  const code = isApproved(change) ? 'approved' : 'approval-not-required'
  return {
    kind: 'proceed',
    outcome: 'approved',
    reason: { code, ...status(change), ...(boundCommit !== undefined && { boundCommit }) },
    ...(state === 'review' && { warning: 'in-review' })
  }
}

/** The first half of step 4, in its order: none of these mends itself. */
function refusal(
  change: ChangeSnapshot,
  policy: GatePolicy,
  state: StateName | undefined,
  facts: GateFacts | undefined
): Decision | undefined {
  if (facts?.boundLater && policy.requireBinding) return stop('unbound', { code: 'bound-later' })
  const boundCommit = otherCommit(change, policy)
  if (boundCommit !== undefined && !policy.allowNewCommit)
    return stop('stale-approval', {
      code: 'stale-approval',
      boundCommit,
      commit: shortCommit(policy.commit ?? '', boundCommit)
    })
  return facts === undefined ? undefined : refusalByFacts(facts, policy, state)
}

function refusalByFacts(
  facts: GateFacts,
  policy: GatePolicy,
  state: StateName | undefined
): Decision | undefined {
  const { digests, claim, approvers, edited } = facts
  if (digests === 'differ') return stop('stale-approval', { code: 'other-digests' })
  if (digests === 'unknown') return stop('stale-approval', { code: 'digests-unknown' })
  if (claim.kind === 'other') return stop('in-use', { code: 'claimed', runId: claim.runId })
  if (state === 'review' && claim.kind === 'none' && !facts.boundToThisRun)
    return stop('in-use', { code: 'deployment-over' })
  if (approvers !== undefined) return stop('no-approver', { code: 'no-approver', problem: approvers })
  const isEdited = edited === undefined || edited.length > 0
  return isEdited && policy.editsAfterSubmission === 'refuse'
    ? stop('edited', { code: 'edited', fields: edited })
    : undefined
}

/** The window half of step 4: waits for the planned start, unless waiting cannot help. */
function beforeWindow(change: ChangeSnapshot, policy: WaitPolicy, now: number): Decision | undefined {
  const window = windowAt(change, now)
  if (window.kind !== 'before') return undefined
  const { opensAt: plannedStart } = window
  const lengthMs = (change.plannedEnd ?? Number.POSITIVE_INFINITY) - plannedStart
  if (lengthMs < 0) return stop('window-not-open', { code: 'window-reversed' })
  const neededMs = policy.minimumWindowMs ?? 0
  if (lengthMs < neededMs) return stop('window-closed', { code: 'window-too-short', lengthMs, neededMs })
  const { deadline } = policy
  if (plannedStart > deadline)
    return stop('window-not-open', { code: 'window-opens-late', plannedStart, deadline })
  return { kind: 'wait', reason: { code: 'window-opens', plannedStart }, until: plannedStart }
}

/** Step 5. */
function keepWaiting(
  change: ChangeSnapshot,
  policy: GatePolicy,
  state: StateName | undefined
): Decision | undefined {
  const listed = isListed(policy.waitStates, change) || isListed(policy.proceedStates, change)
  return listed ? { kind: 'wait', reason: whyWait(change, policy, state) } : undefined
}

function whyWait(change: ChangeSnapshot, policy: GatePolicy, state: StateName | undefined): Reason {
  if (change.onHold) return { code: 'on-hold', holdReason: change.onHoldReason.trim() }
  // Had it been requested, step 3 would have ended the wait.
  if (state === 'new' && isApprovalIdle(change)) return { code: 'never-requested' }
  if (policy.requireApproval && !isApproved(change))
    return { code: 'waiting-for-approval', ...status(change) }
  return { code: 'waiting-for-state', wanted: policy.proceedStates.map(listedTitle), ...status(change) }
}

/** The commit an approval was given for, when the change is bound to one (by us) and it is not this run's. */
function otherCommit(change: ChangeSnapshot, policy: GatePolicy): string | undefined {
  const bound = parseBinding(change.correlationDisplay)
  if (bound === undefined || !policy.commit || isCommitOf(bound, policy.commit)) return undefined
  return shortCommit(bound.commit, policy.commit)
}

/** The first digits of a commit: enough of them to tell it from another one. */
function shortCommit(commit: string, other: string): string {
  const [text, rest] = [commit.toLowerCase(), other.toLowerCase()]
  return text.slice(0, 12) === rest.slice(0, 12) ? text : text.slice(0, 12)
}

function status(change: ChangeSnapshot): { state: string; approval: string } {
  return { state: stateTitle(change), approval: change.approval.trim() }
}

function stop(outcome: Exclude<Outcome, 'approved'>, reason: Reason): Decision {
  return { kind: 'stop', outcome, reason }
}
