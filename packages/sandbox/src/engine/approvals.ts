import { actorWithId, SYSTEM } from './actor.ts'
import type { Engine } from './engine.ts'
import { insertRecord, patchRecord, updateRecord } from './records.ts'
import { STATE } from './states.ts'
import type { Row } from './store.ts'

const CAB_GROUP = 'CAB Approval'

const APPROVAL_JOBS = ['technical-approval', 'cab-approval', 'auto-approve', 'move-to-scheduled'] as const

export function approverRows(engine: Engine, changeId: string): Row[] {
  return engine.store.rows('sysapproval_approver').filter(row => row.sysapproval === changeId)
}

export function openRows(engine: Engine, changeId: string): Row[] {
  return approverRows(engine, changeId).filter(row => row.state === 'requested')
}

function openGroups(engine: Engine, changeId: string): Row[] {
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

/** Asks every active member of a group; one yes is enough. False when there is nobody to ask. */
function askGroup(engine: Engine, change: Row, groupId: string): boolean {
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
  patchRecord(engine, 'change_request', changeId, { approval: 'requested' })
  const { autoApproveAfterMs } = engine.settings
  if (autoApproveAfterMs !== undefined) {
    engine.jobs.schedule({ kind: 'auto-approve', sysId: changeId, delayMs: autoApproveAfterMs })
  }
  return true
}

/** Plans the approvals that entering Assess or Authorize brings about. They come later, in their own transaction. */
export function planApprovals(engine: Engine, change: Row): void {
  const { approvalDelayMs } = engine.settings
  const sysId = change.sys_id
  if (change.state === STATE.assess) {
    engine.jobs.schedule({ kind: 'technical-approval', sysId, delayMs: approvalDelayMs / 2 })
  } else if (change.state === STATE.authorize) {
    engine.jobs.schedule({ kind: 'cab-approval', sysId, delayMs: approvalDelayMs })
  }
}

function changeWaitingIn(engine: Engine, changeId: string, state: string): Row | undefined {
  const change = engine.store.get('change_request', changeId)
  return change?.state === state ? change : undefined
}

const SKIPPED =
  'No approvals were generated from matched Decisions. Normal Change Policy has been skipped (Technical approvals)'

/** Technical approval by the assignment group, or on to Authorize when the policy finds nobody. */
export function runTechnicalApproval(engine: Engine, changeId: string): 'done' | 'hold' {
  const change = changeWaitingIn(engine, changeId, STATE.assess)
  if (!change) return 'done'
  if (change.on_hold === 'true') return 'hold'
  const wanted = engine.settings.approvalPolicy === 'technical-and-cab'
  if (wanted && askGroup(engine, change, change.assignment_group ?? '')) return 'done'
  patchRecord(engine, 'change_request', changeId, { state: STATE.authorize, approval_history: SKIPPED })
  const delayMs = engine.settings.approvalDelayMs / 2
  engine.jobs.schedule({ kind: 'cab-approval', sysId: changeId, delayMs })
  return 'done'
}

/** Approval by the board; without a board to ask, the change is approved by policy. */
export function runCabApproval(engine: Engine, changeId: string): 'done' | 'hold' {
  const change = changeWaitingIn(engine, changeId, STATE.authorize)
  if (!change) return 'done'
  if (change.on_hold === 'true') return 'hold'
  const board = engine.store.rows('sys_user_group').find(group => group.name === CAB_GROUP)
  const asked = engine.settings.approvalPolicy !== 'none' && askGroup(engine, change, board?.sys_id ?? '')
  if (!asked) finishApproval(engine, changeId)
  return 'done'
}

export function runMoveToScheduled(engine: Engine, changeId: string): 'done' | 'hold' {
  const change = changeWaitingIn(engine, changeId, STATE.authorize)
  if (change?.on_hold === 'true') return 'hold'
  if (change?.approval === 'approved') {
    patchRecord(engine, 'change_request', changeId, { state: STATE.scheduled })
  }
  return 'done'
}

export function finishApproval(engine: Engine, changeId: string): void {
  patchRecord(engine, 'change_request', changeId, { approval: 'approved' })
  const delayMs = engine.settings.approvedMoveDelayMs
  if (delayMs === 0) runMoveToScheduled(engine, changeId)
  else engine.jobs.schedule({ kind: 'move-to-scheduled', sysId: changeId, delayMs })
}

/** Says yes for one pending row after the other, as its approver. */
export function runAutoApprove(engine: Engine, changeId: string): 'done' | 'hold' {
  if (engine.store.get('change_request', changeId)?.on_hold === 'true') return 'hold'
  const row = openRows(engine, changeId)[0]
  const approver = row && actorWithId(engine.store, row.approver ?? '')
  if (row && approver) updateRecord(engine, approver, 'sysapproval_approver', row, { state: 'approved' })
  return 'done'
}

export function closeRows(engine: Engine, changeId: string, state: 'not_required' | 'cancelled'): void {
  for (const row of openRows(engine, changeId)) {
    patchRecord(engine, 'sysapproval_approver', row.sys_id, { state })
  }
}

export function closeGroups(engine: Engine, changeId: string, approval: string): void {
  for (const group of openGroups(engine, changeId)) {
    patchRecord(engine, 'sysapproval_group', group.sys_id, { approval })
  }
}

/** Withdraws what was asked: a change that is revised or cancelled needs no answer any more. */
export function cancelApprovals(engine: Engine, changeId: string): void {
  engine.jobs.cancel(changeId, ...APPROVAL_JOBS)
  closeRows(engine, changeId, 'cancelled')
  closeGroups(engine, changeId, 'cancelled')
}

/** On hold nobody needs to answer; afterwards those whose group has not decided are asked again. */
export function holdApprovals(engine: Engine, change: Row): void {
  const changeId = change.sys_id
  if (change.on_hold === 'true') {
    closeRows(engine, changeId, 'not_required')
    return
  }
  const undecided = new Set(openGroups(engine, changeId).map(group => group.sys_id))
  for (const row of approverRows(engine, changeId)) {
    if (row.state !== 'not_required' || !undecided.has(row.group ?? '')) continue
    patchRecord(engine, 'sysapproval_approver', row.sys_id, { state: 'requested' })
  }
  engine.jobs.release(changeId)
}
