import { type Change, ServiceNowError } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { recordActual } from './actual.ts'
import { type Entry, enterImplement } from './claim.ts'
import { holderOf, marker, readClaims } from './claims.ts'
import { checkConflicts } from './conflicts.ts'
import { ChangeError } from './flow.ts'
import { FakeInstance } from './testing/fake-client.ts'
import { failure, flowOn } from './testing/fake-flow.ts'
import type { Cell } from './testing/fake-records.ts'

const SCOPE = '0123456789ab'
const READY: Record<string, Cell> = { state: '-2', approval: 'approved', work_start: '' }
const claim = (runId: string, attempt = '1', scope = SCOPE) => ({ runId, attempt, scope })
const mark = (turn: number, runId: string, attempt = '1', scope = SCOPE) =>
  marker({ turn, ...claim(runId, attempt, scope) })

const failed = (promise: Promise<unknown>) => failure(ChangeError, promise)

let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

/** A journal as it is displayed: newest first. */
const journal = (...markers: string[]): Cell => [
  '',
  markers
    .toReversed()
    .map(one => `2026-11-21 12:00:00 - gha (Work notes)\nDeployment started.\n${one}\n\n`)
    .join('')
]

const policy = {
  proceedStates: ['scheduled', 'implement'],
  waitStates: ['new'],
  requireApproval: true,
  respectWindow: true,
  deadline: Number.POSITIVE_INFINITY,
  allowNewCommit: false
} as const satisfies Entry['policy']

function enter(change: Change, more: Partial<Entry> = {}) {
  const flow = flowOn(fake)
  const entry: Entry = {
    change,
    claim: claim('1001'),
    text: 'Deployment started.',
    policy,
    takeOver: false,
    runIsOver: async () => undefined,
    ...more
  }
  return { flow, entered: enterImplement(flow, entry) }
}

/** Another run writes at the moment of this one's claim: after it, or just before it. */
function rival(runId: string, order: 'after' | 'before') {
  let done = false
  fake.after = (verb, row) => {
    if (verb !== 'update' || row === undefined || done) return
    done = true
    const [, mine = ''] = /(\[gha claim [^\]]*\])/.exec(row.work_notes?.display ?? '') ?? []
    const both = [mine, mark(1, runId)]
    fake.set(row, { work_notes: journal(...(order === 'after' ? both : both.toReversed())) })
  }
}

describe('entering Implement', () => {
  it('claims with the move, in one request, and reads the claim back', async () => {
    const { change, claimed } = await enter(fake.add(READY)).entered
    expect(claimed).toBe(true)
    expect(change.state).toBe('-1')
    expect(fake.writes).toEqual([
      expect.stringMatching(
        /^update CHG0030001 state=-1 work_notes=Deployment started\. \[gha claim 1 1001 1 \w+\]$/
      )
    ])
    expect(fake.log.at(-1)).toMatch(/^get /)
  })

  it('writes the claim alone where the change is in Implement already', async () => {
    await enter(fake.add({ ...READY, state: '-1' })).entered
    expect(fake.writes).toEqual([expect.stringMatching(/^update CHG0030001 work_notes=/)])
  })

  it('is told just before the first write, and never when something stands in the way', async () => {
    const told: number[] = []
    const onEnter = () => void told.push(fake.writes.length)
    await enter(fake.add(READY), { onEnter }).entered
    await failed(enter(fake.add({ ...READY, on_hold: 'true' }), { onEnter }).entered)
    await failed(enter(fake.add({ ...READY, work_notes: journal(mark(1, '7')) }), { onEnter }).entered)
    expect(told).toEqual([0])
  })

  it.each(['after', 'before'] as const)('against a rival that claims at once, %s', async order => {
    rival('1002', order)
    const { entered } = enter(fake.add(READY))
    if (order === 'after') {
      expect((await entered).change.state).toBe('-1')
      expect(fake.writes).toHaveLength(1)
      return
    }
    const error = await failed(entered)
    expect(error).toMatchObject({ outcome: 'in-use', message: expect.stringContaining('run 1002') })
    expect(fake.writes.at(-1)).toMatch(
      /Run 1001 \(attempt 1\) did not deploy: run 1002 claimed the change first/
    )
    const [change] = fake.rows.map(row => fake.get(row.sys_id?.value ?? ''))
    expect(change && holderOf(readClaims(change) ?? [])?.runId).toBe('1002')
  })

  it('does not lose its answer when the correction cannot be written', async () => {
    rival('1002', 'before')
    const { entered, flow } = enter(fake.add(READY))
    fake.fail('update', 'lost', new ServiceNowError('role', { doing: 'adding a work note' }))
    expect(await failed(entered)).toMatchObject({ outcome: 'in-use' })
    expect(flow.told('warning')).toEqual([expect.stringMatching(/could not be written/)])
  })

  it('goes on with a claim of the same run, with a note for each attempt', async () => {
    const change = fake.add({ ...READY, state: '-1', work_notes: journal(mark(1, '1001')) })
    expect((await enter(change).entered).claimed).toBe(false)
    expect(fake.writes).toEqual([])
    const again = await enter(change, { claim: claim('1001', '2') }).entered
    expect(again.claimed).toBe(true)
    expect(readClaims(again.change)?.map(one => [one.turn, one.attempt])).toEqual([
      [1, '1'],
      [1, '2']
    ])
  })

  it('takes the next turn after a run that is over, or by force', async () => {
    const taken = { ...READY, state: '-1', work_notes: journal(mark(1, '7')) }
    const over = await enter(fake.add(taken), { runIsOver: async id => id === '7' }).entered
    expect(holderOf(readClaims(over.change) ?? [])).toEqual({ ...claim('1001'), turn: 2 })
    const forced = await enter(fake.add(taken), { takeOver: true }).entered
    expect(holderOf(readClaims(forced.change) ?? [])?.runId).toBe('1001')
  })

  it.each([
    ['is at work', async () => false],
    ['cannot be asked about', async () => undefined]
  ])('leaves a change whose run %s', async (_, runIsOver) => {
    const change = fake.add({ ...READY, state: '-1', work_notes: journal(mark(1, '7', '3')) })
    const error = await failed(enter(change, { runIsOver }).entered)
    expect(error).toMatchObject({ outcome: 'in-use', message: expect.stringContaining('run 7 (attempt 3)') })
    expect(fake.writes).toEqual([])
  })

  it('asks about nobody but the one that has the change', async () => {
    const asked: string[] = []
    const runIsOver = async (id: string) => {
      asked.push(id)
      return false
    }
    const lost = journal(mark(1, '7'), mark(2, '8'), mark(2, '9'), mark(1, '6'))
    await failed(enter(fake.add({ ...READY, work_notes: lost }), { runIsOver }).entered)
    expect(asked).toEqual(['8'])
  })

  it('keeps environments of one run apart', async () => {
    const change = fake.add({ ...READY, work_notes: journal(mark(1, '1001', '1', 'ffffffffffff')) })
    const error = await failed(enter(change, { runIsOver: async () => true }).entered)
    expect(error).toMatchObject({
      outcome: 'in-use',
      message: expect.stringContaining('another environment')
    })
  })

  it('cannot do without the journal', async () => {
    const change = fake.add(READY)
    delete fake.rows[0]?.work_notes
    expect(await failed(enter(change).entered)).toMatchObject({
      outcome: 'error',
      message: expect.stringContaining('change_request.work_notes')
    })
    expect(fake.writes).toEqual([])
  })

  it.each([
    [{ approval: 'requested', state: '-3' }, 'unexpected-state'],
    [{ on_hold: 'true' }, 'unexpected-state'],
    [{ state: '4' }, 'canceled'],
    [{ approval: 'rejected' }, 'rejected'],
    [{ end_date: '2026-11-21 11:59:59' }, 'window-closed'],
    [{ start_date: '2026-11-21 12:00:01' }, 'window-not-open'],
    [{ state: '0' }, 'unexpected-state']
  ])('looks once more: %j', async (now, outcome) => {
    const change = fake.add(READY)
    fake.set(change, now)
    const { entered } = enter(change, { policy: { ...policy, deadline: fake.now } })
    expect(await failed(entered)).toMatchObject({ outcome })
    expect(fake.writes).toEqual([])
  })
})

describe('the claims in a journal', () => {
  it('are read to the letter', () => {
    const text = ['[gha claim 1 7 1 0123]', `[gha claim x 7 1 ${SCOPE}]`, '[gha 3f2a9c41b07d]', mark(1, '7')]
    expect(readClaims(fake.add({ work_notes: journal(...text) }))).toEqual([{ ...claim('7'), turn: 1 }])
    expect(holderOf([])).toBeUndefined()
  })

  it('a correction is none', () => {
    const lost = mark(1, '7').replace('claim', 'claim-lost')
    expect(readClaims(fake.add({ work_notes: journal(lost) }))).toEqual([])
  })
})

describe('actual start and end', () => {
  it('are written on the instance’s clock, only where they are empty', async () => {
    fake.skew = 60_000
    const change = await recordActual(flowOn(fake), fake.add(READY), 'work_start')
    expect(change.fields.work_start?.value).toBe('2026-11-21 12:01:00')
    await recordActual(flowOn(fake), change, 'work_start')
    // The account may not read it: nothing is known, and nothing is written.
    await recordActual(flowOn(fake), change, 'work_end')
    await recordActual(flowOn(fake, { dryRun: true }), fake.add(READY), 'work_start')
    expect(fake.writes).toHaveLength(1)
  })

  it('are no reason to stop', async () => {
    const change = fake.add(READY)
    const flow = flowOn(fake)
    fake.fail('update', new ServiceNowError('role', { doing: 'writing' }))
    expect(await recordActual(flow, change, 'work_start')).toBe(change)
    expect(flow.told('warning')).toEqual([expect.stringMatching(/the actual start could not be written/)])
  })
})

describe('conflict detection', () => {
  const planned: Record<string, Cell> = {
    cmdb_ci: ['ci-1', 'prod'],
    start_date: '2026-11-21 12:00:00',
    end_date: '2026-11-21 13:00:00'
  }
  const found = [{ change: 'CHG0039999', type: 'CI Already Scheduled' }]

  /** An instance whose report is ready after some looks; before that it shows the last one. */
  function detecting(looks: number, before: string) {
    let started = Number.POSITIVE_INFINITY
    let asked = 0
    const flow = flowOn(fake)
    const changes = {
      ...flow.client.changes,
      startConflictCheck: async () => {
        started = asked
      },
      conflicts: async () => {
        asked += 1
        const ready = asked - started > looks
        return ready
          ? { lastRun: '2026-11-21 12:00:09', done: true, conflicts: found }
          : { lastRun: before, done: true, conflicts: [] }
      }
    }
    return { ...flow, client: { ...flow.client, changes } }
  }

  it.each(['', '2026-11-21 11:00:00'])('waits for its own report after %j', async before => {
    const check = await checkConflicts(detecting(5, before), fake.add(planned))
    expect(check).toEqual({ kind: 'report', conflicts: found })
  })

  it('gives up after a minute', async () => {
    const startedAt = fake.now
    expect(await checkConflicts(detecting(1_000, ''), fake.add(planned))).toEqual({ kind: 'unfinished' })
    expect(fake.now - startedAt).toBe(60_000)
  })

  it.each(['cmdb_ci', 'start_date', 'end_date'])('needs %s', async field => {
    const check = await checkConflicts(detecting(0, ''), fake.add({ ...planned, [field]: '' }))
    expect(check).toEqual({ kind: 'no-basis' })
  })
})
