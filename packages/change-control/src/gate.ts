import type { ApproverProblem } from './approver-problem.ts'
import type { Reason } from './reason.ts'
import { type ChangeSnapshot, normaliseWord } from './snapshot.ts'
import { type ListedState, stateOf } from './states.ts'

/** What a gate requires of a change. Times are epoch milliseconds. */
export interface GatePolicy {
  proceedStates: readonly ListedState[]
  waitStates: readonly ListedState[]
  requireApproval: boolean
  /** At least one approver row must read approved. Default: the change's own approval suffices. */
  requireApprover?: boolean
  /** `refuse`: nobody who asked for the change counts as its approver; implies `requireApprover`. Default: `allow`. */
  selfApproval?: 'allow' | 'refuse'
  /** `stop`: a change in New whose approval nobody requested ends the wait at once. Default: it is waited for. */
  whenNotRequested?: 'wait' | 'stop'
  /** Whether the planned start and end count at all. */
  respectWindow: boolean
  /** Milliseconds that must be left before the planned end; less counts as a closed window. */
  minimumWindowMs?: number | undefined
  /** The full commit id of this run; without it approvals are not compared with a commit. */
  commit?: string | undefined
  allowNewCommit: boolean
  /** A change that was approved before it was bound to this deployment is refused. Default: it is accepted. */
  requireBinding?: boolean
  /** What follows from fields that were edited after the submission. Default: `ignore`. */
  editsAfterSubmission?: 'ignore' | 'warn' | 'refuse'
}

/**
 * What a gate knows of a change beyond its record: from the notes, the approver rows and this deployment. They are
 * needed once the change itself is ready ({@link isReady}); the driver gathers them then.
 */
export interface GateFacts {
  /** The change was approved before it was bound to this deployment, or is not bound at all. */
  readonly boundLater: boolean
  /** The digests of what is deployed, held against those that were noted at the creation. */
  readonly digests: 'not-given' | 'equal' | 'differ' | 'unknown'
  /** Who has claimed the change, of the claims that count: a claim of a run that is over does not. */
  readonly claim: { readonly kind: 'none' | 'own' } | { readonly kind: 'other'; readonly runId: string }
  /** The binding names this run. */
  readonly boundToThisRun: boolean
  /** Why the approvals that were given do not suffice; undefined when they do, or when nobody asks. */
  readonly approvers: ApproverProblem | undefined
  /** Names of the fields that differ from what was submitted; undefined where that cannot be told. */
  readonly edited: readonly string[] | undefined
}

/** What a gate requires while it is waited for. */
export interface WaitPolicy extends GatePolicy {
  /** When the wait ends, on the instance's clock. One last poll follows it. */
  deadline: number
}

/** What a gate remembers from poll to poll. */
export interface GateHistory {
  approvalWasRequested: boolean
}

/**
 * Whose a change is, as its binding and its creator tell. `unbound`: our account made it, and its binding is empty or
 * not readable. `open`: nobody's, it may be bound.
 */
export type Ownership = 'ours' | 'foreign' | 'unbound' | 'open'

/** How a wait ends. `timeout`, `interrupted`, `error` and `dry-run` are the caller's, the others are decided here. */
export type Outcome =
  | 'approved'
  | 'foreign-change'
  | 'unbound'
  | 'canceled'
  | 'rejected'
  | 'closed'
  | 'unauthorized'
  | 'window-closed'
  | 'withdrawn'
  | 'not-requested'
  | 'stale-approval'
  | 'in-use'
  | 'no-approver'
  | 'edited'
  | 'window-not-open'
  | 'unexpected-state'
  | 'timeout'
  | 'interrupted'
  | 'error'
  | 'dry-run'

/** What a gate does after one poll. `until` and all times are epoch milliseconds. */
export type Decision =
  | { kind: 'proceed'; outcome: 'approved'; reason: Reason; warning?: 'in-review' }
  | { kind: 'wait'; reason: Reason; until?: number }
  | { kind: 'stop'; outcome: Exclude<Outcome, 'approved'>; reason: Reason }

/** What an approval reads once it was requested, on the change as in an approver's row. */
const ONCE_REQUESTED = ['requested', 'approved', 'rejected', 'cancelled', 'canceled']

/**
 * Remembers that an approval was requested, as the change and the approver rows (raw states) show it.
 * Call it with every poll, before the decision.
 */
export function observe(
  history: GateHistory,
  change: Pick<ChangeSnapshot, 'state' | 'approval'>,
  approverStates: readonly string[] = []
): GateHistory {
  const state = stateOf(change.state)
  const seen =
    state === 'assess' ||
    state === 'authorize' ||
    [change.approval, ...approverStates].some(text => ONCE_REQUESTED.includes(normaliseWord(text)))
  return { approvalWasRequested: history.approvalWasRequested || seen }
}
