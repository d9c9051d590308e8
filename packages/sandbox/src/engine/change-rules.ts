import type { Actor } from './actor.ts'
import { cancelApprovals, holdApprovals, planApprovals } from './approvals.ts'
import { cancelTasks, createStockTasks, hasOpenTasks, holdTasks } from './change-tasks.ts'
import { enforceDataPolicies } from './data-policies.ts'
import { utc } from './dates.ts'
import { type Engine, type Pending, type RecordRules, RuleAbort } from './engine.ts'
import { patchRecord } from './records.ts'
import { flowOf, mayMove, STATE, type StateName, stateName } from './states.ts'
import { type Row, sysIdOf, type Values } from './store.ts'

const TRANSITION_RULE = 'Change Model: Check State Transition'

/** Recorded defaults of a fresh change. */
function defaults(engine: Engine, actor: Actor): Values {
  return {
    state: STATE.new,
    type: 'normal',
    approval: 'not requested',
    priority: '4',
    impact: '3',
    urgency: '3',
    scope: '3',
    risk: '3',
    category: 'Other',
    phase: 'requested',
    phase_state: 'open',
    upon_reject: 'cancel',
    upon_approval: 'proceed',
    escalation: '0',
    reassignment_count: '0',
    conflict_status: 'Not Run',
    made_sla: 'true',
    active: 'true',
    knowledge: 'false',
    cab_required: 'false',
    on_hold: 'false',
    unauthorized: 'false',
    production_system: 'false',
    outside_maintenance_schedule: 'false',
    sys_class_name: 'change_request',
    sys_domain: 'global',
    sys_domain_path: '/',
    opened_at: utc(engine.settings.now()),
    opened_by: actor.sysId,
    requested_by: actor.sysId
  }
}

/** What entering a state sets by itself. */
function entering(engine: Engine, actor: Actor, after: Row): Values {
  const now = utc(engine.settings.now())
  switch (stateName(after.state)) {
    case 'new':
    case 'assess':
    case 'authorize':
      return { approval: 'not requested', active: 'true' }
    case 'scheduled':
      return flowOf(engine, after) === 'standard' ? { approval: 'approved' } : {}
    case 'implement':
      return after.work_start ? {} : { work_start: now }
    case 'review':
      return after.work_end ? {} : { work_end: now }
    case 'closed':
      return { active: 'false', closed_at: now, closed_by: actor.sysId }
    case 'canceled':
      return { active: 'false', closed_at: now, closed_by: actor.sysId, on_hold: 'false', on_hold_reason: '' }
    default:
      return {}
  }
}

function refuseMove(): never {
  const rule = `${TRANSITION_RULE}^${sysIdOf(TRANSITION_RULE)}`
  throw new RuleAbort(
    'business-rule',
    `Operation against file 'change_request' was aborted by Business Rule '${rule}'. Business Rule Stack:${TRANSITION_RULE}`
  )
}

/** 4 levels from 3 × 3: the sum of impact and urgency decides. */
function priorityFrom(row: Row): string {
  const sum = Number(row.impact || 3) + Number(row.urgency || 3)
  return String(Math.min(Math.max(sum - 1, 1), 4))
}

function completed(engine: Engine, row: Row): Row {
  const { blankFields, computedPriority } = engine.settings
  const blanked = Object.fromEntries(blankFields.map(name => [name, '']))
  const model = row.chg_model ?? ''
  return {
    ...row,
    ...(computedPriority && { priority: priorityFrom(row) }),
    ...(engine.settings.changeModels && model === '' && { chg_model: modelOf(engine, row.type ?? '') }),
    task_effective_number: row.number ?? '',
    ...blanked
  }
}

function modelOf(engine: Engine, type: string): string {
  const models = engine.store.rows('chg_model')
  return models.find(model => model.name?.toLowerCase() === type.toLowerCase())?.sys_id ?? ''
}

function before(engine: Engine, { before, after }: Pending, actor: Actor): Row {
  const { laxStates, landBeyond } = engine.settings
  const row = completed(engine, after)
  if (!before) {
    enforceDataPolicies(engine, row)
    return row
  }
  const moved = row.state !== before.state
  if (moved && !laxStates && !mayMove(engine, before, row)) refuseMove()
  const entered = moved ? { ...row, ...entering(engine, actor, row) } : row
  enforceDataPolicies(engine, entered)
  if (moved && landBeyond && entered.state === STATE.assess) return { ...entered, state: STATE.authorize }
  return entered
}

function followMove(engine: Engine, before: Row, after: Row): void {
  const changeId = after.sys_id
  const entered: StateName | undefined = stateName(after.state)
  if (entered === 'new' || entered === 'canceled') {
    cancelApprovals(engine, changeId)
    if (entered === 'canceled') cancelTasks(engine, changeId)
    if (after.approval === 'requested')
      patchRecord(engine, 'change_request', changeId, { approval: 'not requested' })
  }
  if (entered === 'assess' || entered === 'authorize') {
    cancelApprovals(engine, changeId)
    planApprovals(engine, after)
  }
  if (entered === 'implement' && before.state !== STATE.implement && engine.settings.tasksOnImplement) {
    createStockTasks(engine, after)
  }
}

function after(engine: Engine, { before, after }: Pending): void {
  if (!before) return
  if (before.on_hold !== after.on_hold) {
    holdTasks(engine, after)
    if (after.state !== STATE.canceled) holdApprovals(engine, after)
  }
  if (before.state !== after.state) followMove(engine, before, after)
}

/** The business rules around change requests. */
export const changeRules: RecordRules = {
  defaults,
  before,
  after,
  // A note on a closed change goes nowhere, and nobody is told.
  takesJournal: before => before?.state !== STATE.closed
}

/** The automatic move of a model whose last task was closed. */
export function moveAfterLastTask(engine: Engine, changeId: string): void {
  const change = engine.store.get('change_request', changeId)
  if (!engine.settings.autoCloseStates || change?.state !== STATE.implement) return
  if (hasOpenTasks(engine, changeId)) return
  patchRecord(engine, 'change_request', changeId, {
    state: STATE.review,
    work_end: change.work_end || utc(engine.settings.now())
  })
}
