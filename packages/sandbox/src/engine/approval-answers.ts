import { type Actor, hasRole } from './actor.ts'
import {
  cancelApprovals,
  closeGroups,
  closeRows,
  finishApproval,
  openRows,
  planApprovals
} from './approvals.ts'
import { type Engine, RuleAbort } from './engine.ts'
import { journalEntries } from './journal.ts'
import { patchRecord, updateRecord } from './records.ts'
import { STATE } from './states.ts'
import type { Row } from './store.ts'

export type Verdict = 'approved' | 'rejected'

/** Refuses answers to what is not asked, and a rejection without a reason. */
export function checkAnswer(engine: Engine, before: Row | undefined, after: Row, comments: string): void {
  if (!before || before.state === after.state) return
  const answering = after.state === 'approved' || after.state === 'rejected'
  if (answering && before.state !== 'requested') {
    throw new RuleAbort(
      'business-rule',
      "Operation against file 'sysapproval_approver' was aborted by Business Rule 'Approval state is final^3f1e7a0bc611227a01d7cdd5d8bbd2f1'. Business Rule Stack:Approval state is final"
    )
  }
  const said = comments !== '' || journalEntries(engine, before.sys_id, 'comments').length > 0
  if (after.state === 'rejected' && !said) {
    throw new RuleAbort('data-policy', 'Data Policy Exception: The following fields are mandatory: Comments')
  }
}

/** What one answer means for its group, the siblings and the change. */
export function followAnswer(engine: Engine, row: Row, verdict: Verdict, actor: Actor): void {
  const changeId = row.sysapproval ?? ''
  const change = engine.store.get('change_request', changeId)
  if (!change) return
  const byRole = row.approver !== actor.sysId && hasRole(actor)
  const history = byRole
    ? `${actor.name} ${verdict}, permission granted by role.`
    : `${actor.name} ${verdict} the change.`
  patchRecord(engine, 'change_request', changeId, { approval_history: history }, actor)
  if (verdict === 'rejected') {
    closeGroups(engine, changeId, 'rejected')
    cancelApprovals(engine, changeId)
    patchRecord(engine, 'change_request', changeId, { approval: 'rejected', state: STATE.new })
    return
  }
  closeRows(engine, changeId, 'not_required')
  closeGroups(engine, changeId, 'approved')
  if (change.state === STATE.assess) {
    patchRecord(engine, 'change_request', changeId, { state: STATE.authorize })
    planApprovals(engine, { ...change, state: STATE.authorize })
  } else finishApproval(engine, changeId)
}

/** Those whose approvals the user may answer: the user, and whoever delegated approvals to the user. */
function answersFor(engine: Engine, actor: Actor): Set<string> {
  const delegations = engine.store
    .rows('sys_user_delegate')
    .filter(row => row.delegate === actor.sysId && row.approvals === 'true')
  return new Set([actor.sysId, ...delegations.map(row => row.user ?? '')])
}

/**
 * Answers every pending approval of the change that is the user's own.
 * @returns how many rows were answered; 0 means the user has nothing to say here
 */
export function answerOwn(
  engine: Engine,
  actor: Actor,
  changeId: string,
  verdict: Verdict,
  comments: string
): number {
  const owners = answersFor(engine, actor)
  const own = openRows(engine, changeId).filter(row => owners.has(row.approver ?? ''))
  for (const row of own) {
    const current = engine.store.get('sysapproval_approver', row.sys_id)
    if (current?.state !== 'requested') continue
    updateRecord(engine, actor, 'sysapproval_approver', current, {
      state: verdict,
      ...(comments !== '' && { comments })
    })
  }
  return own.length
}
