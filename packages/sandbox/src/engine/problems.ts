import type { Actor } from './actor.ts'
import { requireFields } from './data-policies.ts'
import { type Engine, type RecordRules, type RecordWrite, RuleAbort } from './engine.ts'
import type { Row, Values } from './store.ts'
import { taskDefaults } from './task-defaults.ts'
import { oneMore, priorityOf, stamp, withOneState } from './tickets.ts'

/** Stored values of the states of a problem. */
const STATE = {
  new: '101',
  assess: '102',
  rootCause: '103',
  fix: '104',
  resolved: '106',
  closed: '107'
} as const

/** The states that may follow each state. */
const NEXT: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  [STATE.new, [STATE.assess, STATE.rootCause, STATE.closed]],
  [STATE.assess, [STATE.new, STATE.rootCause, STATE.closed]],
  [STATE.rootCause, [STATE.assess, STATE.fix, STATE.resolved, STATE.closed]],
  [STATE.fix, [STATE.rootCause, STATE.resolved, STATE.closed]],
  [STATE.resolved, [STATE.rootCause, STATE.closed]],
  [STATE.closed, [STATE.rootCause]]
])

/** The data policies by state. A state and its mandatory fields must be in the same write. */
const MANDATORY: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  [STATE.assess, ['assigned_to']],
  [STATE.rootCause, ['assigned_to']],
  [STATE.fix, ['assigned_to', 'cause_notes', 'fix_notes']],
  [STATE.resolved, ['assigned_to', 'resolution_code']],
  [STATE.closed, ['assigned_to', 'resolution_code']]
])

/** The data policies by resolution code, of problems that are resolved or closed. */
const MANDATORY_BY_RESOLUTION: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  ['fix_applied', ['cause_notes', 'fix_notes']],
  ['risk_accepted', ['cause_notes', 'close_notes']],
  ['canceled', ['close_notes']],
  ['duplicate', ['duplicate_of']]
])

const isResolved = ({ state }: Row): boolean => state === STATE.resolved || state === STATE.closed

function fieldsOnEntry(engine: Engine, actor: Actor, before: Row | undefined, after: Row): Values {
  const resolved = after.resolved_at ? {} : stamp(engine, actor, 'resolved_at', 'resolved_by')
  if (after.state === STATE.resolved) return resolved
  if (after.state === STATE.closed) {
    return { active: 'false', ...resolved, ...stamp(engine, actor, 'closed_at', 'closed_by') }
  }
  if (!before || !isResolved(before)) return {}
  const cleared = { resolved_at: '', resolved_by: '', closed_at: '', closed_by: '', resolution_code: '' }
  const reopened = stamp(engine, actor, 'reopened_at', 'reopened_by')
  return { active: 'true', ...cleared, ...reopened, reopen_count: oneMore(before.reopen_count) }
}

/** @throws RuleAbort when the state may not follow the one before */
function checkMove(before: Row, after: Row): void {
  if (NEXT.get(before.state)?.includes(after.state ?? '')) return
  throw new RuleAbort(`Problem state transition from state ${before.state} to ${after.state} is not possible`)
}

function beforeWrite(engine: Engine, { before, after }: RecordWrite, actor: Actor): Row {
  const row = withOneState(before, after, 'problem_state', STATE.new)
  const moved = row.state !== before?.state
  if (before && moved && !engine.settings.laxStates) checkMove(before, row)
  const checked: Row = {
    ...row,
    ...(moved && fieldsOnEntry(engine, actor, before, row)),
    priority: priorityOf(row),
    task_effective_number: row.number ?? ''
  }
  const byState = MANDATORY.get(checked.state) ?? []
  const byResolution = isResolved(checked) ? MANDATORY_BY_RESOLUTION.get(checked.resolution_code) : []
  requireFields('problem', checked, [...byState, ...(byResolution ?? [])])
  return checked
}

/** The business rules of problems. */
export const problemRules: RecordRules = {
  defaults: (engine, actor) => ({
    ...taskDefaults(engine, actor, 'problem'),
    state: STATE.new,
    known_error: 'false',
    major_problem: 'false',
    workaround_applied: 'false',
    related_incidents: '0',
    reopen_count: '0'
  }),
  beforeWrite
}

/** Stored values of the states of a problem task. */
const TASK_STATE = { new: '151', assess: '152', work: '154', closed: '157' } as const

/** The business rules of problem tasks. Any state may follow any other. */
export const problemTaskRules: RecordRules = {
  defaults: (engine, actor) => ({
    ...taskDefaults(engine, actor, 'problem_task'),
    state: TASK_STATE.new,
    problem_task_type: 'general',
    reopen_count: '0'
  }),
  beforeWrite: (engine, { before, after }, actor) => {
    const { state } = after
    const moved = state !== before?.state
    if (state === TASK_STATE.assess || state === TASK_STATE.work) {
      requireFields('problem_task', after, ['assigned_to'])
    }
    return {
      ...after,
      parent: after.parent || after.problem || '',
      task_effective_number: after.number ?? '',
      active: String(state !== TASK_STATE.closed),
      ...(moved && state === TASK_STATE.work && stamp(engine, actor, 'started_at', 'started_by')),
      ...(moved && state === TASK_STATE.closed && stamp(engine, actor, 'closed_at', 'closed_by'))
    }
  }
}
