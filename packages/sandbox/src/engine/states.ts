import { hasOpenTasks } from './change-tasks.ts'
import type { Engine } from './engine.ts'
import { type ConditionName, STATE, type StateName } from './life-cycle.ts'
import type { Row } from './store.ts'

export type FlowType = 'normal' | 'standard' | 'emergency'

/** A transition of a change model. An automatic one is made by the instance; a request cannot make it. */
export interface Transition {
  /** Stored values. */
  readonly from: string
  readonly to: string
  readonly automatic: boolean
  readonly conditions: readonly ConditionName[]
}

const manual = (from: StateName, to: StateName, ...conditions: ConditionName[]): Transition => ({
  from: STATE[from],
  to: STATE[to],
  automatic: false,
  conditions
})
const automatic = (from: StateName, to: StateName, ...conditions: ConditionName[]): Transition => ({
  from: STATE[from],
  to: STATE[to],
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

/** The type whose transitions apply: that of the change model, or of the change when it has none. */
export function flowTypeOf(engine: Engine, change: Row): FlowType {
  const preset = engine.store.get('chg_model', change.chg_model ?? '')?.record_preset ?? ''
  const type = /(?:^|\^)type=(\w+)/.exec(preset)?.[1] ?? change.type ?? ''
  return type === 'standard' || type === 'emergency' ? type : 'normal'
}

/** The transitions from the current state, automatic ones and those whose conditions fail included. */
export function transitionsFrom(engine: Engine, change: Row): Transition[] {
  return transitionsOf(engine, change).filter(transition => transition.from === change.state)
}

function transitionsOf(engine: Engine, change: Row): readonly Transition[] {
  const { lifeCycle } = engine.settings
  if (lifeCycle === undefined) return TRANSITIONS[flowTypeOf(engine, change)]
  const { states, transitions } = lifeCycle
  const all = transitions ?? states.flatMap(from => states.map(to => ({ from: from.value, to: to.value })))
  return all.filter(({ from, to }) => from !== to).map(one => ({ automatic: false, conditions: [], ...one }))
}

export function conditionHolds(engine: Engine, change: Row, name: ConditionName): boolean {
  switch (name) {
    case 'Assignment group is not empty':
      // Without change models it is the data policy that asks for the group, with a text of its own.
      return !engine.settings.changeModels || change.assignment_group !== ''
    case 'Not On hold':
      return change.on_hold !== 'true'
    case 'No active Change Tasks':
      return !hasOpenTasks(engine, change.sys_id)
    case 'Preapproved template':
      return change.std_change_producer_version !== ''
    case 'Approvals complete':
      return change.approval === 'approved'
  }
}

/** The change on which conditions are checked: one write may set its hold and its group, and move it. */
export function checkedForMove(before: Row, after: Row): Row {
  return { ...before, on_hold: after.on_hold ?? '', assignment_group: after.assignment_group ?? '' }
}

/** Whether a request may move the change to the state in `after`. */
export function isTransitionAllowed(engine: Engine, before: Row, after: Row): boolean {
  const checked = checkedForMove(before, after)
  return transitionsFrom(engine, before).some(
    transition =>
      transition.to === after.state &&
      !transition.automatic &&
      transition.conditions.every(condition => conditionHolds(engine, checked, condition))
  )
}
