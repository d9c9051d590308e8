import {
  type Claim,
  type Claimant,
  correlationScope,
  isOwnClaim,
  nextGeneration,
  opposingClaims,
  type RecordedClaim
} from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { Deployment } from '../deployment.ts'
import type { Identity } from '../own/identity.ts'
import { notesByText, type OwnNotes, readOwnNotes } from '../own/own-notes.ts'
import { changeProblem } from '../problems.ts'

export type { Claim, RecordedClaim } from '@change-actions/change-control'

/** Who wants to deploy, and what becomes of other runs' claims. */
export interface ClaimRules {
  readonly identity: Identity
  /** Another run's claim is set aside. */
  readonly takeOver: boolean
  /** Whether another run has completed; undefined when that cannot be told. */
  runIsOver(runId: string): Promise<boolean | undefined>
}

/** The claim of a deployment. Away from a CI system there is no run: those claims have the run 0. */
export function claimOf(deployment: Deployment): Claim {
  const { attempt } = deployment
  const { runId, ...parts } = claimantOf(deployment)
  return { runId, attempt: attempt || '1', scope: correlationScope(parts) }
}

/** Whose claims count as one's own. */
export function claimantOf({ server, repository, environment, run }: Deployment): Claimant {
  return { serverUrl: server, repository, environment, runId: run || '0' }
}

/** The claims on a change, and which of them stand against this run. */
export interface ClaimView {
  readonly claims: readonly RecordedClaim[]
  readonly own: readonly RecordedClaim[]
  /** Claims of others, runs that are over included. */
  readonly opposing: readonly RecordedClaim[]
  /** The generation that this run's next claim would have. */
  readonly next: number
}

/**
 * Reads the claims on a change. The journal is asked for their writers only where claims of others are in sight.
 *
 * @returns undefined when the account may not read the notes
 */
export async function viewClaims(
  context: OperationContext,
  change: Change,
  identity: Identity
): Promise<ClaimView | undefined> {
  const byText = notesByText(change, identity)
  const own = claimantOf(identity.deployment)
  const plain = byText?.claims.every(claim => isOwnClaim(claim, own))
  const notes = byText !== undefined && plain ? byText : await readOwnNotes(context, change, identity)
  return notes === undefined ? undefined : viewOf(notes, own, byText)
}

function viewOf(notes: OwnNotes, own: Claimant, byText: OwnNotes | undefined): ClaimView {
  const { claims, proved } = notes
  return {
    claims,
    own: claims.filter(claim => isOwnClaim(claim, own)),
    opposing: opposingClaims(claims, own, proved),
    next: nextGeneration(claims, [...claims, ...(byText?.claims ?? [])])
  }
}

/** The claim by which this run has the change; undefined where it has none, or another one came before it. */
export function heldIn({ own, opposing }: ClaimView): RecordedClaim | undefined {
  const last = own.at(-1)
  return last !== undefined && opposing.every(one => one.generation < last.generation) ? last : undefined
}

/** Claims of other runs, by what becomes of them. */
export interface Opponents {
  /** The first that keeps this run from deploying. */
  readonly live: RecordedClaim | undefined
  /** Their runs have completed. */
  readonly over: readonly RecordedClaim[]
  readonly takenOver: readonly RecordedClaim[]
}

/** What stands in the way of a run. A claim of this run, for another environment, is always in its way. */
export async function judgeOpponents(
  opposing: readonly RecordedClaim[],
  { identity, takeOver, runIsOver }: ClaimRules
): Promise<Opponents> {
  if (takeOver) return { live: undefined, over: [], takenOver: opposing }
  const over: RecordedClaim[] = []
  for (const claim of opposing) {
    const own = claim.runId === claimantOf(identity.deployment).runId
    if (own || (await runIsOver(claim.runId)) !== true) return { live: claim, over, takenOver: [] }
    over.push(claim)
  }
  return { live: undefined, over, takenOver: [] }
}

/** @throws Problem `notes-unreadable` */
export async function needClaims(
  context: OperationContext,
  change: Change,
  identity: Identity
): Promise<ClaimView> {
  const view = await viewClaims(context, change, identity)
  if (view === undefined) throw changeProblem('notes-unreadable', change, {}, { outcome: 'error' })
  return view
}
