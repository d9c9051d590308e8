/** Instances with a life cycle of their own, as ServiceNow's documentation has them, and the maps for them. */
import { type StateMap, type StateName, stateMap } from '@change-actions/change-control'
import type { LifeCycle } from '@change-actions/sandbox'
import type { InstanceOptions } from './instance.ts'

/** An instance, and what its states count as. */
export interface OwnLifeCycle {
  readonly options: Pick<InstanceOptions, 'lifeCycle' | 'changeModels'>
  readonly states: StateMap
}

const mapOf = (states: Readonly<Record<string, StateName>>): StateMap =>
  stateMap(Object.entries(states).map(([state, name]) => ({ state, name })))

const MODEL_STATES: LifeCycle = {
  states: [
    { value: '-6', label: 'Draft' },
    { value: '-5', label: 'New', like: 'new' },
    { value: '-4', label: 'Assess', like: 'assess' },
    { value: '-3', label: 'Authorize', like: 'authorize' },
    { value: '12', label: 'Ready to deploy', like: 'scheduled' },
    { value: '-1', label: 'Implement', like: 'implement' },
    { value: '10', label: 'Verify' },
    { value: '0', label: 'Review', like: 'review' },
    { value: '3', label: 'Closed', like: 'closed' },
    { value: '4', label: 'Canceled', like: 'canceled' }
  ],
  transitions: [
    { from: '-6', to: '-5' },
    { from: '-5', to: '-4' },
    { from: '-4', to: '-3', automatic: true },
    { from: '-3', to: '12', automatic: true },
    { from: '12', to: '-1' },
    { from: '-1', to: '10' },
    { from: '10', to: '0' },
    { from: '0', to: '3' },
    ...['-6', '-5', '-4', '-3', '12', '-1'].map(from => ({ from, to: '4' }))
  ]
}

/** A change model with a state before New, another one for Scheduled, and one between Implement and Review. */
export const MODEL: OwnLifeCycle = {
  options: { lifeCycle: MODEL_STATES },
  states: mapOf({ draft: 'new', 'ready to deploy': 'scheduled', '10': 'review' })
}

/** A change model without Assess and Review: changes are submitted to Authorize and closed from Implement. */
export const SHORT: LifeCycle = {
  states: MODEL_STATES.states
    .filter(({ value }) => !['-6', '-4', '12', '10', '0'].includes(value))
    .concat({ value: '-2', label: 'Scheduled', like: 'scheduled' }),
  transitions: [
    { from: '-5', to: '-3' },
    { from: '-3', to: '-2', automatic: true },
    { from: '-2', to: '-1' },
    { from: '-1', to: '3' },
    ...['-5', '-3', '-2', '-1'].map(from => ({ from, to: '4' }))
  ]
}

/** An instance from before the state model: three states, no model, approval by a workflow while the change is Open. */
export const LEGACY: OwnLifeCycle = {
  options: {
    changeModels: false,
    lifeCycle: {
      states: [
        { value: '1', label: 'Open', like: 'authorize' },
        { value: '2', label: 'Work in Progress', like: 'implement' },
        { value: '3', label: 'Closed', like: 'closed' },
        { value: '4', label: 'Closed Incomplete', like: 'canceled' }
      ]
    }
  },
  states: mapOf({ '1': 'scheduled', '2': 'implement', '4': 'canceled' })
}
