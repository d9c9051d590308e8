import type { ModelStep, MovePlan } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { nextMove, otherMove } from './next-move.ts'
import { storedState } from './with-states.ts'

type Plan = Extract<MovePlan, { kind: 'move' }>

/** The way of a change through the life cycle of its instance. */
export interface Way {
  /** The move to be made now. @throws Problem as `nextMove` */
  next(change: Change, plan: Plan): Promise<ModelStep>
  /** Whether another move is left, after the last one was refused or not made. */
  isLeft(change: Change, plan: Plan, error: unknown): Promise<boolean>
  /** The last move was made. */
  made(): void
}

/** A way that never goes back to a state that the change was in, nor tries a move twice from one. */
export function wayOf(context: OperationContext): Way {
  const been = new Set<string>()
  const failed = new Set<string>()
  let last: ModelStep | undefined
  let other: { readonly from: string; readonly step: ModelStep } | undefined
  const tried = () => new Set([...been, ...failed])
  return {
    async next(change, plan) {
      const from = storedState(change)
      been.add(from)
      // Somebody may have moved it meanwhile.
      last = other?.from === from ? other.step : await nextMove(context, change, plan, tried())
      other = undefined
      return last
    },
    async isLeft(change, plan, error) {
      if (last !== undefined) failed.add(last.value)
      const step = await otherMove(context, change, plan, tried(), error)
      other = step && { from: storedState(change), step }
      return step !== undefined
    },
    made: () => failed.clear()
  }
}
