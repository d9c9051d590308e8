/** Lines of the log about flows and events. Texts in them may come from outside: the log makes them harmless. */
import type { FlowState, OperationEvent, PlannedWrite } from '@change-actions/change-operations'
import { oneLine } from '../text.ts'
import { stopped } from './explanation.ts'

type Delivered = Extract<OperationEvent, { readonly type: 'delivered' }>

/** Characters of what an instance said. */
const MAX_REMARK = 300

/** `event deployment.started`, `flow global.deploy`. */
function named(kind: 'flow' | 'event', name: string): string {
  return name === '' ? kind : `${kind} ${name}`
}

/** What a door said about a message that it took. */
export function deliveredLine({ kind, name, door, receipt }: Delivered) {
  const { duplicate, remark, execution } = receipt
  const again = duplicate === true ? ', which it had already' : ''
  const id = execution === undefined || execution.id === '' ? '' : ` Execution ${execution.id}.`
  const text = `ServiceNow accepted the ${named(kind, name)} (${door})${again}.${id}`
  if (remark === undefined) return { level: 'info', text } as const
  return { level: 'warning', text: `${text} But ${stopped(oneLine(remark, MAX_REMARK))}` } as const
}

const STATES: Readonly<Record<FlowState, string>> = {
  in_progress: 'is running',
  waiting: 'waits',
  complete: 'is complete',
  error: 'failed',
  canceled: 'was canceled',
  unknown: 'is in a state that is not known'
}

export function flowStateText(state: FlowState, execution: string): string {
  return `The flow ${STATES[state]}${execution === '' ? '' : ` (execution ${execution})`}.`
}

/** What a dry run leaves out, to follow "would". */
export function plannedDelivery({
  kind,
  name,
  endpoint
}: Extract<PlannedWrite, { readonly type: 'deliver' }>): string {
  return `${kind === 'flow' ? 'start' : 'send'} the ${named(kind, name)} at ${endpoint}`
}
