import { stateValue } from '@change-actions/change-control'
import { type Change, isClientProblem, type Problem, Query } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'

/** A planned window, epoch milliseconds; both bounds belong to it. */
export interface PlannedWindow {
  readonly start: number
  readonly end: number
}

/** Other changes of one configuration item in a window. */
export type OtherChanges =
  | {
      readonly kind: 'read'
      /** By planned start. */
      readonly changes: readonly Change[]
      /** There are more that the account may not read. */
      readonly hidden: boolean
    }
  /** It cannot be asked: without a configuration item, or without a window. */
  | { readonly kind: 'not-asked'; readonly why: 'no-ci' | 'no-window' }
  /** The account may not read changes by the Table API, or there are too many. */
  | { readonly kind: 'not-read'; readonly problem: Problem }

/**
 * An instance may take a time in a query for one of the account's time zone: the query asks for a day more on both
 * sides, and the rows are compared here.
 */
const ZONES_MS = 24 * 60 * 60_000

/**
 * The changes of a configuration item that are planned in a window and are not over. The conflict detection of the
 * instance, which also knows schedules, needs a change of ours, and there is none yet.
 *
 * @param ci sys_id of the configuration item
 * @throws Problem of the client for anything but rights and lengths
 */
export async function otherChanges(
  { client }: OperationContext,
  ci: string,
  { start, end }: PlannedWindow
): Promise<OtherChanges> {
  const query = new Query()
    .is('cmdb_ci', ci)
    .isNot('state', stateValue('closed'))
    .isNot('state', stateValue('canceled'))
    .notAfter('start_date', end + ZONES_MS)
    .notBefore('end_date', start - ZONES_MS)
  try {
    const operation = 'looking for other changes of the configuration item'
    const { changes, hidden } = await client.changes.list(query, operation, ['short_description'])
    return { kind: 'read', changes: changes.filter(overlaps(start, end)).sort(byStart), hidden }
  } catch (error) {
    if (!isClientProblem(error, 'role', 'forbidden', 'list-cut', 'query-ignored')) throw error
    return { kind: 'not-read', problem: error }
  }
}

function overlaps(start: number, end: number) {
  return ({ plannedStart, plannedEnd }: Change): boolean =>
    plannedStart !== undefined && plannedEnd !== undefined && plannedStart <= end && plannedEnd >= start
}

function byStart(a: Change, b: Change): number {
  return (a.plannedStart ?? 0) - (b.plannedStart ?? 0) || a.number.localeCompare(b.number)
}
