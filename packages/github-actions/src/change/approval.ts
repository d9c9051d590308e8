import { approvalBasis, type Outcome } from '@change-actions/change-control'
import type { Progress, Waited } from '@change-actions/change-operations'
import type { Approval, Problem } from '@change-actions/servicenow-client'
import { clientTitle, detailText, pendingText, stepProblem } from '../messages/index.ts'
import type { Outputs } from '../outputs.ts'
import type { StepTools } from '../step/definition.ts'
import { oneLine } from '../text.ts'
import { writeWindow } from './outputs.ts'
import type { StepReport } from './report.ts'
import { approvedRows, decisionsOf } from './story/story.ts'

/** Writes the outputs that tell how the wait went so far. */
export function writeProgress(outputs: Outputs, progress: Progress): void {
  if (progress.change !== undefined) writeWindow(outputs, progress.change)
  outputs.set('approved-by', approvedBy(progress.approvals).join('; '))
  outputs.set(
    'approvals',
    (progress.approvals ?? []).map(({ approver, group, state, comments, at }) => ({
      approver,
      group,
      state,
      comments,
      at
    }))
  )
  // Written when the gate opens.
  outputs.set('approval-proof', '')
  outputs.set('waited-seconds', Math.round(progress.waitedMs / 1000))
  outputs.set('polls', progress.polls)
}

function approvedBy(approvals: readonly Approval[] | undefined): string[] {
  return approvedRows(approvals).map(one => oneLine(one.approver, 200))
}

/**
 * Writes on what the approval of the change rests, and returns it; '' while it is required and not given.
 *
 * @param requireApproval whether the wait required one
 */
export function writeBasis(
  outputs: Outputs,
  { change, approvals, boundLater }: Waited,
  requireApproval: boolean
): string {
  const found = change === undefined ? undefined : approvalBasis(change, approvals, requireApproval)
  const basis = found === undefined ? '' : `${found}${boundLater && found !== 'none' ? ', bound later' : ''}`
  outputs.set('approval-basis', basis)
  return basis
}

/** Why a wait ended as it did, and who has yet to approve; without a full stop, '' when nothing is known. Untrusted text. */
export function whyText({ reason, pending, problem }: Waited): string {
  if (reason === undefined)
    return problem === undefined ? '' : `the last poll failed: ${clientTitle(problem)}`
  const who = pendingText(pending)
  return `${detailText(reason)}${who === '' ? '' : `. ${who}`}`
}

/** A dry run never opens a gate: the single poll of its change, as the problem that it ends with. */
export function dryRunProblem(waited: Waited): Problem {
  const { change, outcome } = waited
  const subject =
    change === undefined
      ? undefined
      : ({ kind: 'change', number: change.number, sysId: change.sysId } as const)
  return stepProblem('dry-run', { outcome, why: whyText(waited) }, { subject, outcome: 'dry-run' })
}

/** Adds to measures and summary how a wait that has just ended went. */
export function tellWait(
  { now, redact }: Pick<StepTools, 'now' | 'redact'>,
  report: StepReport,
  waited: Waited
): void {
  const { story } = report
  const { waitedMs, approvalWaitMs } = waited
  report.waitMs = approvalWaitMs
  report.waitEndedAt = now() - (waitedMs - approvalWaitMs)
  report.polls = waited.polls
  story.reason = whyText(waited) || undefined
  story.decisions = decisionsOf(waited.approvals, redact)
  story.refused = waited.outcome !== 'approved'
}

/** Outcomes in which a rejection is final. In others, of a change submitted again, it is that of an earlier round. */
const FINAL: readonly Outcome[] = ['rejected', 'canceled', 'closed']

/** The rows of approvers that have a comment worth a line of the log. */
export function commentedRows({ outcome, approvals }: Waited): readonly Approval[] {
  return FINAL.includes(outcome) ? (approvals ?? []).filter(one => one.comments !== '') : []
}
