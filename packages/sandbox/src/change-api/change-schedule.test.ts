import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createManualClock, type ManualClock } from '../clock.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as, CHANGE, newChange, type TestResponse } from '../testing/caller.ts'

let sandbox: Sandbox
let clock: ManualClock

/** A Thursday. */
const NOW = Date.UTC(2026, 11, 3, 12)

beforeEach(async () => {
  clock = createManualClock(NOW)
  sandbox = await startSandbox({ ...clock, approvalDelayMs: 1000 })
})

afterEach(() => sandbox.stop())

const cluster = seedId('cmdb_ci', 'prod-k8s-cluster')
const database = seedId('cmdb_ci', 'payments-db-server')

/** The worker of a response, once it has ended. */
function ended(started: TestResponse): Promise<TestResponse> {
  clock.advance(1000)
  return as(sandbox).get(`${CHANGE}/worker/${started.at('result', 'worker', 'sysId')}`)
}

/** The start of each slot. */
function starts(worker: TestResponse): string[] {
  const spans = worker.at('result', 'payload', 'spans') as { start: { value: string } }[]
  return spans.map(span => span.start.value)
}

const slotsOf = (ci: string, query = 'duration_in_seconds=10800') =>
  as(sandbox).get(`${CHANGE}/ci/${ci}/schedule?${query}`)

const takeFirst = (id: string, body: unknown = { duration_in_seconds: '7200' }) =>
  as(sandbox).patch(`${CHANGE}/${id}/schedule/first_available`, body)

describe('the free slots of a configuration item', () => {
  it('are found by a worker that waits, works and completes', async () => {
    const started = await slotsOf(database)
    expect(started.status).toBe(202)
    const id = started.at('result', 'worker', 'sysId')
    expect(started.at('result')).toEqual({
      worker: { sysId: id, link: `${sandbox.url}/api/sn_chg_rest/change/worker/${id}` },
      request: JSON.stringify({
        cmdb_ci_sys_id: database,
        planned_start_time: '',
        duration_in_seconds: 10_800,
        timezone: 'America/Los_Angeles'
      }),
      state: { value: 1, display_value: 'Waiting' },
      type: 'schedule',
      messages: { errorMessages: [], warningMessages: [], infoMessages: [] }
    })
    clock.advance(500)
    const working = await as(sandbox).get(`${CHANGE}/worker/${id}`)
    expect(working.at('result', 'state')).toEqual({ value: 2, display_value: 'In-Progress' })
    const complete = await ended(started)
    expect(complete.at('result', 'state')).toEqual({ value: 3, display_value: 'Complete' })
    expect(complete.at('result', 'payload', 'spans', 0)).toEqual({
      start: { value: '2026-12-06 04:00:00', display_value: '2026-12-05 20:00:00' },
      end: { value: '2026-12-06 07:00:00', display_value: '2026-12-05 23:00:00' }
    })
  })

  it('lie in its maintenance schedule, each weekend for 90 days, at local time', async () => {
    const slots = starts(await ended(await slotsOf(database)))
    expect(slots).toHaveLength(13)
    expect(slots.slice(0, 2)).toEqual(['2026-12-06 04:00:00', '2026-12-13 04:00:00'])
  })

  it('begin at the planned start, and within a window', async () => {
    const query = 'duration_in_seconds=3600&planned_start_time=2026-12-13%2005:30:00'
    const slots = starts(await ended(await slotsOf(database, query)))
    expect(slots.slice(0, 2)).toEqual(['2026-12-13 05:30:00', '2026-12-20 04:00:00'])
  })

  it('are at any time without a schedule, but in no blackout and in no other open change', async () => {
    const busy = { cmdb_ci: cluster, start_date: '2026-12-03 12:30:00', end_date: '2026-12-03 14:00:00' }
    const open = await newChange(sandbox, busy)
    const canceled = await newChange(sandbox, {
      ...busy,
      start_date: '2026-12-03 14:00:00',
      end_date: '2026-12-03 20:00:00'
    })
    await as(sandbox).patch(`${CHANGE}/${canceled}`, { state: '4' })
    const schedule = sandbox.insert('cmn_schedule', { name: 'Freeze', type: 'blackout', time_zone: 'UTC' })
    sandbox.insert('cmn_schedule_span', {
      schedule,
      start_date_time: '20261224T000000',
      end_date_time: '20270102T000000'
    })
    const slots = starts(await ended(await slotsOf(cluster)))
    expect(slots).toEqual(['2026-12-03 14:00:00', '2027-01-02 00:00:00'])
    sandbox.remove('change_request', open)
    expect(starts(await ended(await slotsOf(cluster)))[0]).toBe('2026-12-03 12:00:02')
  })

  it('may not exist: a message and no payload', async () => {
    const none = await ended(await slotsOf(database, 'duration_in_seconds=86400'))
    expect(none.at('result', 'messages', 'infoMessages')).toEqual(['No slots found for 90 days from now'])
    expect(none.at('result', 'payload')).toBeUndefined()
  })

  it.each([
    ['an unknown item', 'unknown', 'duration_in_seconds=60', 'cmdb_ci not found'],
    ['no duration', cluster, '', 'duration_in_seconds is missing or invalid'],
    ['a duration in words', cluster, 'duration_in_seconds=long', 'duration_in_seconds is missing or invalid'],
    [
      'a start that is no date',
      cluster,
      'duration_in_seconds=60&planned_start_time=soon',
      'planned_start_time is invalid'
    ]
  ])('are not searched with %s', async (_what, ci, query, message) => {
    const refused = await slotsOf(ci, query)
    expect([refused.status, refused.at('error', 'message')]).toEqual([400, message])
  })
})

describe('the free slots of a change', () => {
  it('are as long as its window, from its start, and it does not stand in its own way', async () => {
    const window = { start_date: '2026-12-04 10:00:00', end_date: '2026-12-04 11:30:00' }
    const id = await newChange(sandbox, { cmdb_ci: cluster, ...window })
    const worker = await ended(await as(sandbox).get(`${CHANGE}/${id}/schedule`))
    expect(worker.at('result', 'payload', 'spans')).toMatchObject([
      { start: { value: window.start_date }, end: { value: window.end_date } }
    ])
  })

  it('are not searched without a configuration item or a window', async () => {
    const refused = async (fields: Record<string, unknown>) => {
      const id = await newChange(sandbox, fields)
      const response = await as(sandbox).get(`${CHANGE}/${id}/schedule`)
      return [response.status, response.at('error', 'message')]
    }
    expect(await refused({})).toEqual([400, 'cmdb_ci not found'])
    expect(await refused({ cmdb_ci: cluster })).toEqual([400, 'Planned start and end date not found'])
  })
})

describe('work that lost what it needs', () => {
  const window = { start_date: '2026-12-04 10:00:00', end_date: '2026-12-04 11:30:00' }

  it.each([
    ['the item', { cmdb_ci: '' }, 'cmdb_ci not found'],
    ['the window', { end_date: '' }, 'Planned start and end date not found']
  ])('ends in an error: %s', async (_what, fields, message) => {
    const id = await newChange(sandbox, { cmdb_ci: cluster, ...window })
    const started = await as(sandbox).get(`${CHANGE}/${id}/schedule`)
    sandbox.set('change_request', id, fields)
    const worker = await ended(started)
    expect(worker.at('result', 'messages', 'errorMessages')).toEqual([message])
  })

  it('goes with its change', async () => {
    const id = await newChange(sandbox, { cmdb_ci: cluster, ...window })
    const started = await as(sandbox).get(`${CHANGE}/${id}/schedule`)
    sandbox.remove('change_request', id)
    expect((await ended(started)).status).toBe(404)
  })
})

describe('the first free slot', () => {
  it('becomes the planned window of the change', async () => {
    const id = await newChange(sandbox, { cmdb_ci: database })
    const started = await takeFirst(id)
    expect(started.status).toBe(202)
    const worker = await ended(started)
    expect(worker.at('result', 'messages', 'infoMessages')).toEqual(['Change has been updated'])
    expect([sandbox.change(id)?.start_date, sandbox.change(id)?.end_date]).toEqual([
      '2026-12-06 04:00:00',
      '2026-12-06 06:00:00'
    ])
  })

  it('on working hours begins on the next working day', async () => {
    sandbox.set('cmdb_ci', cluster, { maintenance_schedule: seedId('cmn_schedule', '8-5-weekdays') })
    const id = await newChange(sandbox, { cmdb_ci: cluster })
    // Friday at 16:00 in Los Angeles: an hour is left, the change needs two.
    await ended(await takeFirst(id, { duration_in_seconds: 7200, planned_start_time: '2026-12-05 00:00:00' }))
    expect(sandbox.change(id)?.start_date).toBe('2026-12-07 16:00:00')
  })

  it('needs a configuration item, then a duration, and write access', async () => {
    const bare = await newChange(sandbox)
    const refused = await takeFirst(bare, '')
    expect([refused.status, refused.at('error')]).toEqual([400, { message: 'cmdb_ci not found', detail: '' }])
    const id = await newChange(sandbox, { cmdb_ci: cluster })
    expect((await takeFirst(id, {})).at('error', 'message')).toBe('duration_in_seconds is missing or invalid')
    const path = `${CHANGE}/${id}/schedule/first_available`
    expect((await as(sandbox, 'gha.reader').patch(path, { duration_in_seconds: 60 })).status).toBe(403)
  })

  it('ends in an error when a rule refuses the dates', async () => {
    sandbox.addRule({
      table: 'change_request',
      name: 'No dates',
      run: ({ before, after }) => {
        if (before && after.start_date !== before.start_date) throw new Error('no')
        return undefined
      }
    })
    const id = await newChange(sandbox, { cmdb_ci: cluster })
    const worker = await ended(await takeFirst(id))
    expect(worker.at('result', 'state', 'display_value')).toBe('Error')
    expect(worker.at('result', 'messages', 'errorMessages', 0)).toContain('No dates')
  })
})

describe('a worker', () => {
  it('is unknown by another sys_id', async () => {
    expect((await as(sandbox).get(`${CHANGE}/worker/unknown`)).status).toBe(404)
  })

  it('is readable whatever an administrator wrote into it', async () => {
    const id = sandbox.insert('chg_mgt_worker', { state: '3', type: 'schedule', messages: '{', payload: 'x' })
    const worker = await as(sandbox).get(`${CHANGE}/worker/${id}`)
    expect([worker.status, worker.at('result', 'messages', 'errorMessages')]).toEqual([200, []])
  })

  it('is what conflict detection returns', async () => {
    const window = { start_date: '2026-12-04 10:00:00', end_date: '2026-12-04 11:00:00' }
    const id = await newChange(sandbox, { cmdb_ci: database, ...window })
    const { post, get, send } = as(sandbox)
    const first = `${CHANGE}/worker/${(await post(`${CHANGE}/${id}/conflict`)).at('result')}`
    expect((await get(first)).at('result', 'state', 'display_value')).toBe('Waiting')
    await send('DELETE', `${CHANGE}/${id}/conflict`)
    expect((await get(first)).at('result', 'state', 'display_value')).toBe('Error')
    const second = `${CHANGE}/worker/${(await post(`${CHANGE}/${id}/conflict`)).at('result')}`
    clock.advance(1000)
    expect((await get(second)).at('result', 'state', 'display_value')).toBe('Complete')
    const conflicts = await get(`${CHANGE}/${id}/conflict`)
    expect(conflicts.at('result', 'conflicts')).toEqual([
      {
        change: { display_value: 'CHG0030001', value: id },
        type: { value: 'not_in_maintenance_window', display_value: 'Not In Maintenance Window' }
      }
    ])
  })
})
