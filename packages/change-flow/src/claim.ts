import { decide, type GatePolicy, isAtOrBeyond, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, type Scalar } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from './flow.ts'
import { moveTo } from './move.ts'
import type { Note } from './note.ts'
import { addNote } from './update.ts'

/** Who deploys under a change: written to its journal on entering Implement, and read back. */
export interface Claim {
  readonly runId: string
  readonly attempt: string
  /** Hash of server, repository and environment, 12 hex digits. */
  readonly scope: string
}

export interface Entry {
  readonly change: Change
  readonly claim: Claim
  /** What the claim's note says to people. */
  readonly text: string
  readonly policy: GatePolicy
  readonly takeOver: boolean
  /** Whether another run is over; undefined when that cannot be told. */
  runIsOver(runId: string): Promise<boolean | undefined>
}

const CLAIM = /\[gha claim (\d{1,20}) (\d{1,6}) ([0-9a-f]{12})\]/g

function marker({ runId, attempt, scope }: Claim): string {
  return `[gha claim ${runId} ${attempt} ${scope}]`
}

/** The claims on a change, oldest first; undefined when its journal may not be read. */
export function readClaims(change: Change): readonly Claim[] | undefined {
  if (change.fields.work_notes === undefined) return undefined
  const found = [...fieldOf(change.fields, 'work_notes').display.matchAll(CLAIM)]
  return found.map(([, runId = '', attempt = '', scope = '']) => ({ runId, attempt, scope })).reverse()
}

/**
 * Takes an approved change into Implement for this run: reads it once more (approval, window and commit may have
 * changed since the last look), claims it, and makes sure that the claim is the one that counts.
 *
 * @returns the change in Implement; `claimed` is false when this run had it already
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
  const holder = before.at(-1)
  if (holder !== undefined && holder.runId === entry.claim.runId && holder.scope === entry.claim.scope) {
    flow.report.info(`${change.number} is claimed by this run already.`)
    return { change: (await moveTo(flow, { change, target: 'implement' })).change, claimed: false }
  }
  if (holder !== undefined) await checkFree(flow, change, holder, entry)
  const after = await write(flow, change, entry)
  const mine = readClaims(after)?.[before.length]
  if (mine === undefined || marker(mine) !== marker(entry.claim)) throw inUse(change, mine)
  return { change: after, claimed: true }
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

async function write(flow: Flow, change: Change, entry: Entry): Promise<Change> {
  const note: Note = { text: entry.text, marker: marker(entry.claim) }
  const started = isAtOrBeyond(stateOf(change.state), 'implement')
  if (started) return addNote(flow, change, note)
  const moved = (await moveTo(flow, { change, target: 'implement', note })).change
  return addNote(flow, moved, note)
}

async function checkFree(flow: Flow, change: Change, holder: Claim, entry: Entry): Promise<void> {
  if (entry.takeOver) {
    flow.report.warning(`${change.number} was claimed by run ${holder.runId}; it is taken over.`)
    return
  }
  if ((await entry.runIsOver(holder.runId)) !== true) throw inUse(change, holder)
  flow.report.notice(
    `${change.number} was claimed by run ${holder.runId}, which is over; this run goes on with it.`
  )
}

function inUse(change: Change, holder: Claim | undefined): ChangeError {
  const who = holder === undefined ? 'another run' : `run ${holder.runId} (attempt ${holder.attempt})`
  return new ChangeError(
    `Change ${change.number}: in-use`,
    `${change.number} is claimed by ${who}, which deploys under it.\n` +
      'Fix: let that run finish; give the job the permission actions: read so that a finished run is recognised; or set take-over: true when you know that it is dead.',
    undefined,
    'in-use'
  )
}

function unreadable(change: Change): ChangeError {
  return new ChangeError(
    `Change ${change.number}: error`,
    `The work notes of ${change.number} cannot be read, so it cannot be told whether another run deploys under it.\nFix: give the service account read access to change_request.work_notes (role sn_change_read).`,
    undefined,
    'error'
  )
}

/** Writes the actual start or end where the instance left it empty; a refusal is no reason to stop. */
export async function recordActual(
  flow: Flow,
  change: Change,
  field: 'work_start' | 'work_end',
  at: string
): Promise<Change> {
  const present = change.fields[field]
  if (present === undefined || present.value !== '' || flow.dryRun) return change
  const fields: Record<string, Scalar> = { [field]: at }
  try {
    return await flow.client.changes.update(change.sysId, fields, {
      doing: `writing the ${field === 'work_start' ? 'actual start' : 'actual end'} of ${change.number}`,
      done: now => fieldOf(now.fields, field).value !== ''
    })
  } catch (error) {
    flow.report.warning(
      `${change.number}: ${field} could not be written (${error instanceof Error && 'title' in error ? error.title : 'unknown error'}).`
    )
    return change
  }
}
