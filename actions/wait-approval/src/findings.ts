import { formatDuration, markdown, type Outputs, oneLine } from '@change-actions/action-kit'
import type { Outcome } from '@change-actions/change-control'
import type { Progress, Waited } from '@change-actions/change-flow'
import type { Approval } from '@change-actions/servicenow-client'

/** Outputs that tell how the wait went so far. */
export function writeProgress(outputs: Outputs, progress: Progress): void {
  outputs.set('approved-by', approvedBy(progress.approvals).join('; '))
  outputs.set(
    'approvals',
    (progress.approvals ?? []).map(one => ({ ...one }))
  )
  outputs.set('waited-seconds', Math.round(progress.waitedMs / 1000))
  outputs.set('polls', progress.polls)
}

function approvedBy(approvals: readonly Approval[] | undefined): string[] {
  return (approvals ?? []).filter(one => one.state === 'approved').map(one => oneLine(one.approver, 200))
}

export function approvalFacts(waited: Waited, outcome: Outcome): (readonly [string, string])[] {
  const by = approvedBy(waited.approvals)
  return [
    ['Outcome', markdown(outcome)],
    ['Because', markdown(oneLine(waited.reason, 500))],
    ...(by.length === 0 ? [] : [['Approved by', markdown(by.join('; '))] as const]),
    ['Looks', `${waited.polls} in ${formatDuration(waited.waitedMs)}`]
  ]
}

/** What approvers said, one line each. */
export function comments(approvals: readonly Approval[] | undefined): string[] {
  return (approvals ?? []).flatMap(one =>
    one.comments === ''
      ? []
      : [`${oneLine(one.approver, 200)} (${one.state}): ${oneLine(one.comments, 1_000)}`]
  )
}

const FIXES: Partial<Record<Outcome, string>> = {
  rejected:
    'read the comments, correct what was objected to and run create-change again with resubmit: true, or give the deployment up',
  canceled: 'create a new change for this deployment',
  closed: 'use a new change: this one has been carried out already',
  unauthorized: 'have a change manager look at the change: it is marked as unauthorized',
  'window-closed':
    'plan a new start and end, or set change-window: ignore if the window does not bind this deployment',
  'window-not-open': 'run the job nearer to the planned start, or raise timeout',
  withdrawn: 'request approval again (create-change), or cancel the change',
  'stale-approval': 'have this commit approved by a change of its own, or set allow-new-commit: true',
  'unexpected-state':
    'look at the change; list the state in proceed-states or wait-states if it is one of yours',
  timeout: 'ask the approvers, raise timeout, or run the job again once it is approved'
}

/** Why the gate stays shut, what an approver said, and what to do. */
export function failureText(waited: Waited): string {
  const said = comments((waited.approvals ?? []).filter(one => one.state === 'rejected'))
  const lines = [`${waited.reason.replace(/\.$/, '')}.`, ...said]
  const fix = FIXES[waited.outcome]
  return [...lines, ...(fix === undefined ? [] : [`Fix: ${fix}.`])].join('\n')
}
