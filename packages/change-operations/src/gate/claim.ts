import { decide, type GatePolicy, isAtOrBeyond, stateOf } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { Facts } from '../deployment-texts.ts'
import { moveTo } from '../move.ts'
import { addNote, type Note } from '../notes.ts'
import { ownershipOf } from '../own/standing.ts'
import { changeProblem } from '../problems.ts'
import { approvalFactsNow, withApprovalFacts } from '../wait/approval-facts.ts'
import type { ClaimRules } from './claims.ts'
import { startText } from './lifecycle-notes.ts'
import { confirmClaim, prepareClaim } from './take-claim.ts'

export interface Entry extends ClaimRules {
  readonly change: Change
  readonly policy: GatePolicy
  /** The claim's note tells people about the deployment. */
  readonly lifecycleNotes: boolean
  /** What else the note at the start has on record. */
  readonly facts?: Facts
  /** Told when nothing prevents the deployment any more, just before the first write. */
  onEnter?(): void
  /** Told when the change is in Implement, and the claim is still to be read back. */
  onMoved?(change: Change): void
}

/**
 * Takes an approved change into Implement for this run: reads it once more (approval, window and commit may have
 * changed since the last poll), claims it, and makes sure that the claim is the one that counts.
 *
 * @returns the change in Implement; `claimed` is false when this attempt had claimed it already
 * @throws Problem `in-use` when another run has claimed it, `changed-after-approval` when it may no longer proceed,
 *   `notes-unreadable`
 */
export async function enterImplement(
  context: OperationContext,
  entry: Entry
): Promise<{ change: Change; claimed: boolean }> {
  const change = await context.client.changes.get(entry.change.sysId, {
    operation: 'reading the change once more before the deployment'
  })
  await checkStillApproved(context, change, entry)
  const text = startText(entry.identity.deployment, entry.lifecycleNotes, entry.facts)
  const claiming = await prepareClaim(context, change, entry, { text, anew: true })
  entry.onEnter?.()
  if (claiming.note === undefined)
    return { change: (await moveTo(context, { change, target: 'implement' })).change, claimed: false }
  const moved = await write(context, change, claiming.note)
  entry.onMoved?.(moved)
  return { change: await confirmClaim(context, moved, claiming, entry), claimed: true }
}

async function checkStillApproved(
  context: OperationContext,
  change: Change,
  { policy, identity }: Entry
): Promise<void> {
  const facts = withApprovalFacts(undefined, await approvalFactsNow(context, change, policy, identity))
  const now = context.client.now()
  const found = await ownershipOf(context, change, identity)
  const ownership = found === 'foreign' && identity.allowForeignChange ? 'ours' : found
  // Nothing is waited for any more: a window that is not open now is closed.
  const last = { ...policy, deadline: now }
  const decision = decide(change, last, now, { approvalWasRequested: true }, ownership, facts)
  if (decision.kind === 'proceed') return
  const outcome = decision.kind === 'stop' ? decision.outcome : 'unexpected-state'
  throw changeProblem('changed-after-approval', change, { reason: decision.reason }, { outcome })
}

async function write(context: OperationContext, change: Change, note: Note): Promise<Change> {
  const started = isAtOrBeyond(stateOf(change.state), 'implement')
  const moved = started ? change : (await moveTo(context, { change, target: 'implement', note })).change
  return addNote(context, moved, note)
}
