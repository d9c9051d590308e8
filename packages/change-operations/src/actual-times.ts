import { formatServiceNowDate } from '@change-actions/change-control'
import { type Change, fieldOf, isClientProblem, type Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'

const NAMES = { work_start: 'actual start', work_end: 'actual end' } as const

/**
 * Writes the actual start or end, on the instance's clock, where the instance left it empty. A refusal is told and
 * is no reason to stop.
 */
export async function recordActual(
  context: OperationContext,
  change: Change,
  field: keyof typeof NAMES
): Promise<Change> {
  const present = change.fields[field]
  if (present === undefined || present.value !== '' || context.dryRun) return change
  const fields: Record<string, Scalar> = { [field]: formatServiceNowDate(context.client.now()) }
  try {
    return await context.client.changes.update(change.sysId, fields, {
      operation: `writing the ${NAMES[field]} of ${change.number}`,
      done: current => fieldOf(current.fields, field).value !== ''
    })
  } catch (problem) {
    if (!isClientProblem(problem)) throw problem
    context.emit({ type: 'actual-time-not-written', change, field, problem })
    return change
  }
}
