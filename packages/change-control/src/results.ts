import type { StateName } from './states.ts'
import { isAtOrBeyond } from './transitions.ts'

export type JobResult = 'success' | 'failure' | 'cancelled'
export type CloseCode = 'successful' | 'successful_issues' | 'unsuccessful'

/** How the jobs of a deployment ended. */
export interface JobsResult {
  readonly result: JobResult
  /** Names of the jobs that decided, with their own word, where it is no success: `deploy (failure)`. */
  readonly decidedBy: readonly string[]
}

/** A skipped job did not deploy: for the change it is as good as cancelled. */
const WORDS: Readonly<Record<string, JobResult>> = {
  success: 'success',
  failure: 'failure',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  skipped: 'cancelled'
}

/**
 * One result from a word (`success`, `failure`, `cancelled`, `skipped`) or from the JSON of `toJSON(needs)`: any
 * failure → failure, else any cancelled or skipped → cancelled, else success. Undefined when not understood, an
 * empty `needs` included: no job is no success, and so is none that succeeded.
 *
 * @param maySkip names of jobs whose being skipped is no failure
 */
export function combineResults(text: string, maySkip: readonly string[] = []): JobsResult | undefined {
  const word = readWord(text)
  if (word !== undefined) return { result: word, decidedBy: [] }
  const jobs = readNeeds(text)
  if (jobs === undefined || jobs.some(job => job.result === undefined)) return undefined
  const counted = jobs.filter(job => job.word !== 'skipped' || !maySkip.includes(job.name))
  const named = (result: JobResult) =>
    counted.filter(job => job.result === result).map(job => `${job.name} (${job.word})`)
  for (const result of ['failure', 'cancelled'] as const) {
    const decidedBy = named(result)
    if (decidedBy.length > 0) return { result, decidedBy }
  }
  if (counted.length > 0) return { result: 'success', decidedBy: [] }
  return { result: 'cancelled', decidedBy: jobs.map(job => `${job.name} (${job.word})`) }
}

/** The names in the JSON of `toJSON(needs)`; undefined for a word, and for what is not understood. */
export function jobNames(text: string): readonly string[] | undefined {
  return readNeeds(text)?.map(job => job.name)
}

function readWord(text: unknown): JobResult | undefined {
  if (typeof text !== 'string') return undefined
  const word = text.trim().toLowerCase()
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
}

interface NeededJob {
  readonly name: string
  readonly word: string
  readonly result: JobResult | undefined
}

function readNeeds(text: string): NeededJob[] | undefined {
  const needs = parseJson(text)
  if (!isRecord(needs)) return undefined
  const jobs = Object.entries(needs).map(([name, job]) => {
    const given = isRecord(job) ? job.result : undefined
    const word = typeof given === 'string' ? given.trim().toLowerCase() : ''
    return { name, word, result: readWord(given) }
  })
  return jobs.length === 0 ? undefined : jobs
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How a change ends by the result of its job. */
export type Closing =
  | {
      kind: 'close'
      closeCode: 'successful' | 'unsuccessful'
      /** Implement is entered after the deployment: it was approved, and nobody moved it before. */
      late?: true
    }
  /** `mayHaveBegun`: nobody can say that nothing was deployed. */
  | { kind: 'cancel'; mayHaveBegun: boolean }
  /** The job succeeded, and the change knows of no deployment. */
  | { kind: 'error'; reason: 'canceled' | 'not-started'; state: StateName }

/** What was known before the deployment. */
export interface BeforeDeployment {
  /** The change's approval reads `approved`. */
  readonly approved: boolean
  /** How the wait for approval ended; undefined where that is not told. */
  readonly gateOutcome?: string | undefined
}

/**
 * How a change ends by the result of its job. From Implement on something may have been deployed, so the record is
 * closed with the truth. Before it, the approval and the outcome of the gate tell: where the gate did not open nothing
 * was deployed and the change is canceled; where it did, or nobody says, an approved change in Scheduled is closed late
 * through Implement. A success that the change knows nothing of is an error: somebody deployed outside change control.
 */
export function closingFor(result: JobResult, state: StateName, before: BeforeDeployment): Closing {
  const { approved, gateOutcome } = before
  const started = isAtOrBeyond(state, 'implement')
  const inReach = state === 'scheduled' && approved
  if (result === 'success') {
    if (started) return { kind: 'close', closeCode: 'successful' }
    if (inReach) return { kind: 'close', closeCode: 'successful', late: true }
    return { kind: 'error', reason: state === 'canceled' ? 'canceled' : 'not-started', state }
  }
  if (started) return { kind: 'close', closeCode: 'unsuccessful' }
  const mayHaveBegun = gateOutcome === undefined ? approved : gateOutcome === 'approved'
  return mayHaveBegun && inReach
    ? { kind: 'close', closeCode: 'unsuccessful', late: true }
    : { kind: 'cancel', mayHaveBegun }
}

/** The code for one of the shipped close codes, label or code in any spelling. Undefined for an instance's own. */
export function normaliseCloseCode(text: string): CloseCode | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
  if (words === 'successful' || words === 'unsuccessful') return words
  return words === 'successful issues' || words === 'successful with issues' ? 'successful_issues' : undefined
}
