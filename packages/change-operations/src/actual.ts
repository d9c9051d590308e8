import { formatServiceNowDate } from '@change-actions/change-control'
import { type Change, fieldOf, type Scalar, ServiceNowError } from '@change-actions/servicenow-client'
import type { Flow } from './flow.ts'

const NAMES = { work_start: 'actual start', work_end: 'actual end' } as const

/**
 * Writes the actual start or end, on the instance's clock, where the instance left it empty. A refusal is told and
 * is no reason to stop.
 */
export async function recordActual(flow: Flow, change: Change, field: keyof typeof NAMES): Promise<Change> {
  const present = change.fields[field]
  if (present === undefined || present.value !== '' || flow.dryRun) return change
  const fields: Record<string, Scalar> = { [field]: formatServiceNowDate(flow.client.now()) }
  try {
    return await flow.client.changes.update(change.sysId, fields, {
      doing: `writing the ${NAMES[field]} of ${change.number}`,
      done: now => fieldOf(now.fields, field).value !== ''
    })
  } catch (error) {
    if (!(error instanceof ServiceNowError)) throw error
    flow.report.warning(`${change.number}: the ${NAMES[field]} could not be written (${error.title}).`)
    return change
  }
}
