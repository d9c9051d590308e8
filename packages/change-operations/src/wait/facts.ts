/** What a gate knows of a change beyond its record. One function for each group of facts. */
import { asksApprovers, type GateFacts, type GatePolicy, isReady } from '@change-actions/change-control'
import type { Approval, Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { approverFacts, KnownPeople } from './approver-facts.ts'

/** Gathers the facts of a change once it is ready, poll by poll. */
export class FactGatherer {
  private readonly context: OperationContext
  private readonly policy: GatePolicy
  private readonly people = new KnownPeople()

  constructor(context: OperationContext, policy: GatePolicy) {
    this.context = context
    this.policy = policy
  }

  /**
   * @param change with all its fields
   * @param rows of its approvers; undefined: they cannot be read
   * @throws Problem of the client
   */
  async gather(change: Change, rows: readonly Approval[] | undefined): Promise<GateFacts> {
    const { context, policy, people } = this
    return {
      boundLater: false,
      digests: 'not-given',
      claim: { kind: 'none' },
      boundToThisRun: true,
      approvers: await approverFacts(context, { change, policy, people }, rows),
      edited: []
    }
  }
}

/** Whether a change is ready, and what decides about it stands beyond its record. */
export function needsFacts(policy: GatePolicy, change: Change): boolean {
  return isReady(change, policy) && asksApprovers(policy, change)
}

/**
 * The facts as they are now, with the approver rows read anew where they decide; undefined where none are needed.
 *
 * @param change with all its fields
 * @throws Problem of the client
 */
export async function factsNow(
  context: OperationContext,
  change: Change,
  policy: GatePolicy
): Promise<GateFacts | undefined> {
  if (!needsFacts(policy, change)) return undefined
  const rows = asksApprovers(policy, change) ? await context.client.approvals(change.sysId) : undefined
  return new FactGatherer(context, policy).gather(change, rows)
}
