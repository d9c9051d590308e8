import {
  advance,
  beginLook,
  beginWatch,
  type Decision,
  type GatePolicy
} from '@change-actions/change-control'
import type { Change, Query } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'

/** A look at many changes. */
export interface Sweep {
  /** Which changes; read in pages, so that its cost grows with the changes found and not with those that wait. */
  readonly query: Query
  /** What is being done, as a participle, for an error. */
  readonly operation: string
  /** What is required of each; undefined leaves the change out. */
  policyOf(change: Change): GatePolicy | undefined
}

/** A change, and what follows for its deployment. */
export interface Swept {
  readonly change: Change
  /** `wait` where a later look can bring another decision. */
  readonly decision: Decision
}

/**
 * Looks once at every change of one query and decides each by the rule of the gate. Approvers' rows are not read: a
 * change that was never seen before has no withdrawal to be noticed.
 *
 * @throws Problem when the changes cannot be read, or not all of them
 */
export async function sweepChanges(context: OperationContext, sweep: Sweep): Promise<readonly Swept[]> {
  const changes = await context.client.changes.find(sweep.query, sweep.operation)
  return changes.flatMap(change => {
    const policy = sweep.policyOf(change)
    return policy === undefined ? [] : [{ change, decision: decisionFor(context, change, policy) }]
  })
}

/** A later sweep looks again: a window that opens later than now is worth waiting for, whenever that is. */
function decisionFor(context: OperationContext, change: Change, policy: GatePolicy): Decision {
  const now = { runner: context.now(), instance: context.client.now() }
  const endless = { policy, timeoutMs: Number.POSITIVE_INFINITY, intervalMs: 0 }
  return advance(beginLook(beginWatch(endless, now), now), change, undefined, now).decision
}
