import { readFileSync } from 'node:fs'
import type { Change } from '@change-actions/servicenow-client'
import type { Runtime } from '../step/runtime.ts'

/** Inputs by which a dispatched workflow is told its change. */
const NAMES = ['change-number', 'change-sys-id'] as const

/** Whether this run was started by `workflow_dispatch` for a change: an input of the workflow names it. */
export function isDispatchedFor(
  change: Pick<Change, 'number' | 'sysId'>,
  { eventName, eventPath }: Pick<Runtime, 'eventName' | 'eventPath'>
): boolean {
  if (eventName !== 'workflow_dispatch') return false
  const inputs = inputsOf(eventPath)
  const own = [change.number, change.sysId].map(name => name.toLowerCase())
  return NAMES.some(name => {
    const given = inputs[name]
    return typeof given === 'string' && own.includes(given.trim().toLowerCase())
  })
}

/** The inputs in the event's file; none where it cannot be read. */
function inputsOf(path: string): Readonly<Record<string, unknown>> {
  try {
    const event: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const { inputs } = Object(event) as { readonly inputs?: unknown }
    return Object(inputs) as Record<string, unknown>
  } catch {
    return {}
  }
}
