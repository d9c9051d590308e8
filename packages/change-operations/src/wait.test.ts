import { type Approval, type ErrorCode, ServiceNowError } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { FakeInstance } from './testing/fake-client.ts'
import { failure, flowOn } from './testing/fake-flow.ts'
import { type Cell, FIRST_MOMENT } from './testing/fake-records.ts'
import { type Progress, type Wait, waitForApproval } from './wait.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const COMMIT = '3f2a9c41b07d5566778899aabbccddeeff001122'
const POLICY: Wait['policy'] = {
  proceedStates: ['scheduled', 'implement', 'review'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  allowNewCommit: false,
  commit: COMMIT
}
let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

const at = (ms: number) => new Date(FIRST_MOMENT + ms).toISOString().replace('T', ' ').slice(0, 19)
const fault = (code: ErrorCode, status: number, retryAfterMs?: number) =>
  new ServiceNowError(code, { doing: 'reading the change', status, answer: 'a page', retryAfterMs })
const approver = (name: string, state = 'requested'): Approval => ({
  approver: name,
  group: '',
  state,
  comments: '',
  at: ''
})

/** A wait for a change as given; `events` happen on the instance that many milliseconds later. */
function start(
  cells: Record<string, Cell>,
  events: Record<number, Record<string, Cell> | (() => void)> = {},
  more: Partial<Omit<Wait, 'policy'>> & { policy?: Partial<Wait['policy']> } = {}
) {
  const change = fake.add(cells)
  const flow = flowOn(fake)
  for (const [ms, event] of Object.entries(events)) {
    flow.at(Number(ms), typeof event === 'function' ? event : () => fake.set(change, event))
  }
  const { policy, ...rest } = more
  const waited = waitForApproval(flow, {
    sysId: change.sysId,
    timeoutMs: HOUR,
    intervalMs: MINUTE,
    ...rest,
    policy: { ...POLICY, ...policy }
  })
  return { flow, waited, change }
}

const ASSESS = { state: '-4', approval: 'requested' }
const APPROVED = { state: '-2', approval: 'approved' }

describe('every outcome', () => {
  it.each<[string, string, Record<string, Cell>, Record<number, Record<string, Cell>>]>([
    ['approved', 'at once', APPROVED, {}],
    ['approved', 'later', ASSESS, { 90000: APPROVED }],
    ['approved', 'in Implement', { ...APPROVED, state: '-1' }, {}],
    ['approved', 'after a hold', { ...APPROVED, on_hold: 'true' }, { 90000: { on_hold: 'false' } }],
    ['rejected', 'which goes back to New', ASSESS, { 90000: { state: '-5', approval: 'rejected' } }],
    ['canceled', 'whatever its approval', ASSESS, { 90000: { state: '4' } }],
    ['closed', 'already', { ...APPROVED, state: '3' }, {}],
    ['unauthorized', 'although approved', { ...APPROVED, unauthorized: 'true' }, {}],
    ['withdrawn', 'back in New', ASSESS, { 90000: { state: '-5', approval: 'not requested' } }],
    ['unexpected-state', 'of the instance’s own', ASSESS, { 90000: { state: ['107', 'Testing'] } }],
    [
      'stale-approval',
      'for another commit',
      { ...APPROVED, correlation_display: 'gha 000000000000 42 3f2a9c41b07d' },
      {}
    ],
    [
      'approved',
      'for this commit',
      { ...APPROVED, correlation_display: 'gha 3f2a9c41b07d 42 3f2a9c41b07d' },
      {}
    ],
    ['timeout', 'waiting', ASSESS, {}],
    ['timeout', 'in Scheduled without an approval', { state: '-2' }, {}],
    ['timeout', 'in New, never submitted', {}, {}]
  ])('%s %s', async (outcome, _, cells, events) => {
    expect((await start(cells, events).waited).outcome).toBe(outcome)
  })

  it.each([
    ['window-closed', -2 * HOUR, -1],
    ['window-closed', -HOUR, 10 * MINUTE],
    ['window-not-open', 2 * HOUR, 3 * HOUR],
    ['approved', -HOUR, 3 * HOUR]
  ])('%s with a window from %d to %d', async (outcome, opens, closes) => {
    const window = { start_date: at(opens), end_date: at(closes) }
    const events = outcome === 'window-closed' && closes > 0 ? {} : { 0: APPROVED }
    expect((await start({ ...ASSESS, ...window }, events).waited).outcome).toBe(outcome)
  })

  it('a window does not bind where it is to be ignored', async () => {
    const window = { start_date: at(2 * HOUR), end_date: at(3 * HOUR) }
    const { waited } = start({ ...APPROVED, ...window }, {}, { policy: { respectWindow: false } })
    expect((await waited).outcome).toBe('approved')
  })

  it('says why, with a warning where the work counts as done', async () => {
    const review = await start({ ...APPROVED, state: '0' }).waited
    expect(review.warning).toContain('Review')
    const { reason, polls, waitedMs } = await start(ASSESS, {}, { timeoutMs: MINUTE }).waited
    expect(reason).toBe('no decision within 60 s: waiting for approval: state Assess, approval requested')
    expect(waitedMs).toBe(MINUTE)
    expect(polls).toBeGreaterThan(5)
  })
})

describe('looks', () => {
  const looks = () => fake.log.filter(line => line.startsWith('get')).length

  it('with no time to wait is exactly one', async () => {
    expect(await start(ASSESS, {}, { timeoutMs: 0 }).waited).toMatchObject({
      outcome: 'timeout',
      polls: 1,
      waitedMs: 0
    })
    expect(looks()).toBe(1)
  })

  it('come soon at first, then once an interval, then a last time at the deadline', async () => {
    const { flow, waited } = start(ASSESS, {}, { timeoutMs: 10 * MINUTE })
    await waited
    expect(flow.slept.slice(0, 3)).toEqual([5_000, 5_000, 5_000])
    expect(Math.max(...flow.slept)).toBe(MINUTE)
    expect(flow.slept.reduce((sum, ms) => sum + ms)).toBe(10 * MINUTE)
    expect(looks()).toBe(flow.slept.length + 1)
  })

  it('find what came in the last moment', async () => {
    const { waited } = start(ASSESS, { [10 * MINUTE - 1]: APPROVED }, { timeoutMs: 10 * MINUTE })
    expect(await waited).toMatchObject({ outcome: 'approved', waitedMs: 10 * MINUTE })
  })

  it('are not retried, for the next look is the retry; the last one is, for there is no next', async () => {
    await start(ASSESS, {}, { timeoutMs: 12_000 }).waited
    expect(fake.retries).toEqual([0, 0, 0, undefined])
  })

  it('tell their progress, so that an interruption can', async () => {
    const told: Progress[] = []
    fake.approverRows = [approver('Kim')]
    await start(ASSESS, { 4000: APPROVED }, { onLook: progress => void told.push(progress) }).waited
    const known = told.map(one => `look ${one.polls} after ${one.waitedMs} ms: ${one.change?.state}`)
    expect([...new Set(known)]).toEqual(['look 1 after 0 ms: -4', 'look 2 after 5000 ms: -2'])
    expect(told.at(-1)?.approvals).toEqual([approver('Kim')])
  })

  it('come the moment a window opens, on the instance’s clock', async () => {
    fake.skew = 7_000
    const opens = Math.floor((fake.now + fake.skew + 400_000) / 1000) * 1000
    const start_date = new Date(opens).toISOString().replace('T', ' ').slice(0, 19)
    const { waited } = start({ ...APPROVED, start_date })
    expect(await waited).toMatchObject({ outcome: 'approved', waitedMs: 400_000 })
  })

  it('wait for a window that opens before the deadline, whatever the clocks say', async () => {
    fake.skew = 10 * MINUTE
    const { waited } = start({ ...APPROVED, start_date: at(25 * MINUTE) }, {}, { timeoutMs: 20 * MINUTE })
    expect(await waited).toMatchObject({ outcome: 'approved', waitedMs: 15 * MINUTE })
  })

  it('are not early for a window when the runner’s clock is ahead', async () => {
    fake.skew = -5 * MINUTE
    const { waited } = start({ ...APPROVED, start_date: at(0) })
    expect(await waited).toMatchObject({ outcome: 'approved', waitedMs: 5 * MINUTE })
  })
})

describe('a fault that passes never ends the wait', () => {
  it('be it twenty minutes of maintenance', async () => {
    fake.fail('get', ...Array.from({ length: 30 }, () => fault('unavailable', 503)))
    const { flow, waited } = start(ASSESS, { 60000: APPROVED })
    const { outcome, waitedMs } = await waited
    expect(outcome).toBe('approved')
    expect(waitedMs).toBeGreaterThan(15 * MINUTE)
    expect(flow.told('info')[0]).toContain('ServiceNow 503: instance unavailable (a page). Still waiting')
  })

  it.each<ErrorCode>([
    'connection',
    'timeout',
    'rate-limit',
    'server-error',
    'cancelled',
    'truncated',
    'partial',
    'not-json',
    'proxy-down',
    'refused'
  ])('nor is it taken for an approval (%s)', async code => {
    fake.fail('get', fault(code, 500), fault(code, 500))
    const waited = await start(APPROVED).waited
    expect(waited).toMatchObject({ outcome: 'approved', polls: 3 })
    fake.fail('get', ...Array.from({ length: 200 }, () => fault(code, 500)))
    expect((await start(APPROVED).waited).outcome).not.toBe('approved')
  })

  it('a limit that resets in an hour is not waited for beyond the deadline', async () => {
    fake.fail('get', fault('rate-limit', 429, HOUR))
    const { waited } = start(APPROVED, {}, { timeoutMs: 10 * MINUTE })
    expect(await waited).toMatchObject({ outcome: 'approved', polls: 2, waitedMs: 10 * MINUTE })
  })

  it('a limit slows the looks down, and they recover', async () => {
    fake.fail('get', ...Array.from({ length: 3 }, () => fault('rate-limit', 429)))
    const { flow, waited } = start(ASSESS, {}, { timeoutMs: 30 * MINUTE })
    expect((await waited).outcome).toBe('timeout')
    expect(flow.slept.slice(0, 3)).toEqual([10_000, 20_000, 8 * 5_490])
  })

  it('at the deadline is a time-out, or, when nothing was ever seen, an error', async () => {
    const { waited } = start(ASSESS, {
      30000: () => fake.fail('get', ...Array(200).fill(fault('unavailable', 503)))
    })
    const seen = await waited
    expect(seen).toMatchObject({
      outcome: 'timeout',
      change: { state: '-4' },
      error: { code: 'unavailable' }
    })
    expect(seen.reason).toContain('and the last look failed')
    fake = new FakeInstance()
    fake.fail('get', ...Array(200).fill(fault('unavailable', 503)))
    expect(await start(ASSESS).waited).toMatchObject({ outcome: 'error', change: undefined })
  })

  it('in the approver rows does not hide an approval', async () => {
    fake.fail('approvals', ...Array(500).fill(fault('server-error', 500)))
    expect(await start(ASSESS, { 60000: APPROVED }).waited).toMatchObject({
      outcome: 'approved',
      approvals: undefined
    })
  })
})

describe('a fault that stays ends the wait at once', () => {
  it.each<[ErrorCode, number]>([
    ['credentials', 401],
    ['sign-in', 401],
    ['role', 403],
    ['forbidden', 403],
    ['not-found', 404],
    ['redirect', 302],
    ['login-page', 200],
    ['hibernating', 200]
  ])('%s', async (code, status) => {
    const { waited } = start(ASSESS, { 20000: () => fake.fail('get', fault(code, status)) })
    const { outcome, error, waitedMs } = await waited
    expect({ outcome, code: error?.code }).toEqual({ outcome: 'error', code })
    expect(waitedMs).toBeLessThan(MINUTE)
  })

  it('a defect or an interruption is thrown, not swallowed', async () => {
    fake.after = verb => {
      if (verb === 'get') throw new TypeError('x is undefined')
    }
    await failure(TypeError, start(ASSESS).waited)
  })
})

describe('approver rows', () => {
  const reads = () => fake.log.filter(line => line.startsWith('approvals')).length

  it('are read when something changes, not at every look', async () => {
    fake.approverRows = [approver('Kim')]
    await start(ASSESS, { 100000: { state: '-3' }, 120000: APPROVED }, { timeoutMs: 4 * MINUTE }).waited
    expect(reads()).toBe(3)
  })

  it('are not read while the wait gives way to others, until somebody decided', async () => {
    fake.approverRows = [approver('Kim')]
    const refusals = () => fake.fail('get', fault('rate-limit', 429), fault('rate-limit', 429))
    const { waited } = start(ASSESS, { 60000: refusals, [20 * MINUTE]: APPROVED })
    expect((await waited).outcome).toBe('approved')
    expect(reads()).toBe(2)
  })

  it('that were left out while giving way are read at the end', async () => {
    fake.approverRows = [approver('Kim')]
    fake.fail('approvals', fault('rate-limit', 429))
    const { waited } = start(ASSESS, { 600000: APPROVED })
    expect(await waited).toMatchObject({ outcome: 'approved', approvals: [approver('Kim')] })
    expect(reads()).toBe(2)
  })

  it('that are refused for an hour keep nobody from looking at the change', async () => {
    fake.approverRows = [approver('Kim')]
    fake.fail('approvals', ...Array(9).fill(fault('rate-limit', 429, HOUR)))
    const { waited } = start(ASSESS, { 60000: APPROVED })
    const { outcome, waitedMs, approvals } = await waited
    expect({ outcome, approvals }).toEqual({ outcome: 'approved', approvals: undefined })
    expect(waitedMs).toBeLessThan(3 * MINUTE)
    expect(reads()).toBe(1)
  })

  it('that are refused hold back no approval', async () => {
    fake.fail('approvals', ...Array(9).fill(fault('rate-limit', 429, MINUTE)))
    expect(await start(APPROVED).waited).toMatchObject({ outcome: 'approved', waitedMs: 0 })
    expect(reads()).toBe(1)
  })

  it('name who is asked now, also while the wait gives way to others', async () => {
    fake.approverRows = [approver('Kim')]
    const passed = () => {
      fake.approverRows = [approver('Kim', 'approved'), approver('Lee')]
    }
    const refused = () => fake.fail('get', fault('rate-limit', 429))
    const { flow, waited, change } = start(
      ASSESS,
      { 60000: refused, 120000: passed },
      { timeoutMs: 8 * MINUTE }
    )
    flow.at(120000, () => fake.set(change, { state: '-3' }))
    await waited
    const told = flow.told('info').filter(line => line.includes('state Authorize'))
    expect(told.length).toBeGreaterThan(0)
    for (const line of told) expect(line).toContain('Yet to approve: Lee.')
  })

  it('of another status are forgotten when the new ones cannot be read', async () => {
    fake.approverRows = [approver('Kim')]
    const passed = () => fake.fail('approvals', ...Array(99).fill(fault('server-error', 500)))
    const { flow, waited, change } = start(ASSESS, { 60000: passed }, { timeoutMs: 5 * MINUTE })
    flow.at(60000, () => fake.set(change, { state: '-3' }))
    expect((await waited).approvals).toBeUndefined()
    for (const line of flow.told('info').filter(one => one.includes('state Authorize')))
      expect(line).not.toContain('Kim')
  })

  it('tell a change that was withdrawn before the wait from one never submitted', async () => {
    fake.approverRows = [approver('Kim', 'cancelled')]
    expect((await start({}).waited).outcome).toBe('withdrawn')
    fake.approverRows = []
    expect((await start({}).waited).outcome).toBe('timeout')
  })

  it('that may not be read are no reason to stop', async () => {
    fake.approverRows = undefined
    expect(await start(ASSESS, { 60000: APPROVED }).waited).toMatchObject({
      outcome: 'approved',
      approvals: undefined
    })
  })
})

describe('the log', () => {
  it('says who has yet to approve, once, and again when it changes', async () => {
    fake.approverRows = [
      approver('Kim Lee'),
      { ...approver(''), group: 'CAB Approval' },
      approver('Lou', 'approved')
    ]
    const { flow, waited } = start(ASSESS, { 60000: { state: '-3' }, 90000: APPROVED })
    await waited
    expect(flow.told('info')).toEqual([
      'CHG0030001: waiting for approval: state Assess, approval requested. Yet to approve: Kim Lee, somebody (CAB Approval).',
      'CHG0030001: waiting for approval: state Authorize, approval requested. Yet to approve: Kim Lee, somebody (CAB Approval). (70 s so far)'
    ])
  })

  it('names at most ten', async () => {
    fake.approverRows = Array.from({ length: 12 }, (_, n) => approver(`A${n}`))
    const { flow, waited } = start(ASSESS, { 6000: APPROVED })
    await waited
    expect(flow.told('info')[0]).toMatch(/A9 and 2 more\.$/)
  })

  it('explains a hold and an approval that nobody asked for', async () => {
    expect(
      (await start({ ...APPROVED, on_hold: 'true', on_hold_reason: 'freeze' }, {}, { timeoutMs: 0 }).waited)
        .reason
    ).toContain('on hold: freeze')
    expect((await start({}, {}, { timeoutMs: 0 }).waited).reason).toContain('approval was never requested')
  })

  it.each([
    ['a short interval', {}, {}],
    ['an interval of an hour', { intervalMs: HOUR }, {}],
    [
      'a limit that resets much later',
      {},
      { 20000: () => fake.fail('get', fault('rate-limit', 429, 40 * MINUTE)) }
    ],
    ['a window that opens much later', {}, { 0: { ...APPROVED, start_date: at(50 * MINUTE) } }]
  ])('is never silent for more than five minutes: %s', async (_, more, events) => {
    const change = fake.add(ASSESS)
    const flow = flowOn(fake)
    const spoken: number[] = [fake.now]
    const report = { ...flow.report, info: () => void spoken.push(fake.now) }
    for (const [ms, event] of Object.entries(events)) {
      flow.at(Number(ms), typeof event === 'function' ? event : () => fake.set(change, event))
    }
    const wait = { sysId: change.sysId, policy: POLICY, timeoutMs: HOUR, intervalMs: MINUTE, ...more }
    await waitForApproval({ ...flow, report }, wait)
    const silences = [...spoken, fake.now].slice(1).map((moment, n) => moment - (spoken[n] ?? 0))
    expect(Math.max(...silences)).toBeLessThanOrEqual(5 * MINUTE)
    expect(spoken.length).toBeLessThan(25)
  })

  it('brings what is new with its heartbeat', async () => {
    fake.approverRows = [approver('Kim'), approver('Lou')]
    const lessWaitFor = () => {
      fake.approverRows = [approver('Lou')]
    }
    const { flow, waited } = start(ASSESS, { 150000: lessWaitFor }, { timeoutMs: 6 * MINUTE })
    await waited
    expect(flow.told('info').at(-1)).toMatch(/Yet to approve: Lou\. \(\d+ s so far\)$/)
  })
})
