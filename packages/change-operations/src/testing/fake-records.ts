import type { Change, Draft, FieldValue, Scalar } from '@change-actions/servicenow-client'

/** The moment a fake instance starts at. */
export const FIRST_MOMENT = Date.UTC(2026, 10, 21, 12)

export type Row = Record<string, FieldValue>
/** A cell by its value alone, or by value and display. */
export type Cell = string | readonly [value: string, display: string]
export type Lookup = 'none' | 'many' | 'hidden' | { readonly value: string; readonly display: string }

export const LABELS: Readonly<Record<string, string>> = {
  '-5': 'New',
  '-4': 'Assess',
  '-3': 'Authorize',
  '-2': 'Scheduled',
  '-1': 'Implement',
  '0': 'Review',
  '3': 'Closed',
  '4': 'Canceled'
}
export const JOURNALS = ['work_notes', 'comments']
export const REFERENCES = ['assignment_group', 'assigned_to', 'requested_by', 'cmdb_ci', 'parent']
export function kindOf({ template, model, type }: Draft): string {
  if (template !== undefined) return `from ${template.name}`
  return model === undefined ? `${type}` : `modelled ${model}`
}

export function shown(fields: Readonly<Record<string, Scalar>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\n', ' ')}`)
    .join(' ')
}

/** A record that does not change with the instance's. */
export function toChange(row: Row): Change {
  const value = (name: string) => row[name]?.value ?? ''
  const moment = (name: string) =>
    value(name) === '' ? undefined : Date.parse(`${value(name).replace(' ', 'T')}Z`)
  return {
    sysId: value('sys_id'),
    number: value('number'),
    state: value('state'),
    stateLabel: row.state?.display ?? '',
    type: value('type'),
    approval: value('approval'),
    onHold: value('on_hold') === 'true',
    onHoldReason: value('on_hold_reason'),
    unauthorized: value('unauthorized') === 'true',
    plannedStart: moment('start_date'),
    plannedEnd: moment('end_date'),
    correlationId: value('correlation_id'),
    correlationDisplay: value('correlation_display'),
    fromTemplate: value('std_change_producer_version') !== '',
    createdAt: value('sys_created_on'),
    fields: structuredClone(row)
  }
}
