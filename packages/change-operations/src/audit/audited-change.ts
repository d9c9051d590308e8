import {
  type AuditedChange,
  isApprovedByTemplate,
  normaliseWord,
  parseServiceNowDate,
  stateOf
} from '@change-actions/change-control'
import { type Approval, type Change, fieldOf } from '@change-actions/servicenow-client'
import type { BoundChange } from '../bound/bound-changes.ts'

/** The fields that an audit needs beyond those of every list. */
export const AUDITED_FIELDS: readonly string[] = [
  'close_code',
  'opened_by',
  'requested_by',
  'work_start',
  'sys_updated_on'
]

/**
 * A change as the rules of the audit see it.
 *
 * @param approvals undefined: they cannot be read
 */
export function auditedChange(
  { change, binding }: BoundChange,
  approvals: readonly Approval[] | undefined
): AuditedChange {
  const approved = approvals?.filter(row => normaliseWord(row.state) === 'approved')
  const times = approved?.map(row => parseServiceNowDate(row.at))
  // A row without its time tells nothing of when.
  const readable = times?.every(at => at !== undefined) === true
  return {
    state: stateOf(change.state),
    closeCode: fieldOf(change.fields, 'close_code').value,
    fromTemplate: isApprovedByTemplate(change),
    approvedAt: readable && times.length > 0 ? Math.max(...times.flatMap(at => at ?? [])) : undefined,
    approvers: readable ? approved?.map(row => row.approverId) : undefined,
    ...requestersOf(change, approved ?? []),
    plannedStart: change.plannedStart,
    plannedEnd: change.plannedEnd,
    workStart: parseServiceNowDate(fieldOf(change.fields, 'work_start').value),
    // Zeros stand for a commit that was not known.
    commit: /^0+$/.test(binding.commit) ? undefined : binding.commit
  }
}

/** The creator is known by user name alone, which the rows of the approvers show where they may be read. */
function requestersOf(
  change: Change,
  approved: readonly Approval[]
): Pick<AuditedChange, 'requesters' | 'requestersKnown'> {
  const { sys_created_by: creator, opened_by: opened, requested_by: requested } = change.fields
  const name = (creator?.value ?? '').trim().toLowerCase()
  const ids = [opened?.value, requested?.value].filter(id => id !== undefined && id !== '') as string[]
  const creators = approved.filter(row => row.userName !== '' && row.userName.trim().toLowerCase() === name)
  const requesters = [...ids, ...creators.map(row => row.approverId)]
  const isOther = (row: Approval) => row.userName !== '' && !requesters.includes(row.approverId)
  return {
    requesters,
    requestersKnown: opened !== undefined && requested !== undefined && approved.some(isOther)
  }
}
