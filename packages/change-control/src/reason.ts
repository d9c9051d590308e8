import type { ApproverProblem } from './approver-problem.ts'

/**
 * Why a gate decides as it does, as a code with facts. Times are epoch milliseconds. States are named as people see
 * them, by `stateTitle`; texts of the instance are raw. The front makes the sentence.
 */
export type Reason =
  /** Bound to another repository or environment. */
  | { readonly code: 'bound-elsewhere' }
  /** Our account made it, and its binding is empty or not readable. */
  | { readonly code: 'binding-lost' }
  /** Approved before it was bound to this deployment, or not bound at all. */
  | { readonly code: 'bound-later' }
  /** Digests of what is deployed: other ones than were noted, or none were noted that can be proved. */
  | { readonly code: 'other-digests' | 'digests-unknown' }
  | { readonly code: 'claimed'; readonly runId: string }
  /** In Review, without a claim, and of another run: its deployment is over. */
  | { readonly code: 'deployment-over' }
  | { readonly code: 'no-approver'; readonly problem: ApproverProblem }
  /** Fields of the record; undefined where it cannot be told whether they were edited. */
  | { readonly code: 'edited'; readonly fields: readonly string[] | undefined }
  | { readonly code: 'canceled' }
  | { readonly code: 'rejected'; readonly state: string }
  | { readonly code: 'closed' }
  | { readonly code: 'unauthorized' }
  /** The planned end has passed. */
  | { readonly code: 'window-over'; readonly plannedEnd: number }
  /** Less than the minimum is left before the planned end. */
  | { readonly code: 'window-nearly-over'; readonly plannedEnd: number; readonly neededMs: number }
  /** The whole window is shorter than the minimum. */
  | { readonly code: 'window-too-short'; readonly lengthMs: number; readonly neededMs: number }
  /** Planned to end before it starts. */
  | { readonly code: 'window-reversed' }
  /** Opens after the wait ends. */
  | { readonly code: 'window-opens-late'; readonly plannedStart: number; readonly deadline: number }
  | { readonly code: 'window-opens'; readonly plannedStart: number }
  | { readonly code: 'withdrawn' }
  /** Both commits by their first 12 hex digits; in full where these are the same. */
  | { readonly code: 'stale-approval'; readonly boundCommit: string; readonly commit: string }
  | {
      readonly code: 'approved' | 'approval-not-required'
      readonly state: string
      readonly approval: string
      /** The commit the change was made for, where it is another one and that is allowed. */
      readonly boundCommit?: string
    }
  | { readonly code: 'on-hold'; readonly holdReason: string }
  | { readonly code: 'never-requested' }
  | { readonly code: 'waiting-for-approval'; readonly state: string; readonly approval: string }
  | {
      readonly code: 'waiting-for-state'
      readonly wanted: readonly string[]
      readonly state: string
      readonly approval: string
    }
  | { readonly code: 'unexpected-state'; readonly state: string }
