import type { Outcome } from '@change-actions/change-control'
import { type Progress, WAIT_PROBLEMS, type Waited } from '@change-actions/change-operations'
import type { Approval } from '@change-actions/servicenow-client'
import { formatDuration } from '../inputs/time.ts'
import type { Outputs } from '../outputs.ts'
import { markdown, oneLine } from '../text.ts'

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
    ['Looks', `${waited.polls} in ${formatDuration(waited.waitedMs)}, with ${waited.requests} requests`]
  ]
}

/** Ends in which a rejection is the last word. In others, of a change submitted again, it is that of an earlier round. */
const OVER: readonly Outcome[] = ['rejected', 'canceled', 'closed']

/** What approvers said, one line each. */
export function comments({ outcome, approvals }: Waited): string[] {
  if (!OVER.includes(outcome)) return []
  return (approvals ?? []).flatMap(one =>
    one.comments === ''
      ? []
      : [`${oneLine(one.approver, 200)} (${one.state}): ${oneLine(one.comments, 1_000)}`]
  )
}

/** An outcome that is none of these has nothing to be put right. */
const PROBLEMS: Partial<Record<Outcome, { readonly fix: string }>> = WAIT_PROBLEMS

/** Why the gate stays shut, what an approver said, and what to do. */
export function failureText(waited: Waited): string {
  const rejections = (waited.approvals ?? []).filter(one => one.state === 'rejected')
  const said = comments({ ...waited, approvals: rejections })
  const lines = [`${waited.reason.replace(/\.$/, '')}.`, ...said]
  const fix = PROBLEMS[waited.outcome]?.fix
  return [...lines, ...(fix === undefined ? [] : [`Fix: ${fix}.`])].join('\n')
}
