/** Parts of texts about a change, for log lines and problems alike. Texts in them may come from outside. */
import type { FieldDifference } from '@change-actions/change-control'
import type { Approval } from '@change-actions/servicenow-client'
import { oneLine } from '../text.ts'

/** `Anna Approver (rejected): not on a Friday`; nothing where there is no comment. */
export function commentOf({ approver, state, comments }: Approval): string[] {
  return comments === '' ? [] : [`${oneLine(approver, 200)} (${state}): ${oneLine(comments, 1_000)}`]
}

/** `Yet to approve: Kim, Lee`; empty when nobody is, or it is not known. */
export function pendingText(pending: readonly Approval[]): string {
  if (pending.length === 0) return ''
  const names = pending.map(({ approver, group }) => {
    const name = approver || 'somebody'
    return group === '' ? name : `${name} (${group})`
  })
  const more = names.length > 10 ? ` and ${names.length - 10} more` : ''
  return `Yet to approve: ${names.slice(0, 10).join(', ')}${more}`
}

/** What became of a field that was written, without a full stop. Untrusted text. */
export function differenceText({ field, sent, got, unresolved }: FieldDifference): string {
  if (unresolved) return `${field} was sent as "${sent}", which the instance did not find among its records`
  if (got !== undefined && got !== '' && got.length < sent.length && sent.startsWith(got))
    return `${field} was cut: ${got.length} of ${sent.length} characters are stored`
  if (got !== undefined) return `${field} was sent as "${sent}" and reads "${got}"`
  return `${field} was sent as "${sent}" and is not on the record: the instance does not know it, or the account may not read it`
}

const FIELD_LABELS: Readonly<Record<string, string>> = {
  assignment_group: 'assignment group',
  cmdb_ci: 'configuration item',
  parent: 'parent change',
  std_change_producer_version: 'standard change template',
  type: 'type'
}

/** `its type is "emergency", its configuration item is empty`. Untrusted text. */
export function valuesText(fields: readonly { field: string; display: string }[]): string {
  return fields
    .map(
      ({ field, display }) =>
        `its ${FIELD_LABELS[field] ?? field} is ${display === '' ? 'empty' : `"${display}"`}`
    )
    .join(', ')
}

const MAX_CONFLICTS_NAMED = 10

/** `conflicts with CHG1 (CI already scheduled), …`. Untrusted text. */
export function conflictText(conflicts: readonly { change: string; type: string }[]): string {
  const named = conflicts
    .slice(0, MAX_CONFLICTS_NAMED)
    .map(one => `${oneLine(one.change, 100)} (${oneLine(one.type, 100)})`)
    .join(', ')
  const more = conflicts.length - MAX_CONFLICTS_NAMED
  return `conflicts with ${named}${more > 0 ? ` and ${more} more` : ''}`
}
