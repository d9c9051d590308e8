/** A change that cannot leave New because the instance asks for fields that it does not have. */
import { type AskedField, askedFields, type StateName, stateValue } from '@change-actions/change-control'
import { type Change, fieldOf, isClientProblem, type NextState } from '@change-actions/servicenow-client'
import { changeProblem, isChangeProblem, isRefusedMove } from '../problems.ts'
import { cancelDraft } from './duplicates.ts'
import type { Creation } from './request.ts'

/** Where the change comes from: made by this step, found, or named by the user. */
export type Origin = 'made' | 'reused' | 'named'

interface Missing {
  readonly fields: readonly AskedField[]
  readonly next: StateName
  /** @see ChangeProblems `missing-fields` */
  readonly refusal?: string
}

/**
 * A draft that this step made is canceled; a change that was there before is left.
 *
 * @throws Problem `missing-fields`, always
 */
export async function failForMissing(
  creation: Creation,
  change: Change,
  origin: Origin,
  missing: Missing,
  cause?: unknown
): Promise<never> {
  const fate = origin === 'made' ? await discard(creation, change, missing.fields) : origin
  throw changeProblem('missing-fields', change, { ...missing, change: fate }, { cause })
}

/**
 * A first move that failed.
 *
 * @throws Problem `missing-fields` where the instance asks for fields that the change does not have; else the error
 */
export async function failFirstMove(
  creation: Creation,
  change: Change,
  origin: Origin,
  error: unknown
): Promise<never> {
  const refusal = refusalOf(error)
  if (refusal === undefined) throw error
  const { next, message, unmet } = refusal
  const isEmpty = isEmptyIn(change)
  const fields = askedFields({ message, unmet }, isEmpty)
  if (fields.length > 0) return failForMissing(creation, change, origin, { fields, next }, error)
  const unexplained = STEPS_TO_APPROVERS.includes(next) && isSilent(message) && isEmpty(GROUP.field)
  if (!unexplained) throw error
  return failForMissing(creation, change, origin, { fields: [GROUP], next, refusal: message }, error)
}

/** What instances ask for before a change goes to its approvers. */
const GROUP = { label: 'Assignment group', field: 'assignment_group' }
const STEPS_TO_APPROVERS: readonly StateName[] = ['assess', 'authorize']

/** @returns undefined for an error that is no refusal of a move */
function refusalOf(error: unknown) {
  if (isRefusedMove(error)) {
    const { message = '', transition } = error.facts
    const { next, allowed } = transition
    return { next, unmet: unmetFor(allowed, stateValue(next)), message }
  }
  if (!isChangeProblem(error, 'did-not-leave')) return undefined
  const { next, allowed } = error.facts
  return { next, unmet: unmetFor(allowed, stateValue(next)), message: '' }
}

/** On the Table API the rule of change models refuses without naming the condition. */
function isSilent(message: string): boolean {
  return /business rule '[^']*state transition/i.test(message)
}

/** Names of the conditions for a move that are not met; none where it can be made, or nothing is known of it. */
export function unmetFor(states: readonly NextState[] | undefined, state: string): readonly string[] {
  const move = states?.find(one => one.state === state)
  return move === undefined || move.available ? [] : move.unmet
}

/** Whether a change has nothing in a field, as far as the account may read it. */
export function isEmptyIn(change: Change): (field: string) => boolean {
  return field => fieldOf(change.fields, field).value === ''
}

/** Cancels the draft. That it could not be canceled must not hide what was missing. */
async function discard(
  { context, hooks }: Creation,
  draft: Change,
  missing: readonly AskedField[]
): Promise<'canceled' | 'left'> {
  const labels = missing.map(one => one.label).join(', ')
  try {
    await cancelDraft(context, draft, `Canceled: approval cannot be requested without ${labels}.`)
  } catch (error) {
    if (isClientProblem(error) || isChangeProblem(error)) return 'left'
    throw error
  }
  const canceled = await context.client.changes.get(draft.sysId).catch(() => undefined)
  if (canceled !== undefined) hooks.onChange(canceled, true, false)
  return 'canceled'
}
