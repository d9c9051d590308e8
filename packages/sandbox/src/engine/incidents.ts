import type { Actor } from './actor.ts'
import { requireFields } from './data-policies.ts'
import type { Engine, RecordRules, RecordWrite } from './engine.ts'
import type { Row, Values } from './store.ts'
import { taskDefaults } from './task-defaults.ts'
import { oneMore, priorityOf, stamp, withOneState } from './tickets.ts'

/** Stored values of the states of an incident. */
const STATE = { new: '1', inProgress: '2', onHold: '3', resolved: '6', closed: '7', canceled: '8' } as const

const ENDED: readonly string[] = [STATE.resolved, STATE.closed, STATE.canceled]

/** The data policies of a stock instance. A state and its mandatory fields must be in the same write. */
const MANDATORY: ReadonlyMap<string | undefined, readonly string[]> = new Map([
  [STATE.onHold, ['hold_reason']],
  [STATE.resolved, ['close_code', 'close_notes']],
  [STATE.closed, ['close_code', 'close_notes']]
])

function fieldsOnEntry(engine: Engine, actor: Actor, before: Row | undefined, after: Row): Values {
  const resolved = after.resolved_at ? {} : stamp(engine, actor, 'resolved_at', 'resolved_by')
  const closed = stamp(engine, actor, 'closed_at', 'closed_by')
  switch (after.state) {
    case STATE.resolved:
      return { active: 'true', ...stamp(engine, actor, 'resolved_at', 'resolved_by') }
    case STATE.closed:
      return { active: 'false', ...resolved, ...closed }
    case STATE.canceled:
      return { active: 'false', ...closed }
    default: {
      if (!ENDED.includes(before?.state ?? '')) return {}
      const cleared = { resolved_at: '', resolved_by: '', closed_at: '', closed_by: '' }
      const reopened = stamp(engine, actor, 'reopened_time', 'reopened_by')
      return { active: 'true', ...cleared, ...reopened, reopen_count: oneMore(before?.reopen_count) }
    }
  }
}

function beforeWrite(engine: Engine, { before, after }: RecordWrite, actor: Actor): Row {
  const row = withOneState(before, after, 'incident_state', STATE.new)
  const moved = row.state !== before?.state
  const checked: Row = {
    ...row,
    ...(moved && fieldsOnEntry(engine, actor, before, row)),
    ...(row.state !== STATE.onHold && { hold_reason: '' }),
    priority: priorityOf(row),
    task_effective_number: row.number ?? ''
  }
  requireFields('incident', checked, MANDATORY.get(checked.state) ?? [])
  return checked
}

/** The business rules of incidents. Any state may follow any other, as on a stock instance. */
export const incidentRules: RecordRules = {
  defaults: (engine, actor) => ({
    ...taskDefaults(engine, actor, 'incident'),
    state: STATE.new,
    category: 'inquiry',
    severity: '3',
    notify: '1',
    reopen_count: '0',
    child_incidents: '0'
  }),
  beforeWrite
}
