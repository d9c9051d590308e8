/** Who approved, and what became of the fields since the submission: what a gate asks for beside the claims. */
import { asksApprovers, type GateFacts, type GatePolicy, isReady } from '@change-actions/change-control'
import type { Approval, Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { type EditFacts, editFacts } from '../fingerprint-notes.ts'
import type { Identity } from '../own/identity.ts'
import { notesByText, readOwnNotes } from '../own/own-notes.ts'
import { approverFacts, KnownPeople } from './approver-facts.ts'

/** The facts that are gathered here. */
export type ApprovalFacts = Pick<GateFacts, 'approvers' | 'edited'>

/** Gathers the facts of a change once it is ready, poll by poll. */
export class ApprovalFactGatherer {
  private readonly context: OperationContext
  private readonly policy: GatePolicy
  private readonly identity: Identity | undefined
  private readonly people = new KnownPeople()
  private toldWindow: string | undefined

  /** @param identity whose notes count; undefined: none are read */
  constructor(context: OperationContext, policy: GatePolicy, identity: Identity | undefined) {
    this.context = context
    this.policy = policy
    this.identity = identity
  }

  /**
   * @param change with all its fields
   * @param rows of its approvers; undefined: they cannot be read
   * @throws Problem of the client
   */
  async gather(change: Change, rows: readonly Approval[] | undefined): Promise<ApprovalFacts> {
    const { context, policy, people } = this
    const edits = await this.editsOf(change)
    this.tellMoved(change, edits)
    return {
      approvers: await approverFacts(context, { change, policy, people }, rows),
      edited: edits.edited
    }
  }

  /** Only where an edit is refused has the fingerprint to be proved ours: that costs a request. */
  private async editsOf(change: Change): Promise<EditFacts> {
    const { context, policy, identity } = this
    if (identity === undefined || !checksEdits(policy)) return NOT_EDITED
    if (policy.editsAfterSubmission !== 'refuse') return editFacts(change, notesByText(change, identity))
    return editFacts(change, await readOwnNotes(context, change, identity), 'needed')
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
export function needsApprovalFacts(policy: GatePolicy, change: Change): boolean {
  return isReady(change, policy) && (asksApprovers(policy, change) || checksEdits(policy))
}

/**
 * The facts as they are now, with the approver rows read anew where they decide; undefined where none are needed.
 *
 * @param change with all its fields
 * @throws Problem of the client
 */
export async function approvalFactsNow(
  context: OperationContext,
  change: Change,
  policy: GatePolicy,
  identity: Identity
): Promise<ApprovalFacts | undefined> {
  if (!needsApprovalFacts(policy, change)) return undefined
  const rows = asksApprovers(policy, change) ? await context.client.approvals(change.sysId) : undefined
  return new ApprovalFactGatherer(context, policy, identity).gather(change, rows)
}

const NOTHING: GateFacts = {
  boundLater: false,
  digests: 'not-given',
  claim: { kind: 'none' },
  boundToThisRun: true,
  approvers: undefined,
  edited: []
}

/** Both groups of facts as one. Undefined where neither was gathered. */
export function withApprovalFacts(
  facts: GateFacts | undefined,
  approval: ApprovalFacts | undefined
): GateFacts | undefined {
  return approval === undefined ? facts : { ...(facts ?? NOTHING), ...approval }
}
