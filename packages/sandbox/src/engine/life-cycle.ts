/** Stored values of the shipped states. */
export const STATE = {
  new: '-5',
  assess: '-4',
  authorize: '-3',
  scheduled: '-2',
  implement: '-1',
  review: '0',
  closed: '3',
  canceled: '4'
} as const

export type StateName = keyof typeof STATE

export type ConditionName =
  | 'Assignment group is not empty'
  | 'Not On hold'
  | 'No active Change Tasks'
  | 'Preapproved template'
  | 'Approvals complete'

/** A choice of the state field of an instance with a life cycle of its own. */
export interface OwnState {
  /** A whole number, as the field is one. */
  readonly value: string
  readonly label: string
  /** The shipped state whose rules and flows this instance runs in it. Absent: none. */
  readonly like?: StateName
}

/** A move of a change model, by stored values. */
export interface OwnTransition {
  readonly from: string
  readonly to: string
  /** Made by the instance; a request cannot make it. Default false. */
  readonly automatic?: boolean
  readonly conditions?: readonly ConditionName[]
}

/** What an administrator made of the states of changes: the choice list, and the moves of the change model. */
export interface LifeCycle {
  /** The whole choice list, in its order. New changes begin in the first one. */
  readonly states: readonly OwnState[]
  /** The moves of every model. Absent: a state may be changed to any other, as without a state model. */
  readonly transitions?: readonly OwnTransition[]
}

type Of = { readonly settings: { readonly lifeCycle?: LifeCycle } }

/** The shipped state whose rules run in a stored state; undefined where none do. */
export function stateName({ settings }: Of, value: string | undefined): StateName | undefined {
  const { lifeCycle } = settings
  if (lifeCycle !== undefined) return lifeCycle.states.find(state => state.value === value)?.like
  return (Object.keys(STATE) as StateName[]).find(name => STATE[name] === value)
}

/** The stored value of the first state in which the rules of a shipped one run; undefined where there is none. */
export function stateValue({ settings }: Of, name: StateName): string | undefined {
  const { lifeCycle } = settings
  return lifeCycle === undefined ? STATE[name] : lifeCycle.states.find(state => state.like === name)?.value
}

/** The state in which changes begin. */
export function firstState({ settings }: Of): string {
  return settings.lifeCycle?.states[0]?.value ?? STATE.new
}
