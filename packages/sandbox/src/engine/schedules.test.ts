import { describe, expect, it } from '@jest/globals'
import { createSandbox } from '../sandbox.ts'
import { utc } from './dates.ts'
import type { Engine } from './engine.ts'
import { openPeriods } from './schedules.ts'
import type { Row, Values } from './store.ts'

/** The open periods of a schedule with these spans, in stored dates. */
function openIn(zone: string, spans: readonly Values[], from: string, to: string): string[] {
  const sandbox = createSandbox()
  const schedule = {
    sys_id: sandbox.insert('cmn_schedule', { name: 'One', time_zone: zone }),
    time_zone: zone
  }
  for (const span of spans) sandbox.insert('cmn_schedule_span', { ...span, schedule: schedule.sys_id })
  const engine = { store: { rows: (table: string) => sandbox.rows(table) } } as unknown as Engine
  const within = { start: Date.parse(`${from}T00:00:00Z`), end: Date.parse(`${to}T00:00:00Z`) }
  const periods = openPeriods(engine, schedule as Row, 'Europe/Berlin', within)
  return periods.map(({ start, end }) => `${utc(start)} - ${utc(end)}`)
}

const hours = (start: string, end: string, more: Values = {}): Values => ({
  start_date_time: `20260105T${start}00`,
  end_date_time: `20260105T${end}00`,
  ...more
})

describe('a schedule', () => {
  it('opens on its weekdays at local time, on both sides of a change of clocks', () => {
    const weekdays = hours('0800', '1700', { repeat_type: 'weekdays' })
    // Berlin is an hour ahead of UTC until Sunday the 29th of March, then two.
    expect(openIn('Europe/Berlin', [weekdays], '2026-03-27', '2026-03-31')).toEqual([
      '2026-03-27 07:00:00 - 2026-03-27 16:00:00',
      '2026-03-30 06:00:00 - 2026-03-30 15:00:00'
    ])
  })

  it('without a zone is in that of the user; a time with Z is UTC', () => {
    expect(openIn('', [hours('0800', '0900', { repeat_type: 'daily' })], '2026-02-02', '2026-02-03')).toEqual(
      ['2026-02-02 07:00:00 - 2026-02-02 08:00:00']
    )
    const inUtc = { start_date_time: '20260202T080000Z', end_date_time: '20260202T090000Z' }
    expect(openIn('America/Los_Angeles', [inUtc], '2026-02-01', '2026-02-04')).toEqual([
      '2026-02-02 08:00:00 - 2026-02-02 09:00:00'
    ])
  })

  it('is closed in its exclusions, and before and after its repetitions', () => {
    const daily = hours('0800', '1000', { repeat_type: 'daily', repeat_until: '20260106' })
    const lunch = hours('0900', '0930', { type: 'exclude', repeat_type: 'daily' })
    expect(openIn('UTC', [daily, lunch], '2026-01-04', '2026-01-09')).toEqual([
      '2026-01-05 08:00:00 - 2026-01-05 09:00:00',
      '2026-01-05 09:30:00 - 2026-01-05 10:00:00',
      '2026-01-06 08:00:00 - 2026-01-06 09:00:00',
      '2026-01-06 09:30:00 - 2026-01-06 10:00:00'
    ])
  })

  it('knows a night that began before the first day asked for', () => {
    const night = {
      start_date_time: '20260105T220000',
      end_date_time: '20260106T040000',
      repeat_type: 'daily'
    }
    expect(openIn('UTC', [night], '2026-02-02', '2026-02-03')).toEqual([
      '2026-02-02 00:00:00 - 2026-02-02 04:00:00',
      '2026-02-02 22:00:00 - 2026-02-03 00:00:00'
    ])
  })

  it.each([
    ['weekends', ['03', '04']],
    ['weekMWF', ['02', '05', '07']],
    ['weekTT', ['01', '06']],
    ['weekly', ['05']],
    ['monthly', ['05']],
    ['yearly', []],
    ['', []]
  ])('repeats %s', (repeat_type, days) => {
    const found = openIn('UTC', [hours('0800', '0900', { repeat_type })], '2026-10-01', '2026-10-08')
    expect(found.map(one => one.slice(8, 10))).toEqual(days)
  })

  it('in a zone that does not exist is in that of the user', () => {
    const daily = hours('0800', '0900', { repeat_type: 'daily' })
    expect(openIn('Mars/Olympus', [daily], '2026-02-02', '2026-02-03')).toEqual([
      '2026-02-02 07:00:00 - 2026-02-02 08:00:00'
    ])
  })

  it('has no time that cannot be read', () => {
    expect(
      openIn('UTC', [hours('9900', '1000', { repeat_type: 'daily' })], '2026-02-02', '2026-02-03')
    ).toEqual([])
  })
})
