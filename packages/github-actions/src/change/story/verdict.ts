/** How a step ended, in a few words. */
import type { Outcome } from '@change-actions/change-control'

const NOTHING = 'nothing is deployed'

/** Results of steps that do not wait, and outcomes of the gate alone. */
type OtherResult =
  | 'not-required'
  | 'rollback-refused'
  | 'conflict'
  | 'conflict-unknown'
  | 'failure'
  | 'created'
  | 'reused'
  | 'attached'
  | 'not-found'
  | 'not-opened'

const WORDS: Readonly<Record<Outcome | OtherResult, string>> = {
  approved: 'approved, the deployment may start',
  'not-required': 'no change is required',
  rejected: `rejected, ${NOTHING}`,
  canceled: `canceled, ${NOTHING}`,
  closed: `closed before the deployment, ${NOTHING}`,
  'not-requested': `approval was not requested, ${NOTHING}`,
  'no-approver': `approved by nobody who counts, ${NOTHING}`,
  edited: `edited after approval was requested, ${NOTHING}`,
  unbound: `bound to no deployment, ${NOTHING}`,
  'foreign-change': `made for something else, ${NOTHING}`,
  'unexpected-state': `in an unexpected state, ${NOTHING}`,
  'rollback-refused': `refused as a rollback, ${NOTHING}`,
  timeout: `not approved yet, ${NOTHING}`,
  withdrawn: `taken back to New, ${NOTHING}`,
  unauthorized: `unauthorized, ${NOTHING}`,
  'window-closed': `its window is over, ${NOTHING}`,
  'window-not-open': `its window is not open yet, ${NOTHING}`,
  'stale-approval': `approved for something else, ${NOTHING}`,
  'in-use': `used by another run, ${NOTHING}`,
  conflict: `in conflict with another change, ${NOTHING}`,
  'conflict-unknown': `not checked for conflicts, ${NOTHING}`,
  'dry-run': 'dry run, nothing was written',
  interrupted: 'interrupted',
  error: 'failed',
  failure: 'failed',
  created: 'created',
  reused: 'found again and used',
  attached: 'evidence attached',
  'not-found': 'not found, nothing was done',
  'not-opened': `the gate did not open, ${NOTHING}`
}

/** The words for an outcome or a result; itself where it has none. */
export function verdictOf(result: string): string {
  return Object.hasOwn(WORDS, result) ? WORDS[result as keyof typeof WORDS] : result
}

/** The words after a deployment, or after a write. @param closed the result of a close, where it was closed */
export function endVerdict(stateLabel: string, closed: string | undefined): string {
  if (closed === 'canceled') return 'canceled'
  return closed === undefined ? `in ${stateLabel}` : `closed as ${closed}`
}
