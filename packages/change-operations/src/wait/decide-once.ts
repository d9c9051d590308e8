import {
  advance,
  beginLook,
  beginWatch,
  type Decision,
  type GateFacts,
  type GatePolicy
} from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'

/**
 * The gate's decision on a change that somebody else waits for. A later look looks again: a window that opens later than
 * now is worth waiting for, whenever that is.
 *
 * @param facts undefined: nothing beyond the record is required
 */
export function decideOnce(
  context: OperationContext,
  change: Change,
  policy: GatePolicy,
  facts?: GateFacts
): Decision {
  const now = { runner: context.now(), instance: context.client.now() }
  const endless = { policy, timeoutMs: Number.POSITIVE_INFINITY, intervalMs: 0 }
  return advance(beginLook(beginWatch(endless, now), now), change, undefined, now, { facts }).decision
}
