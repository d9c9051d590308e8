/**
 * Every record that other releases, other runs and other repositories read, with its version. What an earlier release
 * wrote stays readable: test/golden holds what each one wrote. The page is docs/design/record-formats.md.
 */

/** The version each record is written in. */
export const RECORD_VERSIONS = {
  correlationId: 1,
  binding: 1,
  claim: 1,
  noteMarker: 1,
  fingerprint: 1,
  jobVariables: 1,
  savedState: 2
} as const

/** Hex digits of a short hash. */
const SHORT = 12

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

// Binding, version 1: `gha <commit, 12> <run id> <scope, 12>` in correlation_display.

/** What a change is bound to. */
export interface Binding {
  /** The first 12 hex digits of the commit. */
  readonly commit: string
  readonly runId: string
  /** Hash of server, repository and environment, 12 hex digits. */
  readonly scope: string
}

const BINDING = /^gha ([0-9a-f]{12}) ([0-9]{1,20}) ([0-9a-f]{12})$/

/**
 * The line in `correlation_display` by which a change says what it was made for.
 *
 * @throws RangeError when the commit is not a commit id of 12 hex digits or more, or the run id not a number
 */
export function formatBinding({ commit, runId, scope }: Binding): string {
  const line = `gha ${commit.slice(0, SHORT).toLowerCase()} ${runId} ${scope}`
  if (BINDING.test(line)) return line
  const given = `commit ${JSON.stringify(commit)}, run ${JSON.stringify(runId)}`
  throw new RangeError(`A change is bound to a commit id and a run number, and these are neither: ${given}.`)
}

/** Reads a binding. Undefined unless the text is exactly one: other tools use the field too. */
export function parseBinding(text: string): Binding | undefined {
  const [, commit, runId, scope] = BINDING.exec(text) ?? []
  if (commit === undefined || runId === undefined || scope === undefined) return undefined
  return { commit, runId, scope }
}

// Note marker, version 1: `[gha <hash, 12>]`, the last line of a work note or comment.

/** The marker by which a note is recognised. @param digest SHA-256 of what makes it the same note, in hex */
export function formatNoteMarker(digest: string): string {
  return `[gha ${digest.slice(0, SHORT)}]`
}

/** Untrusted text that can no longer be read as a marker of ours. */
export function withoutMarkers(text: string): string {
  return text.replace(/\[(?=gha)/gi, '(')
}

// Claim, version 1: `[gha claim <generation> <run id> <attempt> <scope, 12>]`, the last line of a work note.

/** Which run deploys under a change. */
export interface Claim {
  readonly runId: string
  readonly attempt: string
  /** As in the binding. */
  readonly scope: string
}

/**
 * A claim as it stands in the journal. Who finds the change free claims the next generation; of several claims of one
 * generation the first counts, so that runs which claim at once agree on one of them.
 */
export interface RecordedClaim extends Claim {
  readonly generation: number
}

const CLAIM = /\[gha claim (\d{1,6}) (\d{1,20}) (\d{1,6}) ([0-9a-f]{12})\]/g

/**
 * The marker of a claim, as it stands in a work note.
 *
 * @throws RangeError for a claim that no reader would find again: run and attempt are numbers, the scope 12 hex digits
 */
export function formatClaim({ generation, runId, attempt, scope }: RecordedClaim): string {
  const text = `[gha claim ${generation} ${runId} ${attempt} ${scope}]`
  if (parseClaims(text).length === 0) throw new RangeError(`${text} is not the form of a claim`)
  return text
}

/** The marker of the note in which a run says that it claimed in vain. No reader takes it for a claim. */
export function formatLostClaim(claim: RecordedClaim): string {
  return formatClaim(claim).replace('claim', 'claim-lost')
}

/** The claims in a journal, in the order in which they stand there. */
export function parseClaims(journal: string): RecordedClaim[] {
  return [...journal.matchAll(CLAIM)].map(([, generation = '', runId = '', attempt = '', scope = '']) => ({
    generation: Number(generation),
    runId,
    attempt,
    scope
  }))
}

// Fingerprint, version 1: `[gha fields <7 hashes of 32, or -> <planned start> <planned end>]`, the last line of a work
// note. The times are UTC, `YYYYMMDDhhmmss`, or `-`.

/** The fields whose hashes stand in a fingerprint, in this order. */
export const FINGERPRINT_FIELDS = [
  'short_description',
  'description',
  'implementation_plan',
  'backout_plan',
  'test_plan',
  'cmdb_ci',
  'type'
] as const

/** What a change said when it was submitted. Times are epoch milliseconds, whole seconds. */
export interface Fingerprint {
  /** One for each of `FINGERPRINT_FIELDS`, 32 hex digits; undefined for a field that could not be read. */
  readonly hashes: readonly (string | undefined)[]
  readonly plannedStart?: number | undefined
  readonly plannedEnd?: number | undefined
}

const FINGERPRINT = /\[gha fields ((?:(?:[0-9a-f]{32}|-) ){7})(\d{14}|-) (\d{14}|-)\]/g

/** The marker of a fingerprint, as it stands in a work note. @throws RangeError for one that no reader would find */
export function formatFingerprint({ hashes, plannedStart, plannedEnd }: Fingerprint): string {
  const words = [...hashes.map(hash => hash ?? '-'), digitsOf(plannedStart), digitsOf(plannedEnd)]
  const text = `[gha fields ${words.join(' ')}]`
  if (parseFingerprints(text).length === 0) throw new RangeError(`${text} is not the form of a fingerprint`)
  return text
}

/** The fingerprints in a journal, in the order in which they stand there. */
export function parseFingerprints(journal: string): Fingerprint[] {
  return [...journal.matchAll(FINGERPRINT)].map(([, hashes = '', start = '', end = '']) => ({
    hashes: hashes
      .trim()
      .split(' ')
      .map(hash => (hash === '-' ? undefined : hash)),
    plannedStart: timeOf(start),
    plannedEnd: timeOf(end)
  }))
}

function digitsOf(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)
}

function timeOf(digits: string): number | undefined {
  const [, date, time] = /^(\d{8})(\d{6})$/.exec(digits) ?? []
  if (date === undefined || time === undefined) return undefined
  const iso = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? undefined : ms
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
