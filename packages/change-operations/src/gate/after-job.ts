import { combineResults, type JobResult } from '@change-actions/change-control'
import { type CloseCodes, closeCodeFor } from '../close-code.ts'
import type { GateState } from './gate-state.ts'

/** What is done with a change after its job. */
export const AFTER_JOB = ['close', 'review', 'none'] as const

export type AfterJob = (typeof AFTER_JOB)[number]

/** What is done with a change whose approval was rejected or did not come in time. */
export const NOT_APPROVED = ['leave', 'cancel'] as const

export type NotApproved = (typeof NOT_APPROVED)[number]

/** What is to be done after each result; undefined where the default applies. */
export interface AfterJobSettings {
  readonly onSuccess?: AfterJob | undefined
  readonly onFailure?: AfterJob | undefined
  readonly onCancel?: AfterJob | undefined
  /** A gate that ended with `rejected`. */
  readonly onRejected?: NotApproved | undefined
  /** A gate that ended with `timeout`. */
  readonly onTimeout?: NotApproved | undefined
  readonly closeCodes?: CloseCodes | undefined
}

/** The job's result as the CI system tells it. What is not understood is not taken for a success. */
export function jobResultOf(status: string | undefined, maySkip?: readonly string[]): JobResult {
  return combineResults(status ?? '', maySkip)?.result ?? 'cancelled'
}

/** A supplied change is other people's: nothing is done with it that was not requested. */
export function afterJobOf(settings: AfterJobSettings, state: GateState, result: JobResult): AfterJob {
  const { onSuccess, onFailure, onCancel } = settings
  const given = { success: onSuccess, failure: onFailure, cancelled: onCancel }[result]
  if (given !== undefined) return given
  if (state.supplied) return 'none'
  return result === 'success' ? 'close' : 'review'
}

/** Whether a change is canceled because of how its gate ended. */
export function isCanceledAfter(settings: AfterJobSettings, { outcome }: GateState): boolean {
  if (outcome === 'rejected') return settings.onRejected === 'cancel'
  return outcome === 'timeout' && settings.onTimeout === 'cancel'
}

/** The manual action that is required when a change could not be finished. */
export interface LeftToDo {
  /** `check-not-deployed`: nothing was deployed under it, and it may have to be canceled. */
  readonly code: 'check-not-deployed' | 'close' | 'move-to-review' | 'add-note'
  readonly number: string
  readonly closeCode?: string
  /** Only if it is in Implement with a claim of this run, which could not be told. */
  readonly doubtful: boolean
  readonly result: JobResult
}

export function leftToDo(settings: AfterJobSettings, state: GateState, result: JobResult): LeftToDo {
  const { number, phase } = state
  const facts = { number, result, doubtful: phase === 'entering' }
  if (phase === 'before') return { code: 'check-not-deployed', ...facts }
  const closeCode = closeCodeFor(settings.closeCodes ?? {}, result)
  const afterJob = afterJobOf(settings, state, result)
  if (afterJob === 'close') return { code: 'close', closeCode, ...facts }
  if (afterJob === 'none') return { code: 'add-note', ...facts }
  return { code: 'move-to-review', ...(result !== 'success' && { closeCode }), ...facts }
}
