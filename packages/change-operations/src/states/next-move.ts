import {
  isSameLabel,
  type KnownState,
  type KnownStates,
  type ModelStep,
  type MovePlan,
  SHIPPED_STATES,
  type StateMap,
  type StateName,
  stateOf,
  stateValue,
  stepBy
} from '@change-actions/change-control'
import { type Change, isClientProblem, type NextState } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { type ChangeProblem, changeProblem, isChangeProblem, isRefusedMove } from '../problems.ts'
import { storedState } from './with-states.ts'

type Plan = Extract<MovePlan, { kind: 'move' }>

/**
 * The move to be made next. On an instance with a life cycle of its own the instance is asked: by `nextstates`, else by
 * the list of its states. Where it tells neither, and on an instance with the shipped states, it is that of the plan.
 *
 * @param tried values that the change was in, or that were written to no effect
 * @throws Problem `no-such-move` when the instance has no move on the way, `state-without-value`
 */
export async function nextMove(
  context: OperationContext,
  change: Change,
  plan: Plan,
  tried: ReadonlySet<string>
): Promise<ModelStep> {
  const { next } = plan
  if (context.states.entries.length === 0) return { next, value: stateValue(next) }
  const known = await knownStates(context, change)
  if (known === undefined) return { next, value: onlyValue(context, change, next) }
  const step = stepBy(plan, { ...positionOf(change), tried }, known)
  if (step !== undefined) return step
  throw noSuchMove(context, change, next, known)
}

/**
 * The move to be made where the instance refused one or did not make it: another that its model has, or one that is left
 * to be tried. Undefined when there is none.
 *
 * @param tried holds the value that was written
 */
export async function otherMove(
  context: OperationContext,
  change: Change,
  plan: Plan,
  tried: ReadonlySet<string>,
  error: unknown
): Promise<ModelStep | undefined> {
  const facts = isRefusedMove(error)
    ? error.facts.transition
    : isChangeProblem(error, 'did-not-leave')
      ? error.facts
      : undefined
  if (facts === undefined) return undefined
  const own = context.states.entries.length > 0
  const known = own
    ? await knownStates(context, change).catch(noneKnown)
    : facts.allowed && movesOf(SHIPPED_STATES, facts.allowed)
  return known && stepBy(plan, { ...positionOf(change), tried }, known)
}

/** What is asked after a failure must not hide it. */
function noneKnown(error: unknown): undefined {
  if (!isClientProblem(error)) throw error
}

/**
 * The value to be written for a state of ours, where no more is known than where the change is to go.
 *
 * @throws Problem as `nextMove`
 */
export async function stateToWrite(
  context: OperationContext,
  change: Change,
  name: StateName
): Promise<string> {
  const plan = { kind: 'move', next: name, rest: [] } as const
  return (await nextMove(context, change, plan, new Set([storedState(change)]))).value
}

function positionOf(change: Change) {
  return { name: stateOf(change.state), value: storedState(change) }
}

/** What the instance tells; undefined where the account may see neither. */
async function knownStates(context: OperationContext, change: Change): Promise<KnownStates | undefined> {
  const { client, states } = context
  const next = await client.changes.nextStates(change.sysId)
  if (next !== undefined && next.length > 0) return movesOf(states, next)
  const choices = await client.choices('state')
  if (choices.length === 0) return undefined
  return {
    kind: 'states',
    states: inOrder(
      states,
      choices.map(one => ({ ...one, available: true }))
    )
  }
}

function movesOf(states: StateMap, next: readonly NextState[]): KnownStates {
  const moves = next.map(({ state, label, available }) => ({ value: state, label, available }))
  return { kind: 'moves', states: inOrder(states, moves) }
}

/** Those of one name in the order of the map, the shipped one last. */
function inOrder(states: StateMap, known: readonly Omit<KnownState, 'name'>[]): KnownState[] {
  const rank = ({ value, label, name }: KnownState): number => {
    const own = name === undefined ? [] : states.statesOf(name)
    const at = own.findIndex(one => ('value' in one ? one.value === value : isSameLabel(one.label, label)))
    return at < 0 ? own.length : at
  }
  return known
    .map(one => ({ ...one, name: states.nameOf(one.value, one.label) }))
    .sort((a, b) => rank(a) - rank(b))
}

/** The instance tells nothing about its states: what is written is what the map says. */
function onlyValue(context: OperationContext, change: Change, next: StateName): string {
  const [state] = context.states.statesOf(next)
  if (state !== undefined && 'value' in state) return state.value
  throw changeProblem('state-without-value', change, { next, label: state?.label ?? '' })
}

function noSuchMove(
  { states }: OperationContext,
  change: Change,
  next: StateName,
  { kind, states: known }: KnownStates
): ChangeProblem {
  const wanted = states.statesOf(next).map(state => ('value' in state ? state.value : state.label))
  const others = known.filter(one => one.value !== storedState(change)).map(one => one.label)
  return changeProblem('no-such-move', change, {
    next,
    state: change.stateLabel,
    wanted,
    kind,
    known: others
  })
}
