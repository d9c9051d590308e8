import type { Engine } from '../engine/engine.ts'
import { insertWithoutRules } from '../engine/records.ts'
import { sysIdOf } from '../engine/store.ts'

interface ScheduleSeed {
  readonly key: string
  readonly name: string
  readonly type?: string
  /** IANA zone; empty: that of the user. */
  readonly zone: string
  /** The first day's times, `YYYYMMDDTHHMMSS`. */
  readonly start: string
  readonly end: string
  /** Weekdays on which it repeats, Monday is 1. */
  readonly days: string
}

const SCHEDULES: readonly ScheduleSeed[] = [
  {
    key: '8-5-weekdays',
    name: '8-5 weekdays',
    zone: '',
    start: '20240101T080000',
    end: '20240101T170000',
    days: '12345'
  },
  {
    key: 'weekend-maintenance',
    name: 'Weekend maintenance',
    type: 'maintenance',
    zone: 'America/Los_Angeles',
    start: '20240106T200000',
    end: '20240107T020000',
    days: '6'
  }
]

/** The schedules of a new instance. CIs refer to them by `maintenance_schedule`. */
export function seedSchedules(engine: Engine): void {
  for (const { key, name, type = '', zone, start, end, days } of SCHEDULES) {
    const schedule = sysIdOf(`seed cmn_schedule ${key}`)
    insertWithoutRules(engine, 'cmn_schedule', { sys_id: schedule, name, type, time_zone: zone })
    insertWithoutRules(engine, 'cmn_schedule_span', {
      sys_id: sysIdOf(`seed cmn_schedule_span ${key}`),
      name,
      schedule,
      start_date_time: start,
      end_date_time: end,
      repeat_type: 'weekly',
      days_of_week: days
    })
  }
}

/** The relations of a service to the CIs that it depends on. */
export function seedRelations(engine: Engine): void {
  const ci = (key: string) => sysIdOf(`seed cmdb_ci ${key}`)
  for (const child of ['payments-db-server', 'payments-db-instance']) {
    insertWithoutRules(engine, 'cmdb_rel_ci', {
      sys_id: sysIdOf(`seed cmdb_rel_ci ${child}`),
      parent: ci('payments'),
      child: ci(child),
      type: 'Depends on::Used by'
    })
  }
}
