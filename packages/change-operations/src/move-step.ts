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

interface Step {
  readonly next: StateName
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
  let current = change
  for (let n = 0; n < MAX_ATTEMPTS; n += 1) {
    const due = note !== undefined && isDue(current, note, n > 0)
    current = await sendMove(context, current, { ...step, note: due ? note : undefined })
    if (hasArrived(current, next)) return current
    // Some instances finish the move in the background.
    await context.sleep(SETTLE_MS)
    current = await context.client.changes.get(change.sysId)
    if (hasArrived(current, next)) return current
  }
  throw await didNotLeave(context, current, next)
}

async function sendMove(context: OperationContext, change: Change, step: Step): Promise<Change> {
  const { next, closing, note } = step
  const operation = `moving ${change.number} from ${change.stateLabel} to ${stateLabel(next)}`
  const fields: Record<string, Scalar> = { state: stateValue(next) }
  if (next === 'closed') Object.assign(fields, closing)
  if (note !== undefined) fields.work_notes = noteText(note)
  const done = (current: Change) => hasArrived(current, next)
  try {
    return await context.client.changes.update(change.sysId, fields, { operation, done })
  } catch (error) {
    const moved = await doneByOthers(context, change.sysId, error, done)
    if (moved !== undefined) return moved
    throw isRefused(error) ? await withTransition(context, change, next, error) : error
  }
}

function hasArrived(change: Change, next: StateName): boolean {
  return isAtOrBeyond(stateOf(change.state), next)
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

/** The moves the instance allows; undefined where it cannot tell. */
async function nextStates(
  context: OperationContext,
  change: Change
): Promise<readonly NextState[] | undefined> {
  const states = await context.client.changes.nextStates(change.sysId).catch(() => undefined)
  return states === undefined || states.length === 0 ? undefined : states
}
