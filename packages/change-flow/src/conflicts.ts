import type { Change, ConflictReport } from '@change-actions/servicenow-client'
import type { Flow } from './flow.ts'

const LOOKS = 30
const PAUSE_MS = 1_000

/**
 * Runs conflict detection and waits for its report; undefined when the change has no CI or no window, without which
 * the instance cannot tell, or when the detection does not finish in half a minute.
 *
 * @throws ServiceNowError
 */
export async function checkConflicts(flow: Flow, change: Change): Promise<ConflictReport | undefined> {
  const { changes } = flow.client
  const located = (change.fields.cmdb_ci?.value ?? '') !== ''
  if (!located || change.plannedStart === undefined || change.plannedEnd === undefined) return undefined
  const before = await changes.conflicts(change.sysId)
  await changes.startConflictCheck(change.sysId)
  for (let n = 0; n < LOOKS; n += 1) {
    const report = await changes.conflicts(change.sysId)
    // The time of the last run has a resolution of one second: two runs within it look alike.
    const ran = report.lastRun !== before.lastRun || (report.done && n > 0)
    if (report.lastRun !== '' && ran) return report
    await flow.sleep(PAUSE_MS)
  }
  return undefined
}
