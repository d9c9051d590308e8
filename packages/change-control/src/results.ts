import type { StateName } from './states.ts'
import { isAtOrBeyond } from './transitions.ts'

export type JobResult = 'success' | 'failure' | 'cancelled'
export type CloseCode = 'successful' | 'successful_issues' | 'unsuccessful'

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
 * empty `needs` included: no job is no success.
 */
export function combineResults(text: string): JobResult | undefined {
  const word = readWord(text)
  if (word !== undefined) return word
  const results = readNeeds(text)
  if (results === undefined || results.includes(undefined)) return undefined
  if (results.includes('failure')) return 'failure'
  return results.includes('cancelled') ? 'cancelled' : 'success'
}

function readWord(text: unknown): JobResult | undefined {
  if (typeof text !== 'string') return undefined
  const word = text.trim().toLowerCase()
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
}

function readNeeds(text: string): (JobResult | undefined)[] | undefined {
  const needs = parseJson(text)
  if (!isRecord(needs)) return undefined
  const results = Object.values(needs).map(job => (isRecord(job) ? readWord(job.result) : undefined))
  return results.length === 0 ? undefined : results
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
  | { kind: 'close'; closeCode: 'successful' | 'unsuccessful' }
  | { kind: 'cancel' }
  /** The job succeeded, and the change knows of no deployment. */
  | { kind: 'error'; reason: 'canceled' | 'not-started'; state: StateName }

/**
 * How a change ends by the result of its job. From Implement on something may have been deployed, so the record is
 * closed with the truth; before it nothing was, so the change is canceled. A success that the change knows nothing
 * of is an error: somebody deployed outside change control.
 */
export function closingFor(result: JobResult, state: StateName): Closing {
  const started = isAtOrBeyond(state, 'implement')
  if (result !== 'success') {
    return started ? { kind: 'close', closeCode: 'unsuccessful' } : { kind: 'cancel' }
  }
  if (started) return { kind: 'close', closeCode: 'successful' }
  return { kind: 'error', reason: state === 'canceled' ? 'canceled' : 'not-started', state }
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
