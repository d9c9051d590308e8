import { SHIPPED_STATES, type StateMap } from '@change-actions/change-control'
import { type ClientCode, type ClientProblem, createClient, Problem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { OperationEvent, PlannedWrite } from '../events.ts'
import type { ChangeCode, ChangeProblem } from '../problems.ts'
import { withStates } from '../states/with-states.ts'
import type { TestInstance } from './instance.ts'

type EventType = OperationEvent['type']
type EventOf<T extends EventType> = Extract<OperationEvent, { readonly type: T }>

export interface TestContext extends OperationContext {
  /** What was told, in order. */
  readonly events: OperationEvent[]
  /** Pauses of the operation, in milliseconds; those before retries of a request are not among them. */
  readonly slept: number[]
  /** Something happens on the instance `ms` from now, while the operation sleeps. */
  at(ms: number, event: () => void): void
  /** The events of one type. */
  told<T extends EventType>(type: T): EventOf<T>[]
  /** The writes that a dry run left out. */
  planned(): PlannedWrite[]
}

/** More sleeps than any operation needs: one that goes on is caught in a loop. */
const MAX_SLEEPS = 5_000

/**
 * A context with a client of its own. Time passes only while the operation sleeps, and then at once. In a dry run the
 * client refuses every write.
 */
export function contextOn(
  instance: TestInstance,
  options: {
    readonly dryRun?: boolean
    readonly onEvent?: (event: OperationEvent) => void
    readonly states?: StateMap
  } = {}
): TestContext {
  const { dryRun = false, onEvent = () => undefined, states = SHIPPED_STATES } = options
  const { clock } = instance
  const events: OperationEvent[] = []
  const slept: number[] = []
  const told = <T extends EventType>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type)
  return {
    client: withStates(createClient(instance.clientOptions({ readOnly: dryRun })), states),
    states,
    emit: event => {
      events.push(event)
      onEvent(event)
    },
    now: clock.now,
    random: () => 0,
    sleep: async ms => {
      slept.push(ms)
      if (slept.length > MAX_SLEEPS) throw new Error('the operation sleeps without end')
      clock.advance(ms)
    },
    dryRun,
    events,
    slept,
    at: (ms, event) => void clock.after(ms, event),
    told,
    planned: () => told('planned').map(event => event.write)
  }
}

/** The error a promise is rejected with; fails when it is resolved. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const settled = await promise.then(
    value => ({ value }),
    (error: unknown) => ({ error })
  )
  if ('error' in settled) return settled.error
  throw new Error(`resolved with ${JSON.stringify(settled.value)}`)
}

type ProblemOf<C extends ChangeCode | ClientCode> = C extends ChangeCode
  ? ChangeProblem<C>
  : C extends ClientCode
    ? ClientProblem<C>
    : never

/** The problem a promise is rejected with; fails when it is rejected with anything else. */
export async function problemOf<C extends ChangeCode | ClientCode>(
  promise: Promise<unknown>,
  code: C
): Promise<ProblemOf<C>> {
  const error = await rejectionOf(promise)
  if (error instanceof Problem && error.code === code) return error as unknown as ProblemOf<C>
  throw error
}
