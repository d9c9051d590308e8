import { isOpenOn, plannedWindow } from './conflicts.ts'
import type { Engine } from './engine.ts'
import { type Period, without } from './periods.ts'
import { openPeriods } from './schedules.ts'
import type { Row } from './store.ts'

/** `change.conflict.next_available.schedule_window` of a stock instance. */
export const SCHEDULE_WINDOW_DAYS = 90

const DAY_MS = 86_400_000

/** What a slot is looked for. */
export interface SlotSearch {
  readonly ci: Row
  readonly durationMs: number
  /** Epoch milliseconds; a time in the past counts as now. */
  readonly from: number
  /** IANA zone of the user. */
  readonly zone: string
  /** The change that is to be moved: it does not stand in its own way. */
  readonly change?: Row
}

function takenPeriods(engine: Engine, { ci, change, zone }: SlotSearch, within: Period): Period[] {
  const others = engine.store
    .rows('change_request')
    .filter(one => one.sys_id !== change?.sys_id && isOpenOn(engine, one, ci.sys_id))
    .flatMap(one => plannedWindow(one) ?? [])
  const blackouts = engine.store
    .rows('cmn_schedule')
    .filter(schedule => schedule.type === 'blackout')
    .flatMap(schedule => openPeriods(engine, schedule, zone, within))
  return [...others, ...blackouts]
}

/**
 * The slots in which a change on the CI can take place, earliest first: one at the start of every time that lies in
 * the maintenance schedule of the CI (any time, when it has none), in no blackout schedule, and in no planned window
 * of another open change on the CI.
 */
export function freeSlots(engine: Engine, search: SlotSearch): Period[] {
  const now = Math.ceil(engine.settings.now() / 1000) * 1000
  const within = { start: Math.max(now, search.from), end: now + SCHEDULE_WINDOW_DAYS * DAY_MS }
  if (within.start >= within.end) return []
  const schedule = engine.store.get('cmn_schedule', search.ci.maintenance_schedule ?? '')
  const open = schedule ? openPeriods(engine, schedule, search.zone, within) : [within]
  return without(open, takenPeriods(engine, search, within))
    .filter(one => one.end - one.start >= search.durationMs)
    .map(({ start }) => ({ start, end: start + search.durationMs }))
}
