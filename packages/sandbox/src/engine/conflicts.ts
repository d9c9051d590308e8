import { parseUtc, utc } from './dates.ts'
import type { Engine } from './engine.ts'
import type { JobResult } from './jobs.ts'
import { stateName } from './life-cycle.ts'
import { updateWithoutRules } from './records.ts'
import type { Row } from './store.ts'

const ENDED: readonly (string | undefined)[] = ['closed', 'canceled']

/** Epoch milliseconds. */
interface PlannedWindow {
  readonly start: number
  readonly end: number
}

function plannedWindow(change: Row): PlannedWindow | undefined {
  const start = parseUtc(change.start_date ?? '')
  const end = parseUtc(change.end_date ?? '')
  return start === undefined || end === undefined ? undefined : { start, end }
}

/** Whether the change has what conflict detection needs: a CI, a planned start and a planned end. */
export function canDetectConflicts(change: Row): boolean {
  return change.cmdb_ci !== '' && plannedWindow(change) !== undefined
}

/** Open changes on the same CI whose planned window overlaps. */
export function conflictsOf(engine: Engine, change: Row): Row[] {
  const window = plannedWindow(change)
  if (!window || change.cmdb_ci === '') return []
  return engine.store.rows('change_request').filter(other => {
    const otherWindow = plannedWindow(other)
    const sameCi = other.sys_id !== change.sys_id && other.cmdb_ci === change.cmdb_ci
    if (!sameCi || ENDED.includes(stateName(engine, other.state)) || !otherWindow) return false
    return otherWindow.start < window.end && window.start < otherWindow.end
  })
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
  }
  return 'done'
}
