import { differences } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import { changeProblem } from '../problems.ts'

/**
 * Without its correlation id a change is not found again: neither by a re-run nor by the jobs that run beside this one.
 *
 * @throws Problem `not-applied`; the change stays in New
 */
export function verifyKept(change: Change, correlationId: string): void {
  if (change.correlationId === correlationId) return
  const [difference] = differences({ correlation_id: correlationId }, change.fields)
  if (difference === undefined) return
  const facts = { differences: [{ ...difference, critical: true }], during: 'create' } as const
  throw changeProblem('not-applied', change, facts, { committed: 'yes' })
}
