import type { Reason } from './reason.ts'
import { type ChangeSnapshot, normaliseWord } from './snapshot.ts'
import { type ListedState, stateOf } from './states.ts'

/** What a gate requires of a change. Times are epoch milliseconds. */
export interface GatePolicy {
  proceedStates: readonly ListedState[]
  waitStates: readonly ListedState[]
  requireApproval: boolean
  /** `stop`: a change in New whose approval nobody requested ends the wait at once. Default: it is waited for. */
  whenNotRequested?: 'wait' | 'stop'
  /** Whether the planned start and end count at all. */
  respectWindow: boolean
  /** Milliseconds that must be left before the planned end; less counts as a closed window. */
  minimumWindowMs?: number | undefined
  /** The full commit id of this run; without it approvals are not compared with a commit. */
  commit?: string | undefined
  allowNewCommit: boolean
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

/** How a wait ends. `timeout`, `interrupted`, `error` and `dry-run` are the caller's, the others are decided here. */
export type Outcome =
  | 'approved'
  | 'canceled'
  | 'rejected'
  | 'closed'
  | 'unauthorized'
  | 'window-closed'
  | 'withdrawn'
  | 'not-requested'
  | 'stale-approval'
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
