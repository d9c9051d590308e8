import { decide, type GatePolicy, isAtOrBeyond, stateOf } from '@change-actions/change-control'
import { type Change, ServiceNowError } from '@change-actions/servicenow-client'
import { type Claim, type Held, holderOf, isSameRun, marker, readClaims } from './claims.ts'
import { ChangeError, type Flow } from './flow.ts'
import { moveTo } from './move.ts'
import type { Note } from './note.ts'
import { addNote } from './update.ts'

export interface Entry {
  readonly change: Change
  readonly claim: Claim
  /** What the claim's note says to people. */
  readonly text: string
  readonly policy: GatePolicy
  readonly takeOver: boolean
  /** Whether another run is over; undefined when that cannot be told. */
  runIsOver(runId: string): Promise<boolean | undefined>
  /** Told when nothing stands in the way any more, just before the first write. */
  onEnter?(): void
  /** Told when the change is in Implement, and the claim is still to be read back. */
  onMoved?(change: Change): void
}

/** Journals count in seconds: after this time every claim of the same second is there to be read. */
const SETTLE_MS = 1_100

/**
 * Takes an approved change into Implement for this run: reads it once more (approval, window and commit may have
 * changed since the last look), claims it, and makes sure that the claim is the one that counts.
 *
 * @returns the change in Implement; `claimed` is false when this attempt had claimed it already
 * @throws ChangeError `in-use` when another run has claimed it, or with the gate's outcome when it may no longer proceed
 */
export async function enterImplement(
  flow: Flow,
  entry: Entry
): Promise<{ change: Change; claimed: boolean }> {
  const change = await flow.client.changes.get(entry.change.sysId, {
    doing: 'reading the change once more before the deployment'
  })
  checkStillOpen(flow, change, entry.policy)
  const before = readClaims(change)
  if (before === undefined) throw unreadable(change)
  const holder = holderOf(before)
  const mine = holder !== undefined && isSameRun(holder, entry.claim)
  if (holder !== undefined && !mine) await checkFree(flow, change, holder, entry)
  entry.onEnter?.()
  if (mine) flow.report.info(`${change.number} is claimed by this run already.`)
  const turn = mine ? holder.turn : (holder?.turn ?? 0) + 1
  const held = { ...entry.claim, turn }
  if (before.some(one => marker(one) === marker(held))) {
    return { change: (await moveTo(flow, { change, target: 'implement' })).change, claimed: false }
  }
  const moved = await write(flow, change, { text: entry.text, marker: marker(held) })
  entry.onMoved?.(moved)
  return { change: await readBack(flow, change, held), claimed: true }
}

function checkStillOpen(flow: Flow, change: Change, policy: GatePolicy): void {
  const decision = decide(change, policy, flow.client.now(), { approvalWasRequested: true })
  if (decision.kind === 'proceed') return
  const outcome = decision.kind === 'stop' ? decision.outcome : 'unexpected-state'
  throw new ChangeError(
    `Change ${change.number}: ${outcome}`,
    `${change.number} changed between its approval and the deployment: ${decision.reason}.\nFix: look at the change, and run the job again once it is in order.`,
    undefined,
    outcome
  )
}

async function write(flow: Flow, change: Change, note: Note): Promise<Change> {
  const started = isAtOrBeyond(stateOf(change.state), 'implement')
  const moved = started ? change : (await moveTo(flow, { change, target: 'implement', note })).change
  return addNote(flow, moved, note)
}

/** Two runs may have claimed at once: the one whose claim came first has it, and the other one says so. */
async function readBack(flow: Flow, change: Change, held: Held): Promise<Change> {
  await flow.sleep(SETTLE_MS)
  const after = await flow.client.changes.get(change.sysId, { doing: 'reading the claim back' })
  const holder = holderOf(readClaims(after) ?? [])
  if (holder !== undefined && isSameRun(holder, held)) return after
  await correct(flow, after, held, holder)
  throw inUse(after, holder, held)
}

/** The claim's note says that a deployment started, and none did. */
async function correct(flow: Flow, change: Change, held: Held, holder: Held | undefined): Promise<void> {
  const winner = holder === undefined ? 'another run' : `run ${holder.runId}`
  const text = `Run ${held.runId} (attempt ${held.attempt}) did not deploy: ${winner} claimed the change first.`
  try {
    await addNote(flow, change, { text, marker: marker(held).replace('claim', 'claim-lost') })
  } catch (error) {
    if (!(error instanceof ServiceNowError || error instanceof ChangeError)) throw error
    flow.report.warning(`${change.number}: a note that this run does not deploy could not be written.`)
  }
}

async function checkFree(flow: Flow, change: Change, holder: Held, entry: Entry): Promise<void> {
  if (entry.takeOver) {
    flow.report.warning(`${change.number} was claimed by run ${holder.runId}; it is taken over.`)
    return
  }
  const own = holder.runId === entry.claim.runId
  if (own || (await entry.runIsOver(holder.runId)) !== true) throw inUse(change, holder, entry.claim)
  flow.report.notice(
    `${change.number} was claimed by run ${holder.runId}, which is over; this run goes on with it.`
  )
}

function inUse(change: Change, holder: Held | undefined, claim: Claim): ChangeError {
  const who = holder === undefined ? 'another run' : `run ${holder.runId} (attempt ${holder.attempt})`
  const text =
    holder?.runId === claim.runId
      ? `${change.number} is claimed by this run for another environment, and an approval is for one.\n` +
        'Fix: give each environment a change of its own (leave correlation-id and change-number out, or name the environment in correlation-id).'
      : `${change.number} is claimed by ${who}, which deploys under it.\n` +
        'Fix: let that run finish; give the job the permission actions: read so that a finished run is recognised; or set take-over: true when you know that it is dead.'
  return new ChangeError(`Change ${change.number}: in-use`, text, undefined, 'in-use')
}

function unreadable(change: Change): ChangeError {
  return new ChangeError(
    `Change ${change.number}: error`,
    `The work notes of ${change.number} cannot be read, so it cannot be told whether another run deploys under it.\nFix: give the service account read access to change_request.work_notes (role sn_change_read).`,
    undefined,
    'error'
  )
}
