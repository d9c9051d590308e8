import { type Approval, type ClientProblem, clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { OperationEvent } from '../events.ts'
import { contextOn, type FakeContext, rejectionOf } from '../testing/fake-context.ts'
import { FakeInstance } from '../testing/fake-instance.ts'
import { type Cell, FIRST_MOMENT } from '../testing/fake-records.ts'
import type { Progress, Wait } from './types.ts'
import { waitForApproval } from './wait.ts'

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
/** The codes whose facts are those of any failed request. */
type RequestCode = 'connection' | 'not-json' | 'partial' | 'rate-limit' | 'redirect' | 'refused' | 'role'
const fault = (code: string, status: number, afterMs?: number): ClientProblem =>
  clientProblem(
    code as RequestCode,
    { operation: 'reading the change', status, message: 'a page' },
    { afterMs }
  )
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
  const context = contextOn(fake)
  for (const [ms, event] of Object.entries(events)) {
    context.at(Number(ms), typeof event === 'function' ? event : () => fake.set(change, event))
  }
  const { policy, ...rest } = more
  const waited = waitForApproval(context, {
    sysId: change.sysId,
    timeoutMs: HOUR,
    intervalMs: MINUTE,
    ...rest,
    policy: { ...POLICY, ...policy }
  })
  return { context, waited, change }
}

/** What the waiting events told: the state, and who has yet to decide. */
const waiting = (context: FakeContext) =>
  context.told('waiting').map(({ reason, pending }) => ({
    state: 'state' in reason ? reason.state : reason.code,
    pending: pending.map(one => one.approver)
  }))

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

  it('tells why, with a warning where the work counts as done', async () => {
    const review = await start({ ...APPROVED, state: '0' }).waited
    expect(review).toMatchObject({ warning: 'in-review', reason: { code: 'approved', state: 'Review' } })
    expect((await start(APPROVED).waited).warning).toBeUndefined()
    const { reason, polls, waitedMs, timeoutMs } = await start(ASSESS, {}, { timeoutMs: MINUTE }).waited
    expect(reason).toEqual({ code: 'waiting-for-approval', state: 'Assess', approval: 'requested' })
    expect({ waitedMs, timeoutMs }).toEqual({ waitedMs: MINUTE, timeoutMs: MINUTE })
    expect(polls).toBeGreaterThan(5)
  })

  it('counts the requests of the wait alone', async () => {
    const stats = { requests: 7, requestErrors: 0 }
    const context = contextOn(fake, { client: { ...fake.client, stats } })
    fake.after = () => {
      stats.requests += 1
    }
    const wait = { sysId: fake.add(APPROVED).sysId, policy: POLICY, timeoutMs: HOUR, intervalMs: MINUTE }
    expect((await waitForApproval(context, wait)).requests).toBe(2)
  })
})

describe('polls', () => {
  const reads = () => fake.log.filter(line => line.startsWith('get')).length

  it('with no time to wait is exactly one', async () => {
    expect(await start(ASSESS, {}, { timeoutMs: 0 }).waited).toMatchObject({
      outcome: 'timeout',
      polls: 1,
      waitedMs: 0
    })
    expect(reads()).toBe(1)
  })

  it('come soon at first, then once an interval, then a last time at the deadline', async () => {
    const { context, waited } = start(ASSESS, {}, { timeoutMs: 10 * MINUTE })
    await waited
    expect(context.slept.slice(0, 3)).toEqual([5_000, 5_000, 5_000])
    expect(Math.max(...context.slept)).toBe(MINUTE)
    expect(context.slept.reduce((sum, ms) => sum + ms)).toBe(10 * MINUTE)
    expect(reads()).toBe(context.slept.length + 1)
  })

  it('find what came in the last moment', async () => {
    const { waited } = start(ASSESS, { [10 * MINUTE - 1]: APPROVED }, { timeoutMs: 10 * MINUTE })
    expect(await waited).toMatchObject({ outcome: 'approved', waitedMs: 10 * MINUTE })
  })

  it('are not retried, for the next poll is the retry; the last one is, for there is no next', async () => {
    await start(ASSESS, {}, { timeoutMs: 12_000 }).waited
    expect(fake.retries).toEqual([0, 0, 0, undefined])
  })

  it('tell their progress, so that an interruption can', async () => {
    const told: Progress[] = []
    fake.approverRows = [approver('Kim')]
    await start(ASSESS, { 4000: APPROVED }, { onPoll: progress => void told.push(progress) }).waited
    const known = told.map(one => `poll ${one.polls} after ${one.waitedMs} ms: ${one.change?.state}`)
    expect([...new Set(known)]).toEqual(['poll 1 after 0 ms: -4', 'poll 2 after 5000 ms: -2'])
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

describe('a temporary error never ends the wait', () => {
  it('be it twenty minutes of maintenance', async () => {
    fake.fail('get', ...Array.from({ length: 30 }, () => fault('unavailable', 503)))
    const { context, waited } = start(ASSESS, { 60000: APPROVED })
    const { outcome, waitedMs } = await waited
    expect(outcome).toBe('approved')
    expect(waitedMs).toBeGreaterThan(15 * MINUTE)
    expect(context.events[0]).toMatchObject({
      type: 'poll-failed',
      problem: { code: 'unavailable', facts: { status: 503, message: 'a page' } },
      waitedMs: 0
    })
  })

  it.each([
    'connection',
    'request-timeout',
    'rate-limit',
    'server-error',
    'transaction-canceled',
    'truncated',
    'partial',
    'not-json',
    'proxy-down',
    'dns-down',
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

  it('a limit slows the polls down, and they recover', async () => {
    fake.fail('get', ...Array.from({ length: 3 }, () => fault('rate-limit', 429)))
    const { context, waited } = start(ASSESS, {}, { timeoutMs: 30 * MINUTE })
    expect((await waited).outcome).toBe('timeout')
    expect(context.slept.slice(0, 3)).toEqual([10_000, 20_000, 8 * 5_490])
  })

  it('at the deadline is a time-out, or, when nothing was ever read, an error', async () => {
    const { waited } = start(ASSESS, {
      30000: () => fake.fail('get', ...Array(200).fill(fault('unavailable', 503)))
    })
    const seen = await waited
    expect(seen).toMatchObject({
      outcome: 'timeout',
      change: { state: '-4' },
      problem: { code: 'unavailable' }
    })
    expect(seen.reason).toBeUndefined()
    fake = new FakeInstance()
    fake.fail('get', ...Array(200).fill(fault('unavailable', 503)))
    expect(await start(ASSESS).waited).toMatchObject({
      outcome: 'error',
      change: undefined,
      problem: { code: 'unavailable' }
    })
  })

  it('in the approver rows does not hide an approval', async () => {
    fake.fail('approvals', ...Array(500).fill(fault('server-error', 500)))
    expect(await start(ASSESS, { 60000: APPROVED }).waited).toMatchObject({
      outcome: 'approved',
      approvals: undefined
    })
  })
})

describe('an error that time does not heal ends the wait at once', () => {
  it.each([
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
    const { outcome, problem, waitedMs } = await waited
    expect({ outcome, code: problem?.code }).toEqual({ outcome: 'error', code })
    expect(waitedMs).toBeLessThan(MINUTE)
  })

  it('a defect or an interruption is thrown, not swallowed', async () => {
    fake.after = verb => {
      if (verb === 'get') throw new TypeError('x is undefined')
    }
    expect(await rejectionOf(start(ASSESS).waited)).toBeInstanceOf(TypeError)
  })
})

describe('approver rows', () => {
  const reads = () => fake.log.filter(line => line.startsWith('approvals')).length

  it('are read when something changes, not with every poll', async () => {
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

  it('that are refused for an hour do not stop the polls of the change', async () => {
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

  it('name those who have yet to decide now, also while the wait gives way to others', async () => {
    fake.approverRows = [approver('Kim')]
    const passed = () => {
      fake.approverRows = [approver('Kim', 'approved'), approver('Lee')]
    }
    const refused = () => fake.fail('get', fault('rate-limit', 429))
    const { context, waited, change } = start(
      ASSESS,
      { 60000: refused, 120000: passed },
      { timeoutMs: 8 * MINUTE }
    )
    context.at(120000, () => fake.set(change, { state: '-3' }))
    const { pending } = await waited
    const told = waiting(context).filter(one => one.state === 'Authorize')
    expect(told.length).toBeGreaterThan(0)
    for (const one of told) expect(one.pending).toEqual(['Lee'])
    expect(pending.map(one => one.approver)).toEqual(['Lee'])
  })

  it('are not named when they are older than ten minutes', async () => {
    fake.approverRows = [approver('Kim')]
    // The wait gives way for so long that the rows are not read again.
    const refused = () => fake.fail('get', ...Array(4).fill(fault('rate-limit', 429)))
    const { context, waited } = start(ASSESS, { 0: refused }, { timeoutMs: 30 * MINUTE })
    await waited
    const times = context.told('waiting').map(event => [event.waitedMs, event.pending.length])
    const named = times.filter(([, pending]) => pending === 1).map(([ms = 0]) => ms)
    const unnamed = times.filter(([, pending]) => pending === 0).map(([ms = 0]) => ms)
    expect(unnamed.length).toBeGreaterThan(0)
    expect(Math.min(...unnamed)).toBeGreaterThan(10 * MINUTE)
    expect(Math.max(...named)).toBeLessThanOrEqual(15 * MINUTE)
  })

  it('of another status are forgotten when the new ones cannot be read', async () => {
    fake.approverRows = [approver('Kim')]
    const passed = () => fake.fail('approvals', ...Array(99).fill(fault('server-error', 500)))
    const { context, waited, change } = start(ASSESS, { 60000: passed }, { timeoutMs: 5 * MINUTE })
    context.at(60000, () => fake.set(change, { state: '-3' }))
    expect((await waited).approvals).toBeUndefined()
    const told = waiting(context).filter(one => one.state === 'Authorize')
    expect(told.length).toBeGreaterThan(0)
    for (const one of told) expect(one.pending).toEqual([])
  })

  it('are read with every poll until it is known that an approval was requested', async () => {
    const { waited } = start({}, { 30000: ASSESS }, { timeoutMs: 2 * MINUTE })
    const { polls } = await waited
    const early = fake.log.slice(0, fake.log.lastIndexOf('approvals')).filter(line => line === 'approvals')
    expect(early.length).toBe(7)
    expect(polls).toBeGreaterThan(10)
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

describe('the events', () => {
  it('tell who has yet to decide, once, and again when it changes', async () => {
    const rows = [
      approver('Kim Lee'),
      { ...approver(''), group: 'CAB Approval' },
      approver('Lou', 'approved')
    ]
    fake.approverRows = rows
    const { context, waited } = start(ASSESS, { 60000: { state: '-3' }, 90000: APPROVED })
    await waited
    const pending = rows.slice(0, 2)
    const reason = { code: 'waiting-for-approval', approval: 'requested' }
    expect(context.events).toMatchObject([
      { type: 'waiting', reason: { ...reason, state: 'Assess' }, pending, waitedMs: 0 },
      { type: 'waiting', reason: { ...reason, state: 'Authorize' }, pending, waitedMs: 69_510 }
    ])
  })

  it('tell of a failed poll once, and of another problem', async () => {
    fake.fail('get', fault('unavailable', 503), fault('unavailable', 503), fault('server-error', 500))
    const { context, waited } = start(ASSESS, { 12000: APPROVED })
    await waited
    expect(context.told('poll-failed').map(({ problem, waitedMs }) => [problem.code, waitedMs])).toEqual([
      ['unavailable', 0],
      ['server-error', 10_000]
    ])
  })

  it('do not repeat a rate limit whose reset is told a little otherwise each time', async () => {
    const limited = (resetsAt: number) =>
      clientProblem('rate-limit', { operation: 'reading the change', status: 429, resetsAt })
    fake.fail('get', limited(1), limited(2), limited(3))
    const { context, waited } = start(APPROVED)
    await waited
    expect(context.told('poll-failed')).toHaveLength(1)
  })

  it('explain a hold and an approval that was never requested', async () => {
    const held = { ...APPROVED, on_hold: 'true', on_hold_reason: 'freeze' }
    expect((await start(held, {}, { timeoutMs: 0 }).waited).reason).toEqual({
      code: 'on-hold',
      holdReason: 'freeze'
    })
    expect((await start({}, {}, { timeoutMs: 0 }).waited).reason).toEqual({ code: 'never-requested' })
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
  ])('come at least every five minutes: %s', async (_, more, events) => {
    const change = fake.add(ASSESS)
    const told: { at: number; event: OperationEvent }[] = []
    const startedAt = fake.now
    const context = contextOn(fake, { onEvent: event => void told.push({ at: fake.now, event }) })
    for (const [ms, event] of Object.entries(events)) {
      context.at(Number(ms), typeof event === 'function' ? event : () => fake.set(change, event))
    }
    const wait = { sysId: change.sysId, policy: POLICY, timeoutMs: HOUR, intervalMs: MINUTE, ...more }
    await waitForApproval(context, wait)
    const times = [startedAt, ...told.map(one => one.at), fake.now]
    const silences = times.slice(1).map((moment, n) => moment - (times[n] ?? 0))
    expect(Math.max(...silences)).toBeLessThanOrEqual(5 * MINUTE)
    expect(told.length).toBeLessThan(25)
    for (const { at, event } of told) expect(event).toMatchObject({ waitedMs: at - startedAt })
  })

  it('repeat the last one during a long pause, with the time waited since', async () => {
    const { context, waited } = start(ASSESS, {}, { intervalMs: HOUR, timeoutMs: HOUR })
    await waited
    const events = context.told('waiting')
    const last = events.at(-1)
    const repeated = events.filter(one => one.change === last?.change)
    expect(repeated.length).toBeGreaterThan(1)
    for (const [n, one] of repeated.slice(1).entries())
      expect(one).toEqual({ ...repeated[0], waitedMs: (repeated[n]?.waitedMs ?? 0) + 5 * MINUTE })
  })

  it('bring what is new with the heartbeat', async () => {
    fake.approverRows = [approver('Kim'), approver('Lou')]
    const lessWaitFor = () => {
      fake.approverRows = [approver('Lou')]
    }
    const { context, waited } = start(ASSESS, { 150000: lessWaitFor }, { timeoutMs: 6 * MINUTE })
    await waited
    expect(waiting(context).map(one => one.pending)).toEqual([['Kim', 'Lou'], ['Lou']])
  })
})
