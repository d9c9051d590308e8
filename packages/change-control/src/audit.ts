import type { StateName } from './states.ts'
import { isAtOrBeyond } from './transitions.ts'

/** What an auditor looks for, in the order of a report. */
export const FINDINGS = [
  'no-change',
  'before-approval',
  'outside-window',
  'other-commit',
  'self-approved',
  'freed-by-policy',
  'left-open',
  'result-differs'
] as const

export type FindingCode = (typeof FINDINGS)[number]

/** A deployment as GitHub records it. Times are epoch milliseconds. */
export interface AuditedDeployment {
  /** The commit of its run. */
  readonly commit: string
  readonly runId: string | undefined
  /** Its first status `in_progress`; undefined for one that never started. */
  readonly startedAt: number | undefined
  /** How it ended; undefined while it goes on. */
  readonly result: 'success' | 'failure' | undefined
  /** Not all of its statuses could be read: what is missing above may be known to GitHub. */
  readonly statusesCut: boolean
}

/** What a change says of the deployment under it. Times are epoch milliseconds. */
export interface AuditedChange {
  /** Undefined for a state of the instance's own. */
  readonly state: StateName | undefined
  /** Raw: `successful`, `successful_issues`, `unsuccessful`, or one of the instance's own. */
  readonly closeCode: string
  readonly fromTemplate: boolean
  /** When the last approval was given; undefined where nobody approved, or the rows cannot be read. */
  readonly approvedAt: number | undefined
  /** Sys_ids of those who approved; undefined where the rows cannot be read. */
  readonly approvers: readonly string[] | undefined
  /** Sys_ids of those who made or asked for it. */
  readonly requesters: readonly string[]
  /** False: the account may not see all of those, or which approver is one of them. */
  readonly requestersKnown: boolean
  readonly plannedStart: number | undefined
  readonly plannedEnd: number | undefined
  /** When the work began, as the gate wrote it. */
  readonly workStart: number | undefined
  /** The commit of the binding, as far as it goes: 12 or 40 hex digits. */
  readonly commit: string | undefined
}

export interface Finding {
  readonly code: FindingCode
  /** Facts, in plain words and without a full stop; may hold untrusted text. */
  readonly detail: string
}

/**
 * What is wrong with a deployment, held against its change.
 *
 * A job with an environment is `in_progress` from its first step on, the wait of the gate included: where the gate wrote
 * that the work began later, that is the start.
 *
 * @param change the change of its run; undefined where none was found
 * @param freed the policy of its commit frees the environment
 */
export function auditDeployment(
  deployment: AuditedDeployment,
  change: AuditedChange | undefined,
  freed: boolean
): readonly Finding[] {
  const { startedAt } = deployment
  if (startedAt === undefined) return change === undefined ? [] : leftOpen(deployment, change)
  if (change === undefined) {
    return freed
      ? [{ code: 'freed-by-policy', detail: 'the policy of its commit frees the environment' }]
      : [{ code: 'no-change', detail: 'no change of ours names its run' }]
  }
  const began = Math.max(startedAt, change.workStart ?? startedAt)
  return [
    ...beforeApproval(began, change),
    ...outsideWindow(began, change),
    ...otherCommit(deployment, change),
    ...selfApproved(change),
    ...leftOpen(deployment, change),
    ...resultDiffers(deployment, change)
  ]
}

/**
 * What cannot be told of a deployment, in plain words and without a full stop: it is not known to be in order.
 *
 * @param change the change of its run; undefined where none was found
 */
export function untoldOf(
  deployment: AuditedDeployment,
  change: AuditedChange | undefined
): readonly string[] {
  const { startedAt, result, runId, statusesCut } = deployment
  const untold = statusesCut
    ? [
        ...(startedAt === undefined ? ['when it started: not all of its statuses can be read'] : []),
        ...(result === undefined ? ['how it ended: not all of its statuses can be read'] : [])
      ]
    : []
  if (runId === undefined && startedAt !== undefined) untold.push('which run it belongs to')
  if (change !== undefined && change.commit === undefined) untold.push('which commit the change is for')
  if (change === undefined || change.fromTemplate) return untold
  if (change.approvers === undefined)
    return [...untold, 'who approved: the rows of sysapproval_approver cannot be read']
  const unclear = change.approvers.length > 0 && !change.requestersKnown && !isSelfApproved(change)
  return unclear ? [...untold, 'whether somebody else than the requester approved'] : untold
}

function beforeApproval(began: number, { approvedAt, approvers, fromTemplate }: AuditedChange): Finding[] {
  // A template is approved before any change is made from it.
  if (fromTemplate || approvers === undefined) return []
  if (approvedAt === undefined) return [{ code: 'before-approval', detail: 'nobody approved the change' }]
  if (began >= approvedAt) return []
  return [{ code: 'before-approval', detail: `started ${utc(began)}, approved ${utc(approvedAt)}` }]
}

function outsideWindow(began: number, { plannedStart, plannedEnd }: AuditedChange): Finding[] {
  const early = plannedStart !== undefined && began < plannedStart
  const late = plannedEnd !== undefined && began > plannedEnd
  if (!early && !late) return []
  const planned = [plannedStart, plannedEnd].map(at => (at === undefined ? 'open' : utc(at)))
  return [{ code: 'outside-window', detail: `started ${utc(began)}, planned ${planned.join(' to ')}` }]
}

function otherCommit({ commit }: AuditedDeployment, change: AuditedChange): Finding[] {
  const bound = change.commit
  if (bound === undefined || commit.startsWith(bound) || bound.startsWith(commit)) return []
  return [{ code: 'other-commit', detail: `the run is of ${commit}, the change was made for ${bound}` }]
}

function isSelfApproved({ approvers, requesters, fromTemplate }: AuditedChange): boolean {
  if (fromTemplate || approvers === undefined || approvers.length === 0) return false
  return approvers.every(one => requesters.includes(one))
}

function selfApproved(change: AuditedChange): Finding[] {
  if (!isSelfApproved(change)) return []
  return [{ code: 'self-approved', detail: 'approved only by those who made or asked for it' }]
}

/** A change whose run is over, and under which no deployment was recorded. */
export function auditOpenChange({ state }: Pick<AuditedChange, 'state'>): readonly Finding[] {
  return isStillOpen(state)
    ? [{ code: 'left-open', detail: `its run is over, and the change is ${state ?? 'open'}` }]
    : []
}

/** A state of the instance's own is not known to be an end. */
export function isStillOpen(state: StateName | undefined): boolean {
  return state === undefined || !(state === 'canceled' || isAtOrBeyond(state, 'closed'))
}

function leftOpen({ result }: AuditedDeployment, { state }: AuditedChange): Finding[] {
  return result !== undefined && isStillOpen(state)
    ? [
        {
          code: 'left-open',
          detail: `the deployment ended (${result}), and the change is ${state ?? 'open'}`
        }
      ]
    : []
}

function resultDiffers({ result }: AuditedDeployment, { state, closeCode }: AuditedChange): Finding[] {
  if (result === undefined) return []
  if (state === 'canceled')
    return result === 'success'
      ? [{ code: 'result-differs', detail: 'the deployment succeeded, and the change is canceled' }]
      : []
  if (state !== 'closed') return []
  const failed = closeCode === 'unsuccessful'
  const succeeded = closeCode === 'successful' || closeCode === 'successful_issues'
  const differs = result === 'success' ? failed : succeeded
  return differs
    ? [{ code: 'result-differs', detail: `the deployment ended (${result}), the change as ${closeCode}` }]
    : []
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
