import { parseUtc, utc } from './dates.ts'
import type { Engine } from './engine.ts'
import type { JobResult } from './jobs.ts'
import { stateName } from './life-cycle.ts'
import { common, type Period } from './periods.ts'
import { updateWithoutRules } from './records.ts'
import { openPeriods } from './schedules.ts'
import type { Row } from './store.ts'
import { endConflictWorkers } from './worker-records.ts'

const ENDED: readonly (string | undefined)[] = ['closed', 'canceled']

/** A reason why a change should not take place as planned. */
export interface Conflict {
  /** The other change, or the change itself. */
  readonly change: Row
  readonly type: 'ci_already_scheduled' | 'not_in_maintenance_window'
}

/** From the planned start to the planned end; undefined when one is missing. */
export function plannedWindow(change: Row): Period | undefined {
  const start = parseUtc(change.start_date ?? '')
  const end = parseUtc(change.end_date ?? '')
  return start === undefined || end === undefined ? undefined : { start, end }
}

/** Whether the change has what conflict detection needs: a CI, a planned start and a planned end. */
export function canDetectConflicts(change: Row): boolean {
  return change.cmdb_ci !== '' && plannedWindow(change) !== undefined
}

/** Whether the change is on this CI, and neither closed nor canceled. */
export function isOpenOn(engine: Engine, change: Row, ci: string): boolean {
  return change.cmdb_ci === ci && !ENDED.includes(stateName(engine, change.state))
}

/** Whether the CI has a maintenance schedule that does not contain the whole window. */
function isOutsideMaintenance(engine: Engine, change: Row, window: Period): boolean {
  const ci = engine.store.get('cmdb_ci', change.cmdb_ci ?? '')
  const schedule = engine.store.get('cmn_schedule', ci?.maintenance_schedule ?? '')
  if (!schedule) return false
  const inside = common(openPeriods(engine, schedule, 'UTC', window), [window])
  return !inside.some(one => one.start === window.start && one.end === window.end)
}

/** Open changes on the same CI whose planned window overlaps, and a window outside of the CI's maintenance schedule. */
export function conflictsOf(engine: Engine, change: Row): Conflict[] {
  const window = plannedWindow(change)
  const ci = change.cmdb_ci ?? ''
  if (!window || ci === '') return []
  const overlapping = engine.store.rows('change_request').filter(other => {
    const otherWindow = plannedWindow(other)
    if (other.sys_id === change.sys_id || !isOpenOn(engine, other, ci) || !otherWindow) return false
    return otherWindow.start < window.end && window.start < otherWindow.end
  })
  const found: Conflict[] = overlapping.map(other => ({ change: other, type: 'ci_already_scheduled' }))
  return isOutsideMaintenance(engine, change, window)
    ? [...found, { change, type: 'not_in_maintenance_window' }]
    : found
}

/** Detects conflicts and writes the result to the change. */
export function runConflictCheck(engine: Engine, changeId: string): JobResult {
  const change = engine.store.get('change_request', changeId)
  if (change) {
    const found = conflictsOf(engine, change).length > 0
    updateWithoutRules(engine, 'change_request', changeId, {
      conflict_status: found ? 'Conflict' : 'No Conflict',
      conflict_last_run: utc(engine.settings.now())
    })
    endConflictWorkers(engine, changeId)
  }
  return 'done'
}
