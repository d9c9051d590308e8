import type { Decision, GateHistory, GatePolicy, Outcome } from './gate.ts'
import { parseCorrelationDisplay } from './identity.ts'
import { type ChangeSnapshot, isApprovalIdle, isApproved, normaliseWord } from './snapshot.ts'
import { type StateName, stateLabel, stateOf, stateTitle } from './states.ts'
import { formatServiceNowDate, windowAt } from './window.ts'

/**
 * Whether a deployment may go ahead, on one look at its change. The order of the questions is the rule: an end
 * of the change counts before the window, the window before a withdrawn approval, and that before an open gate.
 * The same function serves every gate; `now` is in epoch milliseconds.
 */
export function decide(
  change: ChangeSnapshot,
  policy: GatePolicy,
  now: number,
  history: GateHistory
): Decision {
  const state = stateOf(change.state)
  return (
    endOfChange(change, state) ??
    endOfWindow(change, policy, now) ??
    withdrawal(change, state, history) ??
    openGate(change, policy, now, state) ??
    patience(change, policy, state) ??
    stop('unexpected-state', `state ${stateTitle(change)} is neither one to proceed in nor one to wait in`)
  )
}

/** Step 1. A rejected change goes back to New: its approval tells, not its state. */
function endOfChange(change: ChangeSnapshot, state: StateName | undefined): Decision | undefined {
  if (state === 'canceled') return stop('canceled', 'the change was canceled')
  if (normaliseWord(change.approval) === 'rejected') {
    return stop('rejected', `approval was rejected: the change is in ${stateTitle(change)}`)
  }
  if (state === 'closed') return stop('closed', 'the change is closed: it has been carried out already')
  return change.unauthorized ? stop('unauthorized', 'the change is marked as unauthorized') : undefined
}

/** Step 2, approved or not: what is left of the window only gets shorter. */
function endOfWindow(change: ChangeSnapshot, policy: GatePolicy, now: number): Decision | undefined {
  if (!policy.respectWindow || change.plannedEnd === undefined) return undefined
  const closes = formatMoment(change.plannedEnd)
  if (now > change.plannedEnd) return stop('window-closed', `the planned end, ${closes}, has passed`)
  const needed = policy.minimumWindowMs ?? 0
  return change.plannedEnd - now < needed
    ? stop(
        'window-closed',
        `the window closes at ${closes}, and ${duration(needed)} must be left before that`
      )
    : undefined
}

/** Step 3. In Assess and Authorize an approval may read "not requested" between two stages; in New it is gone. */
function withdrawal(
  change: ChangeSnapshot,
  state: StateName | undefined,
  history: GateHistory
): Decision | undefined {
  return history.approvalWasRequested && state === 'new' && isApprovalIdle(change)
    ? stop('withdrawn', 'approval was requested and then withdrawn: the change is back in New')
    : undefined
}

/** Step 4. Undefined while state, approval or a hold keep the gate shut. */
function openGate(
  change: ChangeSnapshot,
  policy: GatePolicy,
  now: number,
  state: StateName | undefined
): Decision | undefined {
  const ready = isListed(policy.proceedStates, state) && (isApproved(change) || !policy.requireApproval)
  if (!ready || change.onHold) return undefined
  const boundTo = otherCommit(change, policy)
  if (boundTo !== undefined && !policy.allowNewCommit) {
    const deployed = shortCommit(policy)
    return stop(
      'stale-approval',
      `the change was made for commit ${boundTo}, and this run deploys ${deployed}`
    )
  }
  const closed = policy.respectWindow ? beforeWindow(change, policy, now) : undefined
  if (closed !== undefined) return closed
  const head = isApproved(change) ? 'approved' : 'may proceed without approval'
  const tail = boundTo === undefined ? '' : `, made for commit ${boundTo} (a new commit is allowed)`
  return {
    kind: 'proceed',
    outcome: 'approved',
    reason: `${head}: ${stateAndApproval(change)}${tail}`,
    ...(state === 'review' && { warning: 'the change is in Review: its work counts as done already' })
  }
}

/** The window half of step 4: waits for the planned start, unless waiting cannot help. */
function beforeWindow(change: ChangeSnapshot, policy: GatePolicy, now: number): Decision | undefined {
  const window = windowAt(change, now)
  if (window.kind !== 'before') return undefined
  const opens = `the window opens at ${formatMoment(window.opensAt)}`
  const length = (change.plannedEnd ?? Number.POSITIVE_INFINITY) - window.opensAt
  if (length < 0) {
    return stop('window-not-open', 'the window never opens: it is planned to end before it starts')
  }
  const needed = policy.minimumWindowMs ?? 0
  if (length < needed) {
    return stop(
      'window-closed',
      `the window is ${duration(length)} long, and ${duration(needed)} must be left in it`
    )
  }
  if (window.opensAt > policy.deadline) {
    return stop('window-not-open', `${opens}, after the wait ends at ${formatMoment(policy.deadline)}`)
  }
  return { kind: 'wait', reason: opens, until: window.opensAt }
}

/** Step 5. */
function patience(
  change: ChangeSnapshot,
  policy: GatePolicy,
  state: StateName | undefined
): Decision | undefined {
  const listed = isListed(policy.waitStates, state) || isListed(policy.proceedStates, state)
  return listed ? { kind: 'wait', reason: whyWait(change, policy, state) } : undefined
}

function whyWait(change: ChangeSnapshot, policy: GatePolicy, state: StateName | undefined): string {
  if (change.onHold) return `on hold: ${change.onHoldReason.trim() || 'no reason given'}`
  if (state === 'new' && isApprovalIdle(change)) {
    // Had it been requested, step 3 would have ended the wait.
    return 'approval was never requested: the change is in New'
  }
  const where = stateAndApproval(change)
  const approvalIsMissing = policy.requireApproval && !isApproved(change)
  return approvalIsMissing
    ? `waiting for approval: ${where}`
    : `waiting for state ${policy.proceedStates.map(stateLabel).join(' or ')}: ${where}`
}

/** The commit an approval was given for, when the change is bound to one (by us) and it is not this run's. */
function otherCommit(change: ChangeSnapshot, policy: GatePolicy): string | undefined {
  const bound = parseCorrelationDisplay(change.correlationDisplay)
  if (bound === undefined || !policy.commit) return undefined
  return bound.commit === shortCommit(policy) ? undefined : bound.commit
}

function shortCommit(policy: GatePolicy): string {
  return (policy.commit ?? '').toLowerCase().slice(0, 12)
}

function isListed(states: readonly StateName[], state: StateName | undefined): boolean {
  return state !== undefined && states.includes(state)
}

function stateAndApproval(change: ChangeSnapshot): string {
  return `state ${stateTitle(change)}, approval ${change.approval.trim() || 'not set'}`
}

function formatMoment(ms: number): string {
  return `${formatServiceNowDate(ms)} UTC`
}

function duration(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s` : `${Math.floor(ms / 60_000)} min`
}

function stop(outcome: Exclude<Outcome, 'approved'>, reason: string): Decision {
  return { kind: 'stop', outcome, reason }
}
