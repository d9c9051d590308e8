import type { Actor } from './actor.ts'
import { cancelApprovals, holdApprovals, scheduleApprovals } from './approvals.ts'
import { keepPrimaryItem } from './change-items.ts'
import { cancelTasks, createStockTasks, hasOpenTasks, holdTasks } from './change-tasks.ts'
import { enforceDataPolicies } from './data-policies.ts'
import { utc } from './dates.ts'
import { type Engine, type RecordRules, type RecordWrite, TransitionRefused } from './engine.ts'
import { firstState, stateName, stateValue } from './life-cycle.ts'
import { modelOfNew, modelOfType, presetOf } from './models.ts'
import { updateWithoutRules } from './records.ts'
import { checkedForMove, flowTypeOf, isTransitionAllowed } from './states.ts'
import { type Row, sysIdOf, type Values } from './store.ts'

const TRANSITION_RULE = 'Change Model: Check State Transition'

/** The defaults of a new change on a stock instance, and over them the preset of its model. */
function defaults(engine: Engine, actor: Actor, sent: Values): Values {
  return {
    state: firstState(engine),
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
    requested_by: actor.sysId,
    ...(engine.settings.changeModels && presetOf(modelOfNew(engine, sent)))
  }
}

/** The fields that the instance sets when a change enters its new state. */
function fieldsOnEntry(engine: Engine, actor: Actor, change: Row): Values {
  const now = utc(engine.settings.now())
  switch (stateName(engine, change.state)) {
    case 'new':
    case 'assess':
    case 'authorize':
      return { approval: 'not requested', active: 'true' }
    case 'scheduled':
      return flowTypeOf(engine, change) === 'standard' ? { approval: 'approved' } : {}
    case 'implement':
      return change.work_start ? {} : { work_start: now }
    case 'review':
      return change.work_end ? {} : { work_end: now }
    case 'closed':
      return { active: 'false', closed_at: now, closed_by: actor.sysId }
    case 'canceled':
      return { active: 'false', closed_at: now, closed_by: actor.sysId, on_hold: 'false', on_hold_reason: '' }
    default:
      return {}
  }
}

function refuseTransition(checked: Row, to: string): never {
  const rule = `${TRANSITION_RULE}^${sysIdOf(TRANSITION_RULE)}`
  throw new TransitionRefused(
    `Operation against file 'change_request' was aborted by Business Rule '${rule}'. Business Rule Stack:${TRANSITION_RULE}`,
    checked,
    to
  )
}

/** Priority 1 to 4 from the sum of impact and urgency, each 1 to 3. */
function priorityFrom(row: Row): string {
  const sum = Number(row.impact || 3) + Number(row.urgency || 3)
  return String(Math.min(Math.max(sum - 1, 1), 4))
}

function withComputedFields(engine: Engine, row: Row): Row {
  const { blankFields, changeModels, computedPriority } = engine.settings
  const blanked = Object.fromEntries(blankFields.map(name => [name, '']))
  const model = row.chg_model ?? ''
  return {
    ...row,
    ...(computedPriority && { priority: priorityFrom(row) }),
    ...(changeModels && model === '' && { chg_model: modelOfType(engine, row.type ?? '')?.sys_id ?? '' }),
    task_effective_number: row.number ?? '',
    ...blanked
  }
}

function beforeWrite(engine: Engine, { before, after }: RecordWrite, actor: Actor): Row {
  const { laxStates, landBeyond } = engine.settings
  const row = withComputedFields(engine, after)
  if (!before) {
    enforceDataPolicies(engine, row)
    return row
  }
  const moved = row.state !== before.state
  if (moved && !laxStates && !isTransitionAllowed(engine, before, row)) {
    refuseTransition(checkedForMove(before, row), row.state ?? '')
  }
  const entered = moved ? { ...row, ...fieldsOnEntry(engine, actor, row) } : row
  enforceDataPolicies(engine, entered)
  if (moved && landBeyond && stateName(engine, entered.state) === 'assess')
    return { ...entered, state: stateValue(engine, 'authorize') ?? entered.state ?? '' }
  return entered
}

function afterTransition(engine: Engine, before: Row, after: Row): void {
  const changeId = after.sys_id
  const entered = stateName(engine, after.state)
  if (entered === 'new' || entered === 'canceled') {
    cancelApprovals(engine, changeId)
    if (entered === 'canceled') cancelTasks(engine, changeId)
    if (after.approval === 'requested')
      updateWithoutRules(engine, 'change_request', changeId, { approval: 'not requested' })
  }
  if (entered === 'assess' || entered === 'authorize') {
    cancelApprovals(engine, changeId)
    scheduleApprovals(engine, after)
  }
  if (
    entered === 'implement' &&
    stateName(engine, before.state) !== 'implement' &&
    engine.settings.tasksOnImplement
  ) {
    createStockTasks(engine, after)
  }
}

function afterWrite(engine: Engine, { before, after }: RecordWrite, actor: Actor): void {
  keepPrimaryItem(engine, actor, before, after)
  if (!before) {
    // Flows of a stock instance begin with a move; those of another may begin with the record.
    if (engine.settings.lifeCycle !== undefined) scheduleApprovals(engine, after)
    return
  }
  if (before.on_hold !== after.on_hold) {
    holdTasks(engine, after)
    if (stateName(engine, after.state) !== 'canceled') holdApprovals(engine, after)
  }
  if (before.state !== after.state) afterTransition(engine, before, after)
}

/** The business rules of change requests. */
export const changeRules: RecordRules = {
  defaults,
  beforeWrite,
  afterWrite,
  // Notes on a closed change are dropped without an error.
  keepsJournal: (engine, before) =>
    engine.settings.notesOnClosed || stateName(engine, before?.state) !== 'closed'
}

/** With `autoCloseStates`: moves a change from Implement to Review when it has no open task. */
export function moveAfterLastTask(engine: Engine, changeId: string): void {
  const change = engine.store.get('change_request', changeId)
  const review = stateValue(engine, 'review')
  if (!engine.settings.autoCloseStates || stateName(engine, change?.state) !== 'implement') return
  if (change === undefined || review === undefined || hasOpenTasks(engine, changeId)) return
  updateWithoutRules(engine, 'change_request', changeId, {
    state: review,
    work_end: change.work_end || utc(engine.settings.now())
  })
}
