/** How a step ended, in a few words. */

const NOTHING = 'nothing is deployed'

/** By the outcome of a wait or of the gate, and by the result of other steps. */
const WORDS: Readonly<Record<string, string>> = {
  approved: 'approved, the deployment may start',
  'not-required': 'no change is required',
  rejected: `rejected, ${NOTHING}`,
  canceled: `canceled, ${NOTHING}`,
  closed: `closed before the deployment, ${NOTHING}`,
  timeout: `not approved in time, ${NOTHING}`,
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
  'not-found': 'not found, nothing was done'
}

/** The words for an outcome or a result; itself where it has none. */
export function verdictOf(result: string): string {
  return WORDS[result] ?? result
}

/** The words after a deployment, or after a write. @param closed the result of a close, where it was closed */
export function endVerdict(stateLabel: string, closed: string | undefined): string {
  if (closed === 'canceled') return 'canceled'
  return closed === undefined ? `in ${stateLabel}` : `closed as ${closed}`
}
