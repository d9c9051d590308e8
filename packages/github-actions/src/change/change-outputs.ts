import { normaliseWord, stateOf, stateText } from '@change-actions/change-control'
import { type Change, fieldOf, type ServiceNowClient } from '@change-actions/servicenow-client'
import type { Outputs } from '../outputs.ts'
import type { Summary } from '../summary.ts'
import { link, markdown } from '../text.ts'

/** Writes what names a change, and how it stands. */
export function writeChange(outputs: Outputs, client: ServiceNowClient, change: Change): void {
  outputs.set('change-sys-id', change.sysId)
  outputs.set('change-number', change.number)
  outputs.set('change-url', client.changeUrl(change.sysId))
  outputs.set('change-state', stateText(change))
}

export function writeApproval(outputs: Outputs, change: Change): void {
  outputs.set('approval', change.approval)
}

/** All that create-change and the gate say of a change. */
export function writeWhole(outputs: Outputs, client: ServiceNowClient, change: Change): void {
  writeChange(outputs, client, change)
  writeApproval(outputs, change)
  outputs.set('change-type', change.type)
  outputs.set('risk', fieldOf(change.fields, 'risk').display)
}

/** The approvers of a change just submitted are asked a moment later. */
export function approvalText(change: Change): string {
  const submitted = ['assess', 'authorize'].includes(stateOf(change.state) ?? '')
  return submitted && normaliseWord(change.approval) === 'not requested'
    ? 'not requested yet, as the instance has still to name the approvers'
    : change.approval
}

/** The rows every summary starts with. */
export function changeFacts(client: ServiceNowClient, change: Change): (readonly [string, string])[] {
  return [
    ['Change', link(change.number, client.changeUrl(change.sysId))],
    ['State', markdown(change.stateLabel)],
    ['Approval', markdown(approvalText(change))]
  ]
}

/** The measures of one step; a field that is not known is absent. */
export interface Metrics {
  creation_ms?: number
  wait_ms?: number
  requests: number
  request_errors: number
  result: string
  added_ms: number
}

export interface Measured {
  readonly creationMs?: number | undefined
  readonly waitMs?: number | undefined
  readonly result: string
}

export function metricsOf(client: ServiceNowClient, measured: Measured, addedMs: number): Metrics {
  return {
    ...(measured.creationMs === undefined ? {} : { creation_ms: measured.creationMs }),
    ...(measured.waitMs === undefined ? {} : { wait_ms: measured.waitMs }),
    requests: client.stats.requests,
    request_errors: client.stats.requestErrors,
    result: measured.result,
    added_ms: addedMs
  }
}

export function metricsFacts(metrics: Metrics): (readonly [string, string])[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const failed = metrics.request_errors === 0 ? '' : `, ${metrics.request_errors} failed`
  return [
    ...(metrics.creation_ms === undefined ? [] : [['Creation', seconds(metrics.creation_ms)] as const]),
    ...(metrics.wait_ms === undefined ? [] : [['Wait for approval', seconds(metrics.wait_ms)] as const]),
    ['Requests', `${metrics.requests}${failed}`],
    ['Time added', seconds(metrics.added_ms)]
  ]
}

/** A dry run's list of writes left out. */
export function planSection(summary: Summary, plans: readonly string[]): void {
  if (plans.length === 0) return
  summary.line('Dry run: nothing was written. The step would')
  summary.line(plans.map(plan => `- ${markdown(plan)}`).join('\n'))
}
