import { formatSavedState, parseSavedState, SAVED_STATE, stateText } from '@change-actions/change-control'
import type { GateState } from '@change-actions/change-operations'
import { restoreValues, type StepTools, savedValues } from '@change-actions/github-actions'
import type { Change } from '@change-actions/servicenow-client'
import { type GateInputs, inputs } from './inputs.ts'

/** What the post step needs of the main step's inputs. Secrets and certificates are read again. */
const KEPT = [
  'instance',
  'apiPath',
  'api',
  'requestTimeout',
  'maxRetries',
  'dryRun',
  'environment',
  'ownMatrixIndex',
  'commit',
  'onSuccess',
  'onFailure',
  'onCancel',
  'onRejected',
  'onTimeout',
  'closeCodeSuccess',
  'closeCodeFailure',
  'maySkip',
  'lifecycleNotes',
  'changeTasks',
  'failOnPostError'
] as const

export type KeptInputs = Pick<GateInputs, (typeof KEPT)[number]>

/** What the main step leaves for the post step. */
export interface SavedGate {
  /** Undefined when another release saved it, which kept none. */
  readonly inputs: KeptInputs | undefined
  readonly change: GateState
}

/** The times of a change's states, with the state it is in now where that is another one. @param at epoch milliseconds */
export function withTime(times: GateState['times'], change: Change, at: number): GateState['times'] {
  const name = stateText(change)
  return times.at(-1)?.[0] === name ? times : [...times, [name, at]]
}

/** Keeps the resolved values and the change for the post step, even if this step is killed next. */
export function saveGate(tools: Pick<StepTools, 'saveState'>, values: GateInputs, change: GateState): void {
  const kept = savedValues(inputs, values, KEPT)
  tools.saveState(SAVED_STATE, formatSavedState({ inputs: kept, change: { ...change } }))
}

/** What the main step left; undefined where it had no change. @throws TypeError for what no release saved */
export function readGate(tools: Pick<StepTools, 'readState'>): SavedGate | undefined {
  const saved = parseSavedState(tools.readState(SAVED_STATE))
  if (saved === undefined) return undefined
  const { inputs: kept, change } = saved
  if (!isGateState(change)) throw new TypeError('the saved state of the gate is of an unknown form')
  return {
    inputs: kept === undefined ? undefined : restoreValues(inputs, kept, KEPT),
    change
  }
}

const PHASES: readonly unknown[] = ['before', 'entering', 'entered']

function isGateState(change: object): change is GateState {
  const { sysId, number, phase, times, approvedBy } = change as Partial<Record<keyof GateState, unknown>>
  const named = typeof sysId === 'string' && typeof number === 'string'
  return named && PHASES.includes(phase) && Array.isArray(times) && isApprovedBy(approvedBy)
}

function isApprovedBy(given: unknown): boolean {
  if (given === undefined) return true
  return (
    Array.isArray(given) &&
    given.every(one => Array.isArray(one) && one.every(text => typeof text === 'string'))
  )
}
