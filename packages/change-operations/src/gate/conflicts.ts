import type { Change, ConflictReport } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'

const MAX_POLLS = 60
const POLL_MS = 1_000

export type ConflictCheck =
  | { readonly kind: 'report'; readonly conflicts: ConflictReport['conflicts'] }
  | { readonly kind: 'unfinished' }

/** What the instance needs to tell conflicts: a CI, and a window. */
export function canConflict(change: Change): boolean {
  const located = (change.fields.cmdb_ci?.value ?? '') !== ''
  return located && change.plannedStart !== undefined && change.plannedEnd !== undefined
}

/**
 * Runs conflict detection and waits for its report, a minute at most.
 *
 * @throws Problem of the client
 */
export async function checkConflicts(context: OperationContext, change: Change): Promise<ConflictCheck> {
  const { changes } = context.client
  const before = await changes.conflicts(change.sysId)
  // A new report is known by its time, which counts in seconds: two within one would look alike.
  if (before.lastRun !== '') await context.sleep(POLL_MS)
  await changes.startConflictCheck(change.sysId)
  for (let n = 0; n < MAX_POLLS; n += 1) {
    const report = await changes.conflicts(change.sysId)
    if (report.lastRun !== '' && report.lastRun !== before.lastRun)
      return { kind: 'report', conflicts: report.conflicts }
    await context.sleep(POLL_MS)
  }
  return { kind: 'unfinished' }
}
