import { formatClaim, formatLostClaim, isOwnClaim } from '@change-actions/change-control'
import { type Change, Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { addNote, type Note } from '../notes.ts'
import { signatureOf } from '../own/identity.ts'
import { type ChangeProblem, changeProblem } from '../problems.ts'
import {
  type ClaimRules,
  claimantOf,
  claimOf,
  heldIn,
  judgeOpponents,
  needClaims,
  type RecordedClaim
} from './claims.ts'

/** Journals count in seconds: after this time every claim of the same second can be read. */
const SETTLE_MS = 1_100

/** What a run has to do to have the claim. */
export interface Claiming {
  readonly claim: RecordedClaim
  /** To be written with the first move; undefined when this run has the claim already. */
  readonly note: Note | undefined
  /** Claims that were judged already. */
  readonly setAside: readonly RecordedClaim[]
}

/**
 * Judges the claims on a change before this run claims it.
 *
 * @param text of the claim's note
 * @param anew writes a claim for each attempt of a run; otherwise any claim of the run will do
 * @throws Problem `in-use`, `notes-unreadable`
 */
export async function prepareClaim(
  context: OperationContext,
  change: Change,
  rules: ClaimRules,
  { text, anew = false }: { readonly text: string; readonly anew?: boolean }
): Promise<Claiming> {
  const { identity } = rules
  const view = await needClaims(context, change, identity)
  const { live, over, takenOver } = await judgeOpponents(view.opposing, rules)
  if (live !== undefined) throw inUse(change, live, rules)
  const wanted = claimOf(identity.deployment)
  const held = heldIn(view)
  if (held === undefined) {
    for (const { runId } of takenOver) context.emit({ type: 'claim-taken-over', change, runId })
    for (const { runId } of over) context.emit({ type: 'claim-inherited', change, runId })
  }
  const again = held !== undefined && (!anew || held.attempt === wanted.attempt)
  const claim = { ...wanted, generation: held?.generation ?? view.next }
  if (held !== undefined && anew) context.emit({ type: 'already-claimed', change })
  const marker = formatClaim(claim, signatureOf(identity, change.sysId))
  return { claim, note: again ? undefined : { text, marker }, setAside: view.opposing }
}

/**
 * Reads the claim back: two runs may have claimed at once. The one whose claim came first has it, and the other one
 * notes that.
 *
 * @throws Problem `in-use`
 */
export async function confirmClaim(
  context: OperationContext,
  change: Change,
  { claim, setAside }: Claiming,
  rules: ClaimRules
): Promise<Change> {
  await context.sleep(SETTLE_MS)
  const after = await context.client.changes.get(change.sysId, { operation: 'reading the claim back' })
  const view = await needClaims(context, after, rules.identity)
  const own = claimantOf(rules.identity.deployment)
  const known = new Set(setAside.map(one => nameOf(one)))
  const first = view.opposing.find(one => !known.has(nameOf(one)))
  if (first === undefined && view.claims.some(one => isOwnClaim(one, own))) return after
  await noteLostClaim(context, after, claim, first)
  throw inUse(after, first, rules, 'yes')
}

/** What tells two claims apart. */
function nameOf({ generation, runId, attempt, scope }: RecordedClaim): string {
  return `${generation} ${runId} ${attempt} ${scope}`
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

function inUse(
  change: Change,
  holder: RecordedClaim | undefined,
  { identity }: ClaimRules,
  committed: 'no' | 'yes' = 'no'
): ChangeProblem {
  const own = holder?.runId === claimantOf(identity.deployment).runId
  const why = { code: 'claimed', holder, own } as const
  return changeProblem('in-use', change, { why }, { outcome: 'in-use', committed })
}
