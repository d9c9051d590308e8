import type { JobResult } from '@change-actions/change-control'
import type { GateState } from './state.ts'

/** What becomes of a change after its deployment. */
export const ENDINGS = ['close', 'review', 'none'] as const

export type Ending = (typeof ENDINGS)[number]

/** `on-success`, `on-failure` and `on-cancel` as given. */
export interface Endings {
  readonly onSuccess?: Ending | undefined
  readonly onFailure?: Ending | undefined
  readonly onCancel?: Ending | undefined
}

/** The job's result as the runner gives it. What is not understood is not taken for a success. */
export function resultOf(jobStatus: string | undefined): JobResult {
  const status = jobStatus?.toLowerCase()
  return status === 'success' || status === 'failure' ? status : 'cancelled'
}

/** A supplied change is other people's: nothing is done to it that was not asked for. */
export function endingOf(inputs: Endings, state: GateState, result: JobResult): Ending {
  const { onSuccess, onFailure, onCancel } = inputs
  const given = { success: onSuccess, failure: onFailure, cancelled: onCancel }[result]
  if (given !== undefined) return given
  if (state.supplied) return 'none'
  return result === 'success' ? 'close' : 'review'
}

/** What a person has to do when the post step could not. */
export function leftToDo(inputs: Endings, state: GateState, result: JobResult): string {
  const { number, phase } = state
  const code = result === 'success' ? 'successful' : 'unsuccessful'
  if (phase === 'before')
    return `look at ${number}: nothing was deployed under it by this run (job ${result}), and it may have to be cancelled.`
  const doubt =
    phase === 'entering' ? `see whether ${number} is in Implement with a claim of this run; if so, ` : ''
  const ending = endingOf(inputs, state, result)
  if (ending === 'close') return `${doubt}close ${number} with close code ${code} (job ${result}).`
  const closing = result === 'success' ? '' : ` with close code ${code}`
  if (ending === 'review') return `${doubt}move ${number} to Review${closing} (job ${result}).`
  return `${doubt}add a work note to ${number}: the job ended with ${result}.`
}
