import type { GatePolicy, Outcome, Reason } from '@change-actions/change-control'
import type { Approval, Change, ClientProblem } from '@change-actions/servicenow-client'
import type { ClaimRules } from '../gate/claims.ts'

/** Who deploys under the change that is looked at. */
export interface OwnLook extends ClaimRules {
  /** The change is named by the variables of the job. */
  readonly ofJob: boolean
}

/** A look at one change. */
export interface Look {
  readonly sysId: string
  readonly policy: GatePolicy
  /** Who deploys. Undefined: the change is taken for ours, and nothing beyond its record is asked. */
  readonly own?: OwnLook | undefined
  /** Told during and after every poll, so that an interruption can report what is known. */
  readonly onPoll?: (progress: Progress) => void
}

/** Looks at one change until its gate is decided. */
export interface Wait extends Look {
  /** Maximum wait in milliseconds; 0 checks once. */
  readonly timeoutMs: number
  /** Maximum polling interval, in milliseconds. */
  readonly intervalMs: number
}

export interface Progress {
  readonly change: Change | undefined
  /** undefined: not read, or not readable. */
  readonly approvals: readonly Approval[] | undefined
  /** Number of polls. */
  readonly polls: number
  /** Requests sent for it, failed ones included. */
  readonly requests: number
  /** The whole wait, with what came after the approval. */
  readonly waitedMs: number
}

export interface Waited extends Progress {
  readonly outcome: Outcome
  /** Until a poll saw the change approved, and it stayed so: a hold or a window after that is no wait for approval. */
  readonly approvalWaitMs: number
  /** Why it ended so; undefined when the last poll failed. */
  readonly reason?: Reason | undefined
  readonly warning?: 'in-review' | undefined
  /** It proceeds on an approval that was given before the change was bound to this deployment. */
  readonly boundLater?: boolean | undefined
  /** Why there was no response, when the outcome is `error` or the last poll failed. */
  readonly problem?: ClientProblem | undefined
  /** The rows of approvers who have yet to decide, where they are known and fresh. */
  readonly pending: readonly Approval[]
  /** The maximum wait. */
  readonly timeoutMs: number
}
