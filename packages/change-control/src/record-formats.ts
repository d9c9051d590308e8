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
  jobStory: 1,
  previewMarker: 1,
  savedState: 3
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

// Job story, version 1: JSON `{ version, instance, sysId, states, evidence }` in a file of the job, for summaries alone.

/** What steps of a job saw of a change. */
export interface JobStory {
  /** Origin of the instance. */
  readonly instance: string
  readonly sysId: string
  /** States, and when each was seen, epoch milliseconds; the earliest first. */
  readonly states: readonly (readonly [state: string, at: number])[]
  /** A line for each file that was attached. */
  readonly evidence: readonly string[]
}

/** Bytes of its text. */
export const MAX_JOB_STORY = 64 * 1024

/** The text of a job's story. */
export function formatJobStory({ instance, sysId, states, evidence }: JobStory): string {
  return JSON.stringify({ version: RECORD_VERSIONS.jobStory, instance, sysId, states, evidence })
}

/** Reads a job's story; undefined for any other text. */
export function parseJobStory(text: string): JobStory | undefined {
  const { version, instance, sysId, states, evidence } = parseRecord(text) ?? {}
  if (version !== RECORD_VERSIONS.jobStory || typeof instance !== 'string' || typeof sysId !== 'string')
    return undefined
  if (!Array.isArray(states) || !states.every(isSeenState)) return undefined
  if (!Array.isArray(evidence) || !evidence.every(line => typeof line === 'string')) return undefined
  return { instance, sysId, states, evidence }
}

/** The end of the year 9999, after which no date is written with four digits. */
const MAX_TIME = 253_402_300_799_999

function isSeenState(value: unknown): value is readonly [string, number] {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [name, at] = value as unknown[]
  return typeof name === 'string' && Number.isSafeInteger(at) && Number(at) >= 0 && Number(at) <= MAX_TIME
}

// Preview marker, version 1: the first line of a comment, an HTML comment, which nobody sees and no escaped text can form:
// `<!-- servicenow-change-preview 1 <16 hex> <run id> <attempt> -->`.

/** Which preview a comment on a pull request shows, and which run wrote it. */
export interface PreviewMark {
  /** Of what is previewed: 16 hex digits. */
  readonly key: string
  readonly runId: number
  readonly attempt: number
}

const PREVIEW_MARK = /^<!-- servicenow-change-preview 1 ([0-9a-f]{16}) (\d{1,15}) (\d{1,9}) -->(?=\r?\n|$)/

/** The first line of a comment. */
export function formatPreviewMark({ key, runId, attempt }: PreviewMark): string {
  return `<!-- servicenow-change-preview ${RECORD_VERSIONS.previewMarker} ${key} ${runId} ${attempt} -->`
}

/** The mark of a comment; undefined for a comment that is no preview. */
export function parsePreviewMark(body: string): PreviewMark | undefined {
  const [, key, runId, attempt] = PREVIEW_MARK.exec(body) ?? []
  if (key === undefined) return undefined
  return { key, runId: Number(runId), attempt: Number(attempt) }
}

// Saved state, version 3: JSON `{ version, inputs, change, connection }`, from the main step to the post step of one
// job; `{ version }` alone while there is no change. Version 1 was the change alone, version 2 had no `connection`.

/** The name under which the main step saves its state. */
export const SAVED_STATE = 'gate'

/** In UTF-16 units: a variable of the environment, in which the runner hands it over, holds no more on Windows. */
export const MAX_SAVED_STATE = 32 * 1024 - 1

/** How the main step signed in, without any secret. */
export interface SavedConnection {
  /** Random, in hex: one secret has another hash in each step. */
  readonly salt: string
  /** SHA-256 of each credential and certificate, in hex, by the key of its input. */
  readonly hashes: Readonly<Record<string, string>>
  /** SHA-256 of what the environment says about trusted certificates. */
  readonly trust: string
  /** What the environment named as the instance, whether or not it was used; '' for nothing. */
  readonly environmentInstance: string
}

/** What a gate leaves for its post step. */
export interface SavedGateState {
  /** Resolved inputs by key. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** How far the gate came with its change. */
  readonly change: Readonly<Record<string, unknown>>
  readonly connection: SavedConnection
}

/** What a post step finds. */
export type SavedState =
  /** The main step had no change. */
  | { readonly kind: 'nothing' }
  /** Another release wrote it: the change is known, and nothing proves that the main step of this job saved it. */
  | { readonly kind: 'earlier'; readonly version: 1 | 2; readonly change: Readonly<Record<string, unknown>> }
  | ({ readonly kind: 'gate' } & SavedGateState)

/**
 * The text that the main step saves as soon as it starts: where it saved none, a variable that another step of the job
 * has set would be taken for its state.
 */
export function formatNothingSaved(): string {
  return JSON.stringify({ version: RECORD_VERSIONS.savedState })
}

/** The text that the main step saves when it has a change. @throws RangeError when it is longer than the runner can hand over */
export function formatSavedState({ inputs, change, connection }: SavedGateState): string {
  const text = JSON.stringify({ version: RECORD_VERSIONS.savedState, inputs, change, connection })
  if (text.length > MAX_SAVED_STATE)
    throw new RangeError(`The saved state is too long: ${text.length} characters.`)
  return text
}

/**
 * Reads the saved state; no text is no state.
 *
 * @throws TypeError for a text that is no saved state of a known version
 */
export function parseSavedState(text: string): SavedState {
  if (text === '') return { kind: 'nothing' }
  const state = parseRecord(text)
  if (state !== undefined && state.version === undefined && typeof state.sysId === 'string')
    return { kind: 'earlier', version: 1, change: state }
  const { version, inputs, change, connection, ...others } = state ?? {}
  if (version === 2 && isRecord(inputs) && isRecord(change)) return { kind: 'earlier', version: 2, change }
  if (version === RECORD_VERSIONS.savedState && Object.keys(others).length === 0) {
    if (inputs === undefined && change === undefined && connection === undefined) return { kind: 'nothing' }
    if (isRecord(inputs) && isRecord(change) && isConnection(connection))
      return { kind: 'gate', inputs, change, connection }
  }
  throw new TypeError('the saved state of the gate is of an unknown form')
}

function isConnection(value: unknown): value is SavedConnection {
  if (!isRecord(value)) return false
  const { salt, hashes, trust, environmentInstance } = value
  const texts = [
    salt,
    trust,
    environmentInstance,
    ...(isRecord(hashes) ? Object.values(hashes) : [undefined])
  ]
  return texts.every(text => typeof text === 'string')
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
