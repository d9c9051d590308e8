import { actorById, SYSTEM } from './actor.ts'
import type { Engine } from './engine.ts'
import type { JobResult } from './jobs.ts'
import { type StateName, stateName, stateValue } from './life-cycle.ts'
import { insertRecord, updateRecord, updateWithoutRules } from './records.ts'
import type { Row } from './store.ts'

const CAB_GROUP = 'CAB Approval'

const APPROVAL_JOBS = ['technical-approval', 'cab-approval', 'auto-approve', 'move-to-scheduled'] as const

/** Every approver row of a change, oldest first. */
export function approverRows(engine: Engine, changeId: string): Row[] {
  return engine.store.rows('sysapproval_approver').filter(row => row.sysapproval === changeId)
}

/** The approver rows of a change in state "requested". */
export function pendingApprovals(engine: Engine, changeId: string): Row[] {
  return approverRows(engine, changeId).filter(row => row.state === 'requested')
}

function pendingGroupApprovals(engine: Engine, changeId: string): Row[] {
  return engine.store
    .rows('sysapproval_group')
    .filter(row => row.parent === changeId && row.approval === 'requested')
}

function activeMembers(engine: Engine, groupId: string): string[] {
  const members = engine.store.rows('sys_user_grmember').filter(row => row.group === groupId)
  return members
    .map(row => row.user ?? '')
    .filter(user => engine.store.get('sys_user', user)?.active === 'true')
}

/**
 * Requests approval from every active member of a group. One approval is enough.
 * @returns false when the group has no active member
 */
function requestGroupApproval(engine: Engine, change: Row, groupId: string): boolean {
  const members = activeMembers(engine, groupId)
  if (members.length === 0) return false
  const changeId = change.sys_id
  const group = insertRecord(engine, SYSTEM, 'sysapproval_group', {
    parent: changeId,
    assignment_group: groupId,
    approval: 'requested',
    wait_for: 'first',
    short_description: change.short_description ?? ''
  })
  for (const approver of members) {
    insertRecord(engine, SYSTEM, 'sysapproval_approver', {
      approver,
      state: 'requested',
      sysapproval: changeId,
      document_id: changeId,
      source_table: 'change_request',
      group: group.sys_id
    })
  }
  updateWithoutRules(engine, 'change_request', changeId, { approval: 'requested' })
  const { autoApproveAfterMs } = engine.settings
  if (autoApproveAfterMs !== undefined) {
    engine.jobs.schedule({ kind: 'auto-approve', sysId: changeId, delayMs: autoApproveAfterMs })
  }
  return true
}

/** Schedules the approvals of a change that has entered Assess or Authorize. They come in a later transaction. */
export function scheduleApprovals(engine: Engine, change: Row): void {
  const { approvalDelayMs } = engine.settings
  const sysId = change.sys_id
  const entered = stateName(engine, change.state)
  if (entered === 'assess') {
    engine.jobs.schedule({ kind: 'technical-approval', sysId, delayMs: approvalDelayMs / 2 })
  } else if (entered === 'authorize') {
    engine.jobs.schedule({ kind: 'cab-approval', sysId, delayMs: approvalDelayMs })
  }
}

function changeInState(engine: Engine, changeId: string, state: StateName): Row | undefined {
  const change = engine.store.get('change_request', changeId)
  return stateName(engine, change?.state) === state ? change : undefined
}

const SKIPPED =
  'No approvals were generated from matched Decisions. Normal Change Policy has been skipped (Technical approvals)'

/** Requests technical approval from the assignment group. Without approvers the change moves to Authorize. */
export function runTechnicalApproval(engine: Engine, changeId: string): JobResult {
  const change = changeInState(engine, changeId, 'assess')
  if (!change) return 'done'
  if (change.on_hold === 'true') return 'hold'
  const required = engine.settings.approvalPolicy === 'technical-and-cab'
  if (required && requestGroupApproval(engine, change, change.assignment_group ?? '')) return 'done'
  const authorize = stateValue(engine, 'authorize')
  if (authorize === undefined) {
    finishApproval(engine, changeId)
    return 'done'
  }
  updateWithoutRules(engine, 'change_request', changeId, { state: authorize, approval_history: SKIPPED })
  const delayMs = engine.settings.approvalDelayMs / 2
  engine.jobs.schedule({ kind: 'cab-approval', sysId: changeId, delayMs })
  return 'done'
}

/** Requests approval from the CAB. Without approvers, or with policy "none", the change is approved. */
export function runCabApproval(engine: Engine, changeId: string): JobResult {
  const change = changeInState(engine, changeId, 'authorize')
  if (!change) return 'done'
  if (change.on_hold === 'true') return 'hold'
  const cab = engine.store.rows('sys_user_group').find(group => group.name === CAB_GROUP)
  const required = engine.settings.approvalPolicy !== 'none'
  const requested = required && requestGroupApproval(engine, change, cab?.sys_id ?? '')
  if (!requested) finishApproval(engine, changeId)
  return 'done'
}

/** Moves an approved change from Authorize (Assess, where there is no Authorize) to Scheduled, where there is one. */
export function runMoveToScheduled(engine: Engine, changeId: string): JobResult {
  const change = changeInState(engine, changeId, 'authorize') ?? changeInState(engine, changeId, 'assess')
  if (change?.on_hold === 'true') return 'hold'
  const scheduled = stateValue(engine, 'scheduled')
  if (change?.approval === 'approved' && scheduled !== undefined) {
    updateWithoutRules(engine, 'change_request', changeId, { state: scheduled })
  }
  return 'done'
}

/** Marks the change approved and moves it to Scheduled, now or after `approvedMoveDelayMs`. */
export function finishApproval(engine: Engine, changeId: string): void {
  updateWithoutRules(engine, 'change_request', changeId, { approval: 'approved' })
  const delayMs = engine.settings.approvedMoveDelayMs
  if (delayMs === 0) runMoveToScheduled(engine, changeId)
  else engine.jobs.schedule({ kind: 'move-to-scheduled', sysId: changeId, delayMs })
}

/** Approves the first pending approval as its approver. */
export function runAutoApprove(engine: Engine, changeId: string): JobResult {
  if (engine.store.get('change_request', changeId)?.on_hold === 'true') return 'hold'
  const row = pendingApprovals(engine, changeId)[0]
  const approver = row && actorById(engine.store, row.approver ?? '')
  if (row && approver) updateRecord(engine, approver, 'sysapproval_approver', row, { state: 'approved' })
  return 'done'
}

/** Sets the state of every pending approver row. */
export function closePendingApprovals(
  engine: Engine,
  changeId: string,
  state: 'not_required' | 'cancelled'
): void {
  for (const row of pendingApprovals(engine, changeId)) {
    updateWithoutRules(engine, 'sysapproval_approver', row.sys_id, { state })
  }
}

/** Sets the approval of every pending group approval. */
export function closeGroupApprovals(engine: Engine, changeId: string, approval: string): void {
  for (const group of pendingGroupApprovals(engine, changeId)) {
    updateWithoutRules(engine, 'sysapproval_group', group.sys_id, { approval })
  }
}

/** Cancels scheduled and pending approvals: the change was revised, rejected or cancelled. */
export function cancelApprovals(engine: Engine, changeId: string): void {
  engine.jobs.cancel(changeId, ...APPROVAL_JOBS)
  closePendingApprovals(engine, changeId, 'cancelled')
  closeGroupApprovals(engine, changeId, 'cancelled')
}

/** Suspends the pending approvals of a change on hold. Requests those of undecided groups again when the hold ends. */
export function holdApprovals(engine: Engine, change: Row): void {
  const changeId = change.sys_id
  if (change.on_hold === 'true') {
    closePendingApprovals(engine, changeId, 'not_required')
    return
  }
  const undecided = new Set(pendingGroupApprovals(engine, changeId).map(group => group.sys_id))
  for (const row of approverRows(engine, changeId)) {
    if (row.state !== 'not_required' || !undecided.has(row.group ?? '')) continue
    updateWithoutRules(engine, 'sysapproval_approver', row.sys_id, { state: 'requested' })
  }
  engine.jobs.release(changeId)
}
