import { assess, type OperationEvent } from '@change-actions/change-operations'
import type { Change } from '@change-actions/servicenow-client'
import type { Gate } from './progress.ts'

/**
 * Assesses the change. It is done before approval is requested and again before Implement; what was told once about
 * conflicts is not told again.
 *
 * @throws Problem where conflicts are to fail the gate
 */
export function assessOnce(gate: Gate, change: Change, evaluateRisk: boolean): Promise<Change> {
  const { context } = gate.connection
  const { checkConflicts } = gate.step.inputs
  const emit = (event: OperationEvent): void => {
    const key = JSON.stringify([event.type, 'conflicts' in event ? event.conflicts : ''])
    if (gate.conflictsTold.has(key)) return
    gate.conflictsTold.add(key)
    context.emit(event)
  }
  return assess({ ...context, emit }, change, { evaluateRisk, checkConflicts })
}
