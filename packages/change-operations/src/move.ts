import {
  isAtOrBeyond,
  planMoves,
  type Refused,
  type StateName,
  stateOf,
  stateText,
  stateTitle
} from '@change-actions/change-control'
import type { Change, Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { makeMove } from './move-step.ts'
import type { Note } from './notes.ts'
import { type ChangeProblem, changeProblem } from './problems.ts'
import { wayOf } from './states/way.ts'
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
const MAX_MOVES = 8
/** A state of the instance's own may be tried, and left again. */
const MAX_TRIES = 2

/**
 * Moves a change to the target along the legal path, one move at a time, each read back. The instance may move it
 * further than requested, or not at all: the first counts when it lies on the way up, the second is a problem that
 * holds what the instance allows.
 *
 * @throws Problem `needs-approval`, `cannot-move`, `did-not-leave`, `moves-back`, `open-tasks`; of the client, with
 *   `TransitionFacts` as `transition`, when the instance refuses a move
 */
export async function moveTo(context: OperationContext, move: Move): Promise<Moved> {
  const { target } = move
  let change = move.change
  let noted = false
  const transitions: string[] = []
  const tell = () => move.onProgress?.({ change, transitions, noted })
  /** Two states in a row may count as one. */
  const enter = (state: string) => transitions.at(-1) === state || transitions.push(state)
  const way = wayOf(context)
  for (let n = 0; n < MAX_MOVES + MAX_TRIES * context.states.entries.length; n += 1) {
    if (n > 0 && isAtOrBeyond(stateOf(change.state), target)) return { change, transitions, noted }
    const plan = planMoves(change, target)
    if (plan.kind === 'there') return { change, transitions, noted }
    if (plan.kind === 'beyond') {
      context.emit({ type: 'already-beyond', change, target })
      return { change, transitions, noted }
    }
    if (plan.kind === 'refused') throw refusedMove(change, plan)
    if (context.dryRun) {
      const states = [plan.next, ...plan.rest]
      context.emit({ type: 'planned', write: { type: 'move', change, states } })
      return { change, transitions, noted }
    }
    const at = stateOf(change.state)
    const step = await way.next(change, plan)
    const settled = await settleTasks(context, {
      change,
      next: step.next,
      target,
      tasks: move.tasks ?? 'leave',
      closing: move.closing ?? {},
      onClosed: tell
    })
    if (settled !== change) {
      // Closing the last task may have moved the change by itself: plan again from its current state.
      if (settled.state !== change.state) enter(stateText(settled))
      change = settled
      tell()
      continue
    }
    const note = noted ? undefined : move.note
    try {
      change = await makeMove(context, change, { ...step, closing: move.closing, note })
    } catch (error) {
      if (!(await way.isLeft(change, plan, error))) throw error
      // A move that was not made may have stored its note.
      change = await context.client.changes.get(change.sysId)
      continue
    }
    way.made()
    noted = move.note !== undefined
    if (stateOf(change.state) !== at) enter(stateText(change))
    tell()
    context.emit({ type: 'moved', change })
  }
  throw changeProblem(
    'moves-back',
    change,
    { target, state: stateTitle(change), moves: transitions },
    { committed: 'yes' }
  )
}

/** Why a plan allows no move, as a problem. */
export function refusedMove(change: Change, plan: Refused): ChangeProblem {
  const { kind: _, ...facts } = plan
  return changeProblem(plan.reason === 'needs-approval' ? 'needs-approval' : 'cannot-move', change, facts)
}
