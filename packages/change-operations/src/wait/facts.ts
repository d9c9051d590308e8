/** What a gate knows of a change beyond its record. One function for each group of facts. */
import { asksApprovers, type GateFacts, type GatePolicy, isReady } from '@change-actions/change-control'
import type { Approval, Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { type EditFacts, editFacts, ownNotesOf } from '../fingerprint-notes.ts'
import { approverFacts, KnownPeople } from './approver-facts.ts'

/** Gathers the facts of a change once it is ready, poll by poll. */
export class FactGatherer {
  private readonly context: OperationContext
  private readonly policy: GatePolicy
  private readonly people = new KnownPeople()
  private toldWindow: string | undefined

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
    const edits = checksEdits(policy) ? editFacts(change, ownNotesOf(change)) : NOT_EDITED
    this.tellMoved(change, edits)
    return {
      boundLater: false,
      digests: 'not-given',
      claim: { kind: 'none' },
      boundToThisRun: true,
      approvers: await approverFacts(context, { change, policy, people }, rows),
      edited: edits.edited
    }
  }

  /** Once for each window. */
  private tellMoved(change: Change, { window }: EditFacts): void {
    const key = JSON.stringify(window)
    if (window !== undefined && key !== this.toldWindow)
      this.context.emit({ type: 'window-moved', change, ...window })
    this.toldWindow = key
  }
}

const NOT_EDITED: EditFacts = { edited: [], window: undefined }

/** Whether it matters what became of the fields since the submission. */
export function checksEdits({ editsAfterSubmission = 'ignore' }: GatePolicy): boolean {
  return editsAfterSubmission !== 'ignore'
}

/** Whether a change is ready, and what decides about it stands beyond its record. */
export function needsFacts(policy: GatePolicy, change: Change): boolean {
  return isReady(change, policy) && (asksApprovers(policy, change) || checksEdits(policy))
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
