import { type ApproverProblem, formatServiceNowDate, type Reason } from '@change-actions/change-control'

/** Why a gate waits or stops, as the end of a sentence: without a capital letter and a full stop. May hold untrusted text. */
export function reasonText(reason: Reason): string {
  switch (reason.code) {
    case 'bound-elsewhere':
      return 'the change is bound to another repository or environment'
    case 'binding-lost':
      return 'our account made the change, and its correlation_display was emptied or overwritten: what it was approved for is not known'
    case 'bound-later':
      return 'the change was approved before it was bound to this deployment'
    case 'other-digests':
      return 'the change was approved for other artifact digests'
    case 'digests-unknown':
      return 'no artifact digests that can be proved ours stand in the notes of the change'
    case 'claimed':
      return `the change is claimed by run ${reason.runId}, which deploys under it`
    case 'deployment-over':
      return 'the change is in Review and was used by another run'
    case 'no-approver':
      return approverText(reason.problem)
    case 'edited':
      return editedText(reason.fields)
    case 'canceled':
      return 'the change was canceled'
    case 'rejected':
      return `approval was rejected: the change is in ${reason.state}`
    case 'closed':
      return 'the change is closed: it was already used for a deployment'
    case 'unauthorized':
      return 'the change is marked as unauthorized'
    case 'window-over':
      return `the planned end, ${moment(reason.plannedEnd)}, has passed`
    case 'window-nearly-over':
      return `the window closes at ${moment(reason.plannedEnd)}, and ${span(reason.neededMs)} must be left before that`
    case 'window-too-short':
      return `the window is ${span(reason.lengthMs)} long, and ${span(reason.neededMs)} must be left in it`
    case 'window-reversed':
      return 'the window never opens: it is planned to end before it starts'
    case 'window-opens-late':
      return `the window opens at ${moment(reason.plannedStart)}, after the wait ends at ${moment(reason.deadline)}`
    case 'window-opens':
      return `the window opens at ${moment(reason.plannedStart)}`
    case 'withdrawn':
      return 'approval was requested and then withdrawn: the change is back in New'
    case 'stale-approval':
      return `the change was made for commit ${reason.boundCommit}, and this run deploys ${reason.commit}`
    case 'approved':
      return `approved: ${status(reason)}${madeFor(reason.boundCommit)}`
    case 'approval-not-required':
      return `may proceed without approval: ${status(reason)}${madeFor(reason.boundCommit)}`
    case 'on-hold':
      return `on hold: ${reason.holdReason || 'no reason given'}`
    case 'never-requested':
      return 'approval was never requested: the change is in New'
    case 'waiting-for-approval':
      return `waiting for approval: ${status(reason)}`
    case 'waiting-for-state':
      return `waiting for state ${reason.wanted.join(' or ')}: ${status(reason)}`
    case 'unexpected-state':
      return `state ${reason.state} is neither one to proceed in nor one to wait in`
  }
}

function approverText(problem: ApproverProblem): string {
  switch (problem.kind) {
    case 'no-row':
      return 'the change reads approved, and no approver row does: nobody approved it'
    case 'self-approved':
      return `approved only by those who asked for it: ${problem.approvers.join(', ')}`
    case 'requester-unknown':
      return `who asked for the change is not known: requested_by is ${problem.requestedBy || 'empty'}`
    case 'unreadable':
      return `who approved cannot be told: the account may not read the table ${problem.table}`
  }
}

/** What was edited since the submission, as the end of a sentence. */
export function editedText(fields: readonly string[] | undefined): string {
  return fields === undefined
    ? 'it cannot be told whether the change was edited after its submission'
    : `edited after the submission: ${fields.join(', ')}`
}

/** The same, to follow the outcome that the reason leads to. */
export function detailText(reason: Reason): string {
  return reasonText(reason).replace(/^approved: /, '')
}

/** What a dry run found out about a change. @param why without a full stop; may hold untrusted text */
export function checkedOnceText(number: string, outcome: string, why: string): string {
  const because = why === '' ? '' : `: ${why}`
  return `${number} was checked once; the outcome would be ${outcome}${because}.`
}

/** Inputs, connection, rights and names: a dry run that finds something wrong ends with that. */
export const DRY_RUN_DONE =
  'All checks of this dry run were right. Nothing was written, and nothing may be deployed after a dry run.'

/** What is worth a warning although the gate opens. */
export const WARNINGS = {
  'in-review': 'the change is in Review: its work counts as done already'
} as const

function madeFor(boundCommit: string | undefined): string {
  return boundCommit === undefined ? '' : `, made for commit ${boundCommit} (a new commit is allowed)`
}

function status({ state, approval }: { state: string; approval: string }): string {
  return `state ${state}, approval ${approval || 'not set'}`
}

/** `2026-12-01 22:00:00 UTC`. @param ms epoch milliseconds */
export function moment(ms: number): string {
  return `${formatServiceNowDate(ms)} UTC`
}

function span(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s` : `${Math.floor(ms / 60_000)} min`
}
