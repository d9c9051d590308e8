/**
 * Every record that other releases, other runs and other repositories read, with its version. What an earlier release
 * wrote stays readable: test/golden holds what each one wrote. The page is docs/design/record-formats.md. What a change
 * itself carries stands in change-marks.ts.
 */

/** The version each record is written in. */
export const RECORD_VERSIONS = {
  correlationId: 1,
  binding: 2,
  claim: 2,
  noteMarker: 1,
  mark: 2,
  jobVariables: 1,
  savedState: 2
} as const

// Correlation id, version 1: `gha-` and 64 hex digits where it is derived, any safe text where it is given.

const CORRELATION_ID = /^[A-Za-z0-9._:/-]{1,100}$/

/** A derived correlation id. @param digest SHA-256, 64 hex digits */
export function formatCorrelationId(digest: string): string {
  return `gha-${digest}`
}

/** Whether a text may serve as a correlation id: safe in an encoded query, and it fits the column. */
export function isCorrelationId(text: string): boolean {
  return CORRELATION_ID.test(text)
}

/** Whether a correlation id is one that these actions derived; one that a user gave may be anybody's. */
export function isDerivedId(text: string): boolean {
  return /^gha-[0-9a-f]{64}$/.test(text)
}

// Job variables, version 1: the changes of a job, oldest first, separated by commas.

/** The variables by which the steps of a job know its changes. */
export const JOB_VARIABLES = {
  sysIds: 'SERVICENOW_CHANGE_SYS_ID',
  numbers: 'SERVICENOW_CHANGE_NUMBER'
} as const

/** Sys_ids or numbers of the changes of a job as the value of a variable. */
export function formatJobVariable(values: readonly string[]): string {
  return values.join(',')
}

/** The sys_ids or numbers in a variable; none where it is not set. */
export function parseJobVariable(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap(item => item.trim() || [])
}

// Saved state, version 2: JSON `{ version, inputs, change }`, from the main step to the post step of one job. Version 1
// was the change alone, without `version`.

/** The name under which the main step saves its state. */
export const SAVED_STATE = 'gate'

/** What a gate leaves for its post step. */
export interface SavedState {
  readonly version: number
  /** Resolved inputs by key; undefined in version 1. */
  readonly inputs?: Readonly<Record<string, unknown>> | undefined
  /** How far the gate came with its change. */
  readonly change: Readonly<Record<string, unknown>>
}

/** The text that the main step saves. */
export function formatSavedState(state: Omit<SavedState, 'version'>): string {
  return JSON.stringify({ version: RECORD_VERSIONS.savedState, ...state })
}

/**
 * The saved state; undefined where there is none.
 *
 * @throws TypeError for a text that is no saved state of a known version
 */
export function parseSavedState(text: string): SavedState | undefined {
  if (text === '') return undefined
  const state = parseRecord(text)
  if (state !== undefined && state.version === undefined && typeof state.sysId === 'string')
    return { version: 1, change: state }
  const { version, inputs, change } = state ?? {}
  if (version === RECORD_VERSIONS.savedState && isRecord(inputs) && isRecord(change))
    return { version, inputs, change }
  throw new TypeError('the saved state of the gate is of an unknown form')
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
