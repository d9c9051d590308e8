import { type Shape, VALUE } from './json-documents.ts'
import { findingsReport, notCounted, type Report } from './report.ts'
import { RUN_1, results1, runFailed1 } from './sarif-1.ts'
import { configuredLevels, LEVEL_SOURCES } from './sarif-levels.ts'
import { list, record, tally, text, word } from './values.ts'

/** What is read of a run of version 2. */
const RUN_2: Shape = {
  ...LEVEL_SOURCES,
  results: {
    kind: VALUE,
    level: VALUE,
    baselineState: VALUE,
    suppressions: { status: VALUE },
    provenance: { invocationIndex: VALUE },
    ruleId: VALUE,
    ruleIndex: VALUE,
    rule: { id: VALUE, index: VALUE, toolComponent: { index: VALUE } }
  },
  invocations: {
    ...LEVEL_SOURCES.invocations,
    executionSuccessful: VALUE,
    exitSignalName: VALUE,
    processStartFailureMessage: VALUE,
    toolExecutionNotifications: { level: VALUE },
    toolConfigurationNotifications: { level: VALUE }
  },
  externalPropertyFileReferences: { results: VALUE }
}

/** What is read of a log. Of a run, what both versions have. */
export const SARIF: readonly Shape[] = [RUN_1, RUN_2].map(runs => ({ version: VALUE, $schema: VALUE, runs }))

const LEVELS = ['error', 'warning', 'note', 'review', 'open', 'unknown']

/** Results of these kinds are no findings: the rule was met, does not apply, or only tells something. */
const SETTLED_KINDS = ['pass', 'notapplicable', 'informational']

/**
 * The findings of a SARIF log by level, without those suppressed in the source or gone since the baseline;
 * undefined for anything else. A level, kind or version that the standard does not know is never clean.
 * OASIS SARIF 2.1.0, sections 3.14 (runs), 3.20 (invocations), 3.27.9 and 3.27.10 (kind, level), 3.35 (suppressions).
 */
export function describeSarif(report: unknown): Report | undefined {
  const { version, $schema, runs } = record(report)
  const major = /^([12])\.\d/.exec(text(version))?.[1]
  const claimed = major !== undefined || word($schema).includes('sarif')
  if (!claimed || !(Array.isArray(runs) || (runs === null && word($schema).includes('sarif'))))
    return undefined
  if (version !== undefined && major === undefined) return notCounted('a version that is not known', 'SARIF')
  const all = list(runs).map(record)
  const found = tally(all.flatMap(run => (major === '1' ? results1(run) : results2(run))))
  return findingsReport('SARIF', found, LEVELS, remarksOn(all, major === '1'))
}

type Fields = Readonly<Record<string, unknown>>

/** What keeps the log from being a whole one: a run that failed, or gives no results, which is not the same as none. */
function remarksOn(runs: readonly Fields[], first: boolean): readonly string[] {
  const failed = runs.some(first ? runFailed1 : runFailed)
  // A run that only says which rules there are comes beside others; alone it is no scan.
  const scanned = runs.filter(run => Array.isArray(run.results))
  const elsewhere = runs.some(run => list(record(run.externalPropertyFileReferences).results).length > 0)
  return [
    ...(failed ? ['scan failed'] : []),
    ...(scanned.length === 0 && !failed && !elsewhere ? ['not counted (no results given)'] : []),
    ...(elsewhere ? ['not counted (results in other files)'] : [])
  ]
}

function runFailed(run: Fields): boolean {
  return list(run.invocations).map(record).some(invocationFailed)
}

function invocationFailed(invocation: Fields): boolean {
  const { executionSuccessful, exitSignalName, processStartFailureMessage } = invocation
  if (executionSuccessful === false || word(executionSuccessful) === 'false') return true
  if (word(exitSignalName) !== '' || word(processStartFailureMessage) !== '') return true
  const notes = [
    ...list(invocation.toolExecutionNotifications),
    ...list(invocation.toolConfigurationNotifications)
  ]
  return executionSuccessful !== true && notes.some(note => word(record(note).level) === 'error')
}

function results2(run: Fields): readonly string[] {
  const configured = configuredLevels(run)
  return list(run.results)
    .map(record)
    .filter(result => !isGone(result))
    .flatMap(result => levelOf(result, configured))
}

function isGone({ baselineState, suppressions }: Fields): boolean {
  if (word(baselineState) === 'absent') return true
  const states = list(suppressions).map(each => record(each).status)
  return states.length > 0 && states.every(state => state === undefined || word(state) === 'accepted')
}

/** The level a result counts under; none for one that is no finding. */
function levelOf(result: Fields, configured: (result: Fields) => unknown): readonly string[] {
  const kind = word(result.kind) || 'fail'
  const level = word(result.level)
  // A level beside another kind contradicts it: the level is the worse of the two.
  if (level !== '' && level !== 'none') return [level]
  if (kind !== 'fail') return SETTLED_KINDS.includes(kind) ? [] : [kind]
  // `none` is for results that are no failures; of a failure it tells nothing.
  if (level === 'none') return ['unknown']
  return [word(configured(result) ?? 'warning') || 'unknown']
}
