import {
  decide,
  formatClaim,
  formatLostClaim,
  type GatePolicy,
  isAtOrBeyond,
  stateOf
} from '@change-actions/change-control'
import { type Change, Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { Deployment } from '../deployment.ts'
import { moveTo } from '../move.ts'
import { addNote, type Note } from '../notes.ts'
import { type ChangeProblem, changeProblem } from '../problems.ts'
import { factsNow } from '../wait/facts.ts'
import {
  type Claim,
  claimOf,
  holderOf,
  isSameClaim,
  isSameRun,
  type RecordedClaim,
  readClaims
} from './claims.ts'
import { startText } from './lifecycle-notes.ts'

export interface Entry {
  readonly change: Change
  readonly deployment: Deployment
  readonly policy: GatePolicy
  /** The claim's note tells people about the deployment. */
  readonly lifecycleNotes: boolean
  readonly takeOver: boolean
  /** Whether another run has completed; undefined when that cannot be told. */
  runIsOver(runId: string): Promise<boolean | undefined>
  /** Told when nothing prevents the deployment any more, just before the first write. */
  onEnter?(): void
  /** Told when the change is in Implement, and the claim is still to be read back. */
  onMoved?(change: Change): void
}

/** Journals count in seconds: after this time every claim of the same second can be read. */
const SETTLE_MS = 1_100

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
  await checkStillApproved(context, change, entry.policy)
  const before = readClaims(change)
  if (before === undefined) throw changeProblem('notes-unreadable', change, {}, { outcome: 'error' })
  const own = claimOf(entry.deployment)
  const holder = holderOf(before)
  const ours = holder !== undefined && isSameRun(holder, own)
  if (holder !== undefined && !ours) await checkFree(context, change, holder, own, entry)
  entry.onEnter?.()
  if (ours) context.emit({ type: 'already-claimed', change })
  const generation = ours ? holder.generation : (holder?.generation ?? 0) + 1
  const claim: RecordedClaim = { ...own, generation }
  if (before.some(one => isSameClaim(one, claim))) {
    return { change: (await moveTo(context, { change, target: 'implement' })).change, claimed: false }
  }
  const text = startText(entry.deployment, entry.lifecycleNotes)
  const moved = await write(context, change, { text, marker: formatClaim(claim) })
  entry.onMoved?.(moved)
  return { change: await readBack(context, change, claim), claimed: true }
}

async function checkStillApproved(
  context: OperationContext,
  change: Change,
  policy: GatePolicy
): Promise<void> {
  const facts = await factsNow(context, change, policy)
  const now = context.client.now()
  // Nothing is waited for any more: a window that is not open now is closed.
  const last = { ...policy, deadline: now }
  const decision = decide(change, last, now, { approvalWasRequested: true }, 'ours', facts)
  if (decision.kind === 'proceed') return
  const outcome = decision.kind === 'stop' ? decision.outcome : 'unexpected-state'
  throw changeProblem('changed-after-approval', change, { reason: decision.reason }, { outcome })
}

async function write(context: OperationContext, change: Change, note: Note): Promise<Change> {
  const started = isAtOrBeyond(stateOf(change.state), 'implement')
  const moved = started ? change : (await moveTo(context, { change, target: 'implement', note })).change
  return addNote(context, moved, note)
}

/** Two runs may have claimed at once: the one whose claim came first has it, and the other one notes that. */
async function readBack(context: OperationContext, change: Change, claim: RecordedClaim): Promise<Change> {
  await context.sleep(SETTLE_MS)
  const after = await context.client.changes.get(change.sysId, { operation: 'reading the claim back' })
  const holder = holderOf(readClaims(after) ?? [])
  if (holder !== undefined && isSameRun(holder, claim)) return after
  await noteLostClaim(context, after, claim, holder)
  throw inUse(after, holder, claim, 'yes')
}

/** The claim's note says that a deployment started, and none did. */
async function noteLostClaim(
  context: OperationContext,
  change: Change,
  claim: RecordedClaim,
  holder: RecordedClaim | undefined
): Promise<void> {
  const first = holder === undefined ? 'another run' : `run ${holder.runId}`
  const text = `Run ${claim.runId} (attempt ${claim.attempt}) did not deploy: ${first} claimed the change first.`
  try {
    await addNote(context, change, { text, marker: formatLostClaim(claim) })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    context.emit({ type: 'lost-claim-not-noted', change })
  }
}

async function checkFree(
  context: OperationContext,
  change: Change,
  holder: RecordedClaim,
  own: Claim,
  entry: Entry
): Promise<void> {
  const { runId } = holder
  if (entry.takeOver) {
    context.emit({ type: 'claim-taken-over', change, runId })
    return
  }
  if (runId === own.runId || (await entry.runIsOver(runId)) !== true) throw inUse(change, holder, own)
  context.emit({ type: 'claim-inherited', change, runId })
}

function inUse(
  change: Change,
  holder: RecordedClaim | undefined,
  claim: Claim,
  committed: 'no' | 'yes' = 'no'
): ChangeProblem {
  const own = holder?.runId === claim.runId
  return changeProblem('in-use', change, { holder, own }, { outcome: 'in-use', committed })
}
