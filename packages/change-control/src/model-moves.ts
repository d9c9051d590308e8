import { type StateName, stateOf } from './states.ts'
import type { MovePlan } from './transitions.ts'

/** A state that an instance tells of, with what it counts as. */
export interface KnownState {
  /** As the instance stores it. */
  readonly value: string
  readonly label: string
  /** Undefined for a state that counts as none of ours. */
  readonly name: StateName | undefined
  /** The conditions of a move to it are met, as far as can be told. */
  readonly available: boolean
}

/** What an instance tells about where a change can go. Of several states with one name, those to be tried first come first. */
export interface KnownStates {
  /** `moves`: the moves that its model has from here. `states`: all states that it has, whether or not a move leads there. */
  readonly kind: 'moves' | 'states'
  readonly states: readonly KnownState[]
}

/** One move: the state of ours that it leads to, and the value that is written. */
export interface ModelStep {
  readonly next: StateName
  readonly value: string
}

/** Where a change is, and what was tried already. */
export interface ModelPosition {
  readonly name: StateName | undefined
  /** As the instance stores it. */
  readonly value: string
  /** Values that the change was in or that were written to no effect. */
  readonly tried: ReadonlySet<string>
}

type Move = Extract<MovePlan, { kind: 'move' }>

/**
 * The move that takes a change along its plan on this instance; undefined when it has none. The plan's own move comes
 * first. Where the instance has no such state, or its model no such move:
 *
 * - a normal change is submitted to Authorize when there is no Assess, and a change is closed from Implement when there
 *   is no Review: nothing that needs an approval is passed over;
 * - else the change goes on within the name that it has (Draft and New both count as New).
 */
export function stepBy(plan: Move, at: ModelPosition, known: KnownStates): ModelStep | undefined {
  const open = known.states.filter(({ value }) => value !== at.value && !at.tried.has(value))
  const to = (name: StateName): ModelStep | undefined => {
    const named = open.filter(state => state.name === name)
    const found = named.find(state => state.available) ?? named[0]
    return found && { next: name, value: found.value }
  }
  const planned = to(plan.next)
  if (planned !== undefined) return planned
  const exists = known.states.some(({ name }) => name === plan.next)
  const [another] = exists ? [] : alternatives(plan, at).flatMap(name => to(name) ?? [])
  if (another !== undefined) return another
  if (at.name === undefined || (known.kind === 'moves' && exists)) return undefined
  const onward = known.kind === 'moves' ? open : open.filter(state => isAfter(state, at, known))
  const within = onward.find(state => state.name === at.name && state.available && isEntered(state))
  return within && { next: at.name, value: within.value }
}

function alternatives({ next, rest }: Move, { name: at }: ModelPosition): readonly StateName[] {
  if (at === 'new' && next === 'assess') return ['authorize']
  return at === 'implement' && next === 'review' && rest.includes('closed') ? ['closed'] : []
}

/** A shipped state that is mapped to another name is entered as what it is shipped as, or not at all. */
function isEntered({ value, name }: KnownState): boolean {
  const shipped = stateOf(value)
  return shipped === undefined || shipped === name
}

/** A list of states has no direction: of those with one name, only later ones are tried. */
function isAfter(state: KnownState, at: ModelPosition, { states }: KnownStates): boolean {
  return states.indexOf(state) > states.findIndex(one => one.value === at.value)
}
