import { normaliseWord, stateOf, stateText } from '@change-actions/change-control'
import { type Change, fieldOf, type ServiceNowClient } from '@change-actions/servicenow-client'
import type { Outputs } from '../outputs.ts'

/** Writes what names a change, and its state. */
export function writeChange(outputs: Outputs, client: ServiceNowClient, change: Change): void {
  outputs.set('change-sys-id', change.sysId)
  outputs.set('change-number', change.number)
  outputs.set('change-url', client.changeUrl(change.sysId))
  outputs.set('change-state', stateText(change))
}

/** Writes what the change's approval reads. */
export function writeApproval(outputs: Outputs, change: Change): void {
  outputs.set('approval', change.approval)
}

/** Writes the planned start and end, in UTC as the inputs take them; '' where none is planned. */
export function writeWindow(outputs: Outputs, { plannedStart, plannedEnd }: Change): void {
  outputs.set('planned-start', isoTime(plannedStart))
  outputs.set('planned-end', isoTime(plannedEnd))
}

/** `2026-12-01T22:00:00Z`. */
function isoTime(ms: number | undefined): string {
  return ms === undefined ? '' : `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** Writes all that create-change and the gate tell about a change. */
export function writeWholeChange(outputs: Outputs, client: ServiceNowClient, change: Change): void {
  writeChange(outputs, client, change)
  writeApproval(outputs, change)
  outputs.set('change-type', change.type)
  outputs.set('risk', fieldOf(change.fields, 'risk').display)
}

/** What the approval reads, in words. The approvers of a change just submitted are assigned a moment later. */
export function approvalText(change: Change): string {
  const submitted = ['assess', 'authorize'].includes(stateOf(change.state) ?? '')
  return submitted && normaliseWord(change.approval) === 'not requested'
    ? 'not requested yet: approvers not assigned yet'
    : change.approval
}
