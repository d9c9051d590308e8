import {
  isAtOrBeyond,
  type MovePlan,
  planMoves,
  type StateName,
  stateLabel,
  stateOf,
  stateText,
  stateValue
} from '@change-actions/change-control'
import { type Change, type NextState, type Scalar, ServiceNowError } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from './flow.ts'
import { isDue, type Note, noteText } from './note.ts'
import { settleTasks, type TaskPolicy } from './tasks.ts'

export interface Move {
  readonly change: Change
  readonly target: StateName
  /** Sent together with the move to Closed: a data policy looks at the final record. */
  readonly closing?: Readonly<Record<string, Scalar>> | undefined
  /** Goes out with the first move. */
  readonly note?: Note | undefined
  readonly tasks?: TaskPolicy | undefined
  /** Told after every write, so that a later failure loses nothing. */
  readonly onProgress?: ((moved: Moved) => void) | undefined
}

export interface Moved {
  readonly change: Change
  /** The states entered, as outputs name them. */
  readonly transitions: readonly string[]
  /** The note went out with a move. */
  readonly noted: boolean
}

/** A change has eight states; more moves than that is going in circles. */
const MOST_MOVES = 8

/**
 * Walks a change to the target along the legal path, one read-back move at a time. The instance may move it
 * further than asked, or not at all: the first counts when it lies on the way up, the second is an error that
 * says what the instance is waiting for.
 *
 * @throws ChangeError when the path is closed (approval missing, finished, unmet conditions)
 * @throws ServiceNowError when the instance refuses a move
 */
export async function moveTo(flow: Flow, move: Move): Promise<Moved> {
  let change = move.change
  let noted = false
  const transitions: string[] = []
  const tell = () => move.onProgress?.({ change, transitions, noted })
  for (let n = 0; n < MOST_MOVES; n += 1) {
    if (n > 0 && isAtOrBeyond(stateOf(change.state), move.target)) return { change, transitions, noted }
    const plan = planMoves(change, move.target)
    if (plan.kind === 'there') return { change, transitions, noted }
    if (plan.kind === 'beyond') {
      flow.report.warning(
        `${change.number} is in ${stateLabel(plan.at)} already, beyond ${stateLabel(move.target)}.`
      )
      return { change, transitions, noted }
    }
    if (plan.kind === 'refused') throw refusal(change, move.target, plan)
    if (flow.dryRun) {
      flow.report.plan(`move ${change.number} to ${[plan.next, ...plan.rest].map(stateLabel).join(' → ')}`)
      return { change, transitions, noted }
    }
    const settled = await settleTasks(flow, {
      change,
      next: plan.next,
      target: move.target,
      ...policyOf(move),
      onClosed: tell
    })
    if (settled !== change) {
      // Closing the last task may have moved the change by itself: plan again from where it is now.
      if (settled.state !== change.state) transitions.push(stateText(settled))
      change = settled
      tell()
      continue
    }
    change = await step(flow, change, plan.next, move.closing, noted ? undefined : move.note)
    noted = move.note !== undefined
    transitions.push(stateText(change))
    tell()
    flow.report.info(`${change.number} is in ${change.stateLabel} now.`)
  }
  throw new ChangeError(
    `Change ${change.number}: cannot go to ${stateLabel(move.target)}`,
    `${change.number} was moved ${transitions.length} times (${transitions.join(', ')}) and is in ${change.stateLabel}.\n` +
      'Likely cause: rules of the instance move it back.\nFix: look at the history of the change, and have the rule corrected.'
  )
}

function policyOf(move: Move): { tasks: TaskPolicy; closing: Readonly<Record<string, Scalar>> } {
  return { tasks: move.tasks ?? 'leave', closing: move.closing ?? {} }
}

/** One move. Where nothing moves it is asked for once more: an answer of 200 is no proof that it was heard. */
async function step(
  flow: Flow,
  change: Change,
  next: StateName,
  closing: Move['closing'],
  note: Note | undefined
): Promise<Change> {
  let now = change
  for (let n = 0; n < 2; n += 1) {
    now = await ask(
      flow,
      now,
      next,
      closing,
      note !== undefined && isDue(now, note, n > 0) ? note : undefined
    )
    if (isThere(now, next)) return now
    // Some instances finish the move in the background.
    await flow.sleep(1_000)
    now = await flow.client.changes.get(change.sysId)
    if (isThere(now, next)) return now
  }
  throw await stayedPut(flow, now, next)
}

async function ask(
  flow: Flow,
  change: Change,
  next: StateName,
  closing: Move['closing'],
  note: Note | undefined
): Promise<Change> {
  const doing = `moving ${change.number} from ${change.stateLabel} to ${stateLabel(next)}`
  const fields: Record<string, Scalar> = { state: stateValue(next) }
  if (next === 'closed') Object.assign(fields, closing)
  if (note !== undefined) fields.work_notes = noteText(note)
  try {
    return await flow.client.changes.update(change.sysId, fields, { doing, done: now => isThere(now, next) })
  } catch (error) {
    throw await explained(flow, change, next, error)
  }
}

function isThere(change: Change, next: StateName): boolean {
  return isAtOrBeyond(stateOf(change.state), next)
}

/** Why a plan allows no move, as an error. */
export function refusal(
  change: Change,
  target: StateName,
  plan: Extract<MovePlan, { kind: 'refused' }>
): ChangeError {
  const outcome =
    plan.reason === 'needs-approval' ? 'not approved' : (`cannot go to ${stateLabel(target)}` as const)
  return new ChangeError(`Change ${change.number}: ${outcome}`, plan.text)
}

/** A refused move, with what the instance itself says about the way there. */
async function explained(flow: Flow, change: Change, next: StateName, error: unknown): Promise<unknown> {
  const refused =
    error instanceof ServiceNowError &&
    typeof error.status === 'number' &&
    error.status >= 400 &&
    error.status < 500
  if (!refused || error.status === 401 || error.status === 429) return error
  const hint = explain(await nextStates(flow, change), next)
  return new ChangeError(error.title, hint === '' ? error.message : `${error.message}\n${hint}`, error)
}

async function stayedPut(flow: Flow, change: Change, next: StateName): Promise<ChangeError> {
  const hint = explain(await nextStates(flow, change), next)
  const hold = change.onHold
    ? ` It is on hold${change.onHoldReason === '' ? '' : `: ${change.onHoldReason}`}.`
    : ''
  return new ChangeError(
    `Change ${change.number}: stayed in ${change.stateLabel}`,
    `The instance accepted the move to ${stateLabel(next)} and did not make it: the change is still in ${change.stateLabel}.${hold}\n` +
      `${hint === '' ? 'Likely cause: the account may not write this record, or a condition of its change model is not met.' : hint}\n` +
      'Fix: meet the condition, or give the service account sn_change_write, and run the step again.'
  )
}

async function nextStates(flow: Flow, change: Change): Promise<readonly NextState[] | undefined> {
  return flow.client.changes.nextStates(change.sysId).catch(() => undefined)
}

function explain(states: readonly NextState[] | undefined, next: StateName): string {
  if (states === undefined || states.length === 0) return ''
  const way = states.find(state => state.state === stateValue(next))
  const open = states.filter(state => state.available).map(state => state.label)
  const others = open.length === 0 ? 'none' : open.join(', ')
  if (way === undefined) return `The instance knows no such move from here; it allows: ${others}.`
  if (way.unmet.length > 0) return `Conditions not met for ${way.label}: ${way.unmet.join(', ')}.`
  return `The instance allows now: ${others}.`
}
