import { type Actor, hasRole } from './actor.ts'
import {
  cancelApprovals,
  closeGroupApprovals,
  closePendingApprovals,
  finishApproval,
  pendingApprovals,
  scheduleApprovals
} from './approvals.ts'
import { type Engine, type RecordRules, RuleAbort } from './engine.ts'
import { journalEntries } from './journal.ts'
import { firstState, stateName, stateValue } from './life-cycle.ts'
import { updateRecord, updateWithoutRules } from './records.ts'
import type { Row } from './store.ts'

export type ApprovalDecision = 'approved' | 'rejected'

function isDecision(state: string | undefined): state is ApprovalDecision {
  return state === 'approved' || state === 'rejected'
}

/** @throws RuleAbort for a decision on an approval that is not requested, and for a rejection without comments */
function checkDecision(engine: Engine, before: Row | undefined, after: Row, comments: string): void {
  if (!before || before.state === after.state) return
  if (isDecision(after.state) && before.state !== 'requested') {
    throw new RuleAbort(
      "Operation against file 'sysapproval_approver' was aborted by Business Rule 'Approval state is final^3f1e7a0bc611227a01d7cdd5d8bbd2f1'. Business Rule Stack:Approval state is final"
    )
  }
  const hasComments = comments !== '' || journalEntries(engine, before.sys_id, 'comments').length > 0
  if (after.state === 'rejected' && !hasComments) {
    throw new RuleAbort('Data Policy Exception: The following fields are mandatory: Comments')
  }
}

/** Updates the group approval, the other approvers and the change after one decision. */
function applyDecision(engine: Engine, row: Row, decision: ApprovalDecision, actor: Actor): void {
  const changeId = row.sysapproval ?? ''
  const change = engine.store.get('change_request', changeId)
  if (!change) return
  const byRole = row.approver !== actor.sysId && hasRole(actor)
  const history = byRole
    ? `${actor.name} ${decision}, permission granted by role.`
    : `${actor.name} ${decision} the change.`
  updateWithoutRules(engine, 'change_request', changeId, { approval_history: history }, actor)
  if (decision === 'rejected') {
    closeGroupApprovals(engine, changeId, 'rejected')
    cancelApprovals(engine, changeId)
    updateWithoutRules(engine, 'change_request', changeId, {
      approval: 'rejected',
      state: firstState(engine)
    })
    return
  }
  closePendingApprovals(engine, changeId, 'not_required')
  closeGroupApprovals(engine, changeId, 'approved')
  const authorize = stateValue(engine, 'authorize')
  if (stateName(engine, change.state) === 'assess' && authorize !== undefined) {
    updateWithoutRules(engine, 'change_request', changeId, { state: authorize })
    scheduleApprovals(engine, { ...change, state: authorize })
  } else finishApproval(engine, changeId)
}

/** The business rules of approver rows. */
export const approverRules: RecordRules = {
  beforeWrite: (engine, { before, after, notes }) => {
    checkDecision(engine, before, after, notes.comments ?? '')
    return after
  },
  afterWrite: (engine, { before, after }, actor) => {
    if (!before || before.state === after.state) return
    if (isDecision(after.state)) applyDecision(engine, after, after.state, actor)
  }
}

/** The sys_ids of the users whose approvals the user may decide: the user, and those who delegated approvals. */
function representedApprovers(engine: Engine, actor: Actor): Set<string> {
  const delegations = engine.store
    .rows('sys_user_delegate')
    .filter(row => row.delegate === actor.sysId && row.approvals === 'true')
  return new Set([actor.sysId, ...delegations.map(row => row.user ?? '')])
}

/** The pending approvals of a change that are the user's own to decide, or delegated to the user. */
export function ownPendingApprovals(engine: Engine, actor: Actor, changeId: string): Row[] {
  const approvers = representedApprovers(engine, actor)
  return pendingApprovals(engine, changeId).filter(row => approvers.has(row.approver ?? ''))
}

/**
 * Approves or rejects the pending approvals of the user on a change.
 * @returns the number of approver rows; 0 when the user has no pending approval
 * @throws RuleAbort for a rejection without comments
 */
export function decideOwnApprovals(
  engine: Engine,
  actor: Actor,
  changeId: string,
  decision: ApprovalDecision,
  comments: string
): number {
  const own = ownPendingApprovals(engine, actor, changeId)
  for (const row of own) {
    const current = engine.store.get('sysapproval_approver', row.sys_id)
    // The decision on an earlier row may have closed this one.
    if (current?.state !== 'requested') continue
    updateRecord(engine, actor, 'sysapproval_approver', current, {
      state: decision,
      ...(comments !== '' && { comments })
    })
  }
  return own.length
}
