import {
  formatSavedState,
  MAX_SAVED_STATE,
  parseSavedState,
  SAVED_STATE,
  type SavedConnection
} from '@change-actions/change-control'
import type { GateFailure, GateState } from '@change-actions/change-operations'
import { kebab, restoreValues, type StepTools, savedValues } from '@change-actions/github-actions'
import { type GateInputs, inputs } from './inputs.ts'

/** What the post step needs of the main step's inputs. Secrets and certificates are read again. */
const KEPT = [
  'instance',
  'apiPath',
  'api',
  'states',
  'requestTimeout',
  'maxRetries',
  'dryRun',
  'environment',
  'ownMatrixIndex',
  'commit',
  'trustedAccounts',
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
  readonly inputs: KeptInputs
  readonly change: GateState
  readonly connection: SavedConnection
}

/** Times that are kept: the first ones, and the latest. */
const MAX_TIMES = 100

/** What is left of the state for all but the inputs, in characters. */
const RESERVED = 8 * 1024

/** Keeps the resolved values and the change for the post step, even if this step is killed next. */
export function saveGate(
  tools: Pick<StepTools, 'saveState'>,
  values: GateInputs,
  change: GateState,
  connection: SavedConnection
): void {
  const { times } = change
  const kept = times.length <= MAX_TIMES ? times : [...times.slice(0, 3), ...times.slice(3 - MAX_TIMES)]
  const state = { inputs: keptInputs(values), change: { ...change, times: kept }, connection }
  tools.saveState(SAVED_STATE, formatSavedState({ ...state, change: { ...shortened(state) } }))
}

/** What is told at the end and decides nothing: left out in this order where there is no room for it. */
const TOLD = ['evidence', 'links', 'decisions', 'failure'] as const

/** The change without what makes the state longer than the runner can hand over. */
function shortened({
  inputs,
  change,
  connection
}: Omit<SavedGate, 'inputs'> & { inputs: object }): GateState {
  const room = MAX_SAVED_STATE - JSON.stringify({ inputs, connection }).length - ENVELOPE
  let left = change
  for (const key of TOLD) {
    if (JSON.stringify(left).length <= room) return left
    left = { ...left, [key]: undefined }
  }
  return left
}

/** Characters of what stands around them. */
const ENVELOPE = 50

/** Inputs that are too long to be kept for the post step; found before the first request. */
export function lengthProblems(values: Partial<GateInputs>): string[] {
  const sizes = Object.entries(keptInputs(values as GateInputs)).map(([key, value]) => ({
    key,
    size: JSON.stringify(value)?.length ?? 0
  }))
  const total = sizes.reduce((sum, { size }) => sum + size, 0)
  const max = MAX_SAVED_STATE - RESERVED
  const [longest] = sizes.sort((a, b) => b.size - a.size)
  if (total <= max || longest === undefined) return []
  return [
    `\`${kebab(longest.key)}\` is too long: the inputs that are kept for the end of the job may have ${max} characters in all, and have ${total}`
  ]
}

function keptInputs(values: GateInputs) {
  return savedValues(inputs, values, KEPT)
}

/** What a post step has to do. */
export type FoundGate =
  | { readonly kind: 'nothing' }
  /** Another release saved it: which change it was can be told, and nothing can be done. */
  | { readonly kind: 'earlier'; readonly change: GateState }
  | ({ readonly kind: 'gate' } & SavedGate)

/** What the main step left. @throws TypeError for what no release saved */
export function readGate(tools: Pick<StepTools, 'readState'>): FoundGate {
  const saved = parseSavedState(tools.readState(SAVED_STATE))
  if (saved.kind === 'nothing') return saved
  const { change } = saved
  if (!isGateState(change)) throw new TypeError('the saved state of the gate is of an unknown form')
  if (saved.kind === 'earlier') return { kind: 'earlier', change }
  const { connection } = saved
  return { kind: 'gate', inputs: restoreValues(inputs, saved.inputs, KEPT), change, connection }
}

const PHASES: readonly unknown[] = ['before', 'entering', 'entered']

function isGateState(change: object): change is GateState {
  const {
    sysId,
    number,
    phase,
    times,
    version = '',
    decisions,
    links,
    evidence,
    failure
  } = change as Partial<Record<keyof GateState, unknown>>
  const named = typeof sysId === 'string' && typeof number === 'string'
  const told =
    typeof version === 'string' &&
    isPairs(decisions) &&
    isPairs(links) &&
    (evidence === undefined || isTexts(evidence)) &&
    (failure === undefined || isFailure(failure))
  return named && PHASES.includes(phase) && Array.isArray(times) && told
}

function isFailure(given: unknown): boolean {
  const { title, lines, page = '' } = Object(given) as Partial<Record<keyof GateFailure, unknown>>
  return typeof title === 'string' && isTexts(lines) && typeof page === 'string'
}

function isPairs(given: unknown): boolean {
  if (given === undefined) return true
  return Array.isArray(given) && given.every(isTexts)
}

function isTexts(given: unknown): boolean {
  return Array.isArray(given) && given.every(text => typeof text === 'string')
}
