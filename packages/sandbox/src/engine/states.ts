import { hasOpenTasks } from './change-tasks.ts'
import type { Engine } from './engine.ts'
import type { Row } from './store.ts'

/** Stored values of the states. */
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

export type FlowType = 'normal' | 'standard' | 'emergency'

export type ConditionName =
  | 'Assignment group is not empty'
  | 'Not On hold'
  | 'No active Change Tasks'
  | 'Preapproved template'
  | 'Approvals complete'

/** A transition of a change model. An automatic one is made by the instance; a request cannot make it. */
export interface Transition {
  readonly from: StateName
  readonly to: StateName
  readonly automatic: boolean
  readonly conditions: readonly ConditionName[]
}

const manual = (from: StateName, to: StateName, ...conditions: ConditionName[]): Transition => ({
  from,
  to,
  automatic: false,
  conditions
})
const automatic = (from: StateName, to: StateName, ...conditions: ConditionName[]): Transition => ({
  from,
  to,
  automatic: true,
  conditions
})

const CANCELLABLE: readonly StateName[] = ['new', 'assess', 'authorize', 'scheduled', 'implement']

/** The transitions after Scheduled are the same for all types. A change in Review cannot be cancelled. */
const EXECUTION: readonly Transition[] = [
  manual('scheduled', 'implement', 'Not On hold'),
  automatic('implement', 'review', 'No active Change Tasks'),
  manual('implement', 'review', 'Not On hold', 'No active Change Tasks'),
  manual('review', 'closed', 'Not On hold', 'No active Change Tasks')
]

const cancelFrom = (states: readonly StateName[]): Transition[] =>
  states.map(from => manual(from, 'canceled'))

const TRANSITIONS: Readonly<Record<FlowType, readonly Transition[]>> = {
  normal: [
    manual('new', 'assess', 'Assignment group is not empty', 'Not On hold'),
    manual('assess', 'new', 'Not On hold'),
    automatic('assess', 'authorize', 'Not On hold', 'Approvals complete'),
    manual('authorize', 'new', 'Not On hold'),
    automatic('authorize', 'scheduled', 'Not On hold', 'Approvals complete'),
    ...EXECUTION,
    ...cancelFrom(CANCELLABLE)
  ],
  emergency: [
    manual('new', 'authorize', 'Assignment group is not empty', 'Not On hold'),
    manual('authorize', 'new', 'Not On hold'),
    automatic('authorize', 'scheduled', 'Not On hold', 'Approvals complete'),
    ...EXECUTION,
    ...cancelFrom(CANCELLABLE.filter(state => state !== 'assess'))
  ],
  standard: [
    manual('new', 'scheduled', 'Not On hold', 'Preapproved template'),
    ...EXECUTION,
    ...cancelFrom(CANCELLABLE.filter(state => state !== 'assess' && state !== 'authorize'))
  ]
}

/** The name of a state by its stored value; undefined for a state of the instance's own. */
export function stateName(value: string | undefined): StateName | undefined {
  return (Object.keys(STATE) as StateName[]).find(name => STATE[name] === value)
}

/** The type whose transitions apply: that of the change model, or of the change when it has none. */
export function flowTypeOf(engine: Engine, change: Row): FlowType {
  const preset = engine.store.get('chg_model', change.chg_model ?? '')?.record_preset ?? ''
  const type = /(?:^|\^)type=(\w+)/.exec(preset)?.[1] ?? change.type ?? ''
  return type === 'standard' || type === 'emergency' ? type : 'normal'
}

/** The transitions from the current state, automatic ones and those whose conditions fail included. */
export function transitionsFrom(engine: Engine, change: Row): Transition[] {
  const from = stateName(change.state)
  return TRANSITIONS[flowTypeOf(engine, change)].filter(transition => transition.from === from)
}

export function conditionHolds(engine: Engine, change: Row, name: ConditionName): boolean {
  switch (name) {
    case 'Not On hold':
      return change.on_hold !== 'true'
    case 'Assignment group is not empty':
      // Without models a data policy asks for it.
      return !engine.settings.changeModels || change.assignment_group !== ''
    case 'No active Change Tasks':
      return !hasOpenTasks(engine, change.sys_id)
    case 'Preapproved template':
      return change.std_change_producer_version !== ''
    case 'Approvals complete':
      return change.approval === 'approved'
  }
}

/**
 * Whether a request may move the change to the state in `after`. Conditions are checked on `before`, but with the hold
 * and the group of `after`: one write may set them and move the change.
 */
export function isTransitionAllowed(engine: Engine, before: Row, after: Row): boolean {
  const { on_hold = '', assignment_group = '' } = after
  const checked = { ...before, on_hold, assignment_group }
  return transitionsFrom(engine, before).some(
    transition =>
      STATE[transition.to] === after.state &&
      !transition.automatic &&
      transition.conditions.every(condition => conditionHolds(engine, checked, condition))
  )
}
