import {
  isAtOrBeyond,
  type StateName,
  stateLabel,
  stateOf,
  stateTitle,
  stateValue
} from '@change-actions/change-control'
import type { Change, NextState, Problem, Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { isDue, type Note, noteText } from './notes.ts'
import { type ChangeProblem, changeProblem, type TransitionFacts } from './problems.ts'
import { doneByOthers, isRefused } from './refusal.ts'
import { storedState } from './states/with-states.ts'

interface Step {
  readonly next: StateName
  /** What is written: a state of the instance that counts as `next`. */
  readonly value: string
  /** Sent with the move to Closed. */
  readonly closing: Readonly<Record<string, Scalar>> | undefined
  readonly note: Note | undefined
}

const MAX_ATTEMPTS = 2
const SETTLE_MS = 1_000

/**
 * One move. Where the change does not move it is sent once more: a response of 200 is no proof that it was carried
 * out.
 *
 * @throws Problem `did-not-leave`; of the client, with `TransitionFacts` as `transition`, when it is refused
 */
export async function makeMove(context: OperationContext, change: Change, step: Step): Promise<Change> {
  const { next, note } = step
  const arrived = arrival(change, step)
  let current = change
  for (let n = 0; n < MAX_ATTEMPTS; n += 1) {
    const due = note !== undefined && isDue(current, note, n > 0)
    current = await sendMove(context, current, { ...step, note: due ? note : undefined }, arrived)
    if (arrived(current)) return current
    // Some instances finish the move in the background.
    await context.sleep(SETTLE_MS)
    current = await context.client.changes.get(change.sysId)
    if (arrived(current)) return current
  }
  throw await didNotLeave(context, current, next)
}

async function sendMove(
  context: OperationContext,
  change: Change,
  step: Step,
  done: (current: Change) => boolean
): Promise<Change> {
  const { next, value, closing, note } = step
  const operation = `moving ${change.number} from ${change.stateLabel} to ${stateLabel(next)}`
  const fields: Record<string, Scalar> = { state: value }
  if (next === 'closed') Object.assign(fields, closing)
  if (note !== undefined) fields.work_notes = noteText(note)
  try {
    return await context.client.changes.update(change.sysId, fields, { operation, done })
  } catch (error) {
    const moved = await doneByOthers(context, change.sysId, error, done)
    if (moved !== undefined) return moved
    throw isRefused(error) ? await withTransition(context, change, next, error) : error
  }
}

/** Whether a change is where the move leads, or beyond. A move may lead from one state to another that counts as the same. */
function arrival(change: Change, { next, value }: Step): (current: Change) => boolean {
  const within = stateOf(change.state) === next
  return current => {
    const name = stateOf(current.state)
    return within && name === next ? storedState(current) === value : isAtOrBeyond(name, next)
  }
}

/** A refused move, with what the instance itself allows. */
async function withTransition(
  context: OperationContext,
  change: Change,
  next: StateName,
  problem: Problem
): Promise<Problem> {
  const allowed = await nextStates(context, change)
  return problem.with({ transition: { next, allowed } satisfies TransitionFacts })
}

async function didNotLeave(
  context: OperationContext,
  change: Change,
  next: StateName
): Promise<ChangeProblem> {
  const allowed = await nextStates(context, change)
  const { onHold, onHoldReason: holdReason } = change
  const facts = { next, allowed, state: stateTitle(change), onHold, holdReason }
  return changeProblem('did-not-leave', change, facts, { committed: 'maybe' })
}

/** The moves the instance allows, by what their states count as; undefined where it cannot tell. */
async function nextStates(
  context: OperationContext,
  change: Change
): Promise<readonly NextState[] | undefined> {
  const states = await context.client.changes.nextStates(change.sysId).catch(() => undefined)
  if (states === undefined || states.length === 0) return undefined
  return states.map(one => {
    const name = context.states.nameOf(one.state, one.label)
    return name === undefined ? one : { ...one, state: stateValue(name) }
  })
}
