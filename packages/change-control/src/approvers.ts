/** Whose approval counts. Pure: the rows and the people are gathered by the operations. */
import type { ApproverProblem } from './approver-problem.ts'
import type { GatePolicy } from './gate.ts'
import { type ChangeSnapshot, isApproved, normaliseWord } from './snapshot.ts'

/** An approver's row. Texts are raw. */
export interface ApproverRow {
  /** As people see it. */
  readonly approver: string
  /** sys_id of the user. */
  readonly approverId: string
  /** '' where it cannot be read. */
  readonly userName: string
  readonly state: string
}

/** Who asked for a change. undefined: the record does not show it to this account. */
export interface Requesters {
  /** User name of who created the record. */
  readonly creator: string | undefined
  readonly openedBy: string | undefined
  readonly requestedBy: { readonly id: string; readonly name: string } | undefined
  /** `requestedBy` is the account that these steps sign in with. */
  readonly ownAccount: boolean
}

type Snapshot = Pick<ChangeSnapshot, 'type' | 'fromTemplate'>

/** A standard change made from a template: its catalogue approves it, and nobody is asked. */
export function isApprovedByTemplate({ type, fromTemplate }: Snapshot): boolean {
  return fromTemplate && normaliseWord(type) === 'standard'
}

/** Whether the rows of approvers decide, for a change that reads approved. */
export function asksApprovers(
  policy: Pick<GatePolicy, 'requireApprover' | 'selfApproval'>,
  change: Snapshot
): boolean {
  const asked = policy.requireApprover === true || policy.selfApproval === 'refuse'
  return asked && !isApprovedByTemplate(change)
}

/**
 * Why the approvals that were given do not suffice; undefined when they do.
 *
 * @param rows undefined: they cannot be read
 * @param requesters undefined where anybody may approve, who asked included
 */
export function approverProblem(
  rows: readonly ApproverRow[] | undefined,
  requesters: Requesters | undefined
): ApproverProblem | undefined {
  if (rows === undefined) return { kind: 'unreadable', table: 'sysapproval_approver' }
  const approved = rows.filter(row => isApproval(row.state))
  if (approved.length === 0) return { kind: 'no-row' }
  return requesters === undefined ? undefined : selfApproval(approved, requesters)
}

function selfApproval(
  approved: readonly ApproverRow[],
  { creator, openedBy, requestedBy, ownAccount }: Requesters
): ApproverProblem | undefined {
  if (creator === undefined || creator === '' || openedBy === undefined || requestedBy === undefined)
    return { kind: 'unreadable', table: 'change_request' }
  if (requestedBy.id === '' || ownAccount) return { kind: 'requester-unknown', requestedBy: requestedBy.name }
  const others = approved.filter(row => row.approverId !== requestedBy.id && row.approverId !== openedBy)
  if (others.some(row => row.userName !== '' && !isSameUser(row.userName, creator))) return undefined
  // Whose user name is hidden may be who created the record.
  if (others.some(row => row.userName === '')) return { kind: 'unreadable', table: 'sys_user' }
  return { kind: 'self-approved', approvers: approved.map(row => row.approver) }
}

/** On what an approval rests. `policy`: it was given without an approver row; `none`: it is not required. */
export type ApprovalBasis = 'person' | 'policy' | 'template' | 'none' | 'unknown'

/**
 * On what the approval of a change rests; undefined while it is required and not given.
 *
 * @param rows undefined: they cannot be read, or were not
 */
export function approvalBasis(
  change: Snapshot & Pick<ChangeSnapshot, 'approval'>,
  rows: readonly Pick<ApproverRow, 'state'>[] | undefined,
  requireApproval: boolean
): ApprovalBasis | undefined {
  if (!isApproved(change)) return requireApproval ? undefined : 'none'
  if (isApprovedByTemplate(change)) return 'template'
  if (rows === undefined) return 'unknown'
  return rows.some(row => isApproval(row.state)) ? 'person' : 'policy'
}

function isApproval(state: string): boolean {
  return normaliseWord(state) === 'approved'
}

/** User names are compared without case, as ServiceNow does. */
function isSameUser(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase()
}
