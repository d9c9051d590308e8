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

function selfApproved({ approvers, requesters, fromTemplate }: AuditedChange): Finding[] {
  if (fromTemplate || approvers === undefined || approvers.length === 0) return []
  if (approvers.some(one => !requesters.includes(one))) return []
  return [{ code: 'self-approved', detail: 'approved only by those who made or asked for it' }]
}

function leftOpen({ result }: AuditedDeployment, { state }: AuditedChange): Finding[] {
  const open = state === undefined || !(state === 'canceled' || isAtOrBeyond(state, 'closed'))
  return result !== undefined && open
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
