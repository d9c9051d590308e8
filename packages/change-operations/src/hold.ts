import { stateTitle } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { changeProblem } from './problems.ts'

/** @throws Problem `not-on-hold`, or of the client */
export async function putOnHold(context: OperationContext, change: Change, reason: string): Promise<Change> {
  if (change.onHold && change.onHoldReason === reason) return change
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'put-on-hold', change } })
    return change
  }
  const after = await context.client.changes.update(
    change.sysId,
    { on_hold: true, on_hold_reason: reason },
    { operation: `putting ${change.number} on hold`, done: current => current.onHold }
  )
  if (after.onHold) return after
  throw changeProblem('not-on-hold', after, { state: stateTitle(after) }, { committed: 'maybe' })
}
