import { parseUtc, utc } from './dates.ts'
import type { Engine } from './engine.ts'
import { patchRecord } from './records.ts'
import { STATE } from './states.ts'
import type { Row } from './store.ts'

const OVER: readonly (string | undefined)[] = [STATE.closed, STATE.canceled]

interface Span {
  readonly start: number
  readonly end: number
}

function plannedSpan(change: Row): Span | undefined {
  const start = parseUtc(change.start_date ?? '')
  const end = parseUtc(change.end_date ?? '')
  return start === undefined || end === undefined ? undefined : { start, end }
}

/** Whether conflict detection has what it needs: a CI and a planned window. */
export function canDetectConflicts(change: Row): boolean {
  return change.cmdb_ci !== '' && plannedSpan(change) !== undefined
}

/** Open changes on the same CI whose planned window overlaps. */
export function conflictsOf(engine: Engine, change: Row): Row[] {
  const span = plannedSpan(change)
  if (!span || change.cmdb_ci === '') return []
  return engine.store.rows('change_request').filter(other => {
    const theirs = plannedSpan(other)
    const same = other.sys_id !== change.sys_id && other.cmdb_ci === change.cmdb_ci
    return same && !OVER.includes(other.state) && theirs && theirs.start < span.end && span.start < theirs.end
  })
}

/** Writes the result of a check to the change. */
export function runConflictCheck(engine: Engine, changeId: string): 'done' {
  const change = engine.store.get('change_request', changeId)
  if (change) {
    const found = conflictsOf(engine, change).length > 0
    patchRecord(engine, 'change_request', changeId, {
      conflict_status: found ? 'Conflict' : 'No Conflict',
      conflict_last_run: utc(engine.settings.now())
    })
  }
  return 'done'
}
