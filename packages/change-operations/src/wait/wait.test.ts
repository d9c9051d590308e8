import { OAUTH_CLIENTS } from '@change-actions/sandbox'
import { Interrupted } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { OperationEvent } from '../events.ts'
import { contextOn, rejectionOf, type TestContext } from '../testing/context.ts'
import {
  APIS,
  momentAt as at,
  type Effect,
  FIRST_MOMENT,
  startInstance,
  type TestInstance
} from '../testing/instance.ts'
import type { Approver } from '../testing/records.ts'
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
let instance: TestInstance
/** The approvers of the changes that are waited for. */
let approvers: readonly Approver[]

beforeEach(() => {
  instance = startInstance()
  approvers = []
})

/** How the instance or the network fails with each code. */
const FAULTS: Readonly<Record<string, Effect>> = {
  connection: { kind: 'reset' },
  'request-timeout': { kind: 'no-answer' },
  'rate-limit': { kind: 'rate-limited' },
  'server-error': { kind: 'error', status: 500, message: 'Internal error' },
  unavailable: { kind: 'unavailable' },
  'transaction-canceled': { kind: 'server-error' },
  truncated: { kind: 'truncated' },
  partial: { kind: 'partial-result' },
  'not-json': { kind: 'unavailable', status: 200 },
  credentials: { kind: 'unauthorized' },
  role: { kind: 'acl' },
  forbidden: { kind: 'error', status: 403, message: 'Forbidden' },
  'not-found': { kind: 'not-found' },
  redirect: { kind: 'redirect' },
  'login-page': { kind: 'login-page' },
  hibernating: { kind: 'hibernating' }
}
const NETWORK_ERRORS: Readonly<Record<string, Error>> = {
  'proxy-down': Object.assign(new Error('Bad Gateway'), { name: 'NoTunnel', temporary: true }),
  'dns-down': Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }),
  refused: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
}
const [CLIENT = { id: '', secret: '' }] = OAUTH_CLIENTS
const ALWAYS = Number.POSITIVE_INFINITY

/** The next polls of the change, or readings of the approvers, fail with this code. */
function fail(kind: 'get' | 'approvals', code: string, times = 1): void {
  const error = NETWORK_ERRORS[code]
  const fault = FAULTS[code]
  if (error !== undefined) instance.transport.cut(...Array<Error>(times).fill(error))
  else if (fault !== undefined) instance.fail(kind, { ...fault, times })
  else throw new Error(`no fault for ${code}`)
}

/** They are refused for so many milliseconds. */
function limit(kind: 'get' | 'approvals', ms: number, times = 1): void {
  instance.fail(kind, { kind: 'rate-limited', retryAfterSeconds: ms / 1_000, times })
}

/** A wait for a change as given; `events` happen on the instance that many milliseconds later. */
function start(
  fields: Record<string, string>,
  events: Record<number, Record<string, string> | (() => void)> = {},
  more: Partial<Omit<Wait, 'policy'>> & { policy?: Partial<Wait['policy']> } = {}
) {
  const change = instance.plant({ correlation_display: '', ...fields })
  const rows = approvers.map(one => instance.addApprover(change, one))
  const context = contextOn(instance)
  for (const [ms, event] of Object.entries(events)) {
    context.at(Number(ms), typeof event === 'function' ? event : () => instance.set(change, event))
  }
  const { policy, ...rest } = more
  const waited = waitForApproval(context, {
    sysId: change.sysId,
    timeoutMs: HOUR,
    intervalMs: MINUTE,
    ...rest,
    policy: { ...POLICY, ...policy }
  })
  /** An approver decides, by the order of `approvers`. */
  const decide = (n: number, state: string) =>
    instance.sandbox.set('sysapproval_approver', rows[n]?.sys_id ?? '', { state })
  return { context, waited, change, decide }
}

/** What the waiting events told: the state, and who has yet to decide. */
const waiting = (context: TestContext) =>
  context.told('waiting').map(({ reason, pending }) => ({
    state: 'state' in reason ? reason.state : reason.code,
    pending: pending.map(one => one.approver)
  }))

const ASSESS = { state: '-4', approval: 'requested' }
const APPROVED = { state: '-2', approval: 'approved' }

describe.each(APIS)('every outcome (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it.each<[string, string, Record<string, string>, Record<number, Record<string, string>>]>([
    ['approved', 'at once', APPROVED, {}],
    ['approved', 'later', ASSESS, { 90000: APPROVED }],
    ['approved', 'in Implement', { ...APPROVED, state: '-1' }, {}],
    ['approved', 'after a hold', { ...APPROVED, on_hold: 'true' }, { 90000: { on_hold: 'false' } }],
    ['rejected', 'which goes back to New', ASSESS, { 90000: { state: '-5', approval: 'rejected' } }],
    ['canceled', 'whatever its approval', ASSESS, { 90000: { state: '4' } }],
    ['closed', 'already', { ...APPROVED, state: '3' }, {}],
    ['unauthorized', 'although approved', { ...APPROVED, unauthorized: 'true' }, {}],
    ['withdrawn', 'back in New', ASSESS, { 90000: { state: '-5', approval: 'not requested' } }],
    ['unexpected-state', 'of the instance’s own', ASSESS, { 90000: { state: '107' } }],
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
  ])('%s %s', async (outcome, _, fields, events) => {
    instance.addState('107', 'Testing')
    expect((await start(fields, events).waited).outcome).toBe(outcome)
  })

  it.each([
    ['window-closed', -2 * HOUR, -1],
    ['window-closed', -HOUR, 10 * MINUTE],
    ['window-not-open', 2 * HOUR, 3 * HOUR],
    ['window-not-open', 3 * MINUTE, 2 * MINUTE],
    ['approved', -HOUR, 3 * HOUR]
  ])('%s with a window from %d to %d', async (outcome, opens, closes) => {
    const window = { start_date: at(opens), end_date: at(closes) }
    const events = outcome === 'window-closed' && closes > 0 ? {} : { 0: APPROVED }
    expect((await start({ ...ASSESS, ...window }, events).waited).outcome).toBe(outcome)
  })

  it('a window that ends before it begins never opens', async () => {
    const window = { start_date: at(3 * MINUTE), end_date: at(2 * MINUTE) }
    expect(await start({ ...APPROVED, ...window }).waited).toMatchObject({
      outcome: 'window-not-open',
      reason: { code: 'window-reversed' },
      waitedMs: 0
    })
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
    const context = contextOn(instance)
    const { sysId } = instance.plant({ ...APPROVED, correlation_display: '' })
    await context.client.changes.get(sysId)
    const wait = { sysId, policy: POLICY, timeoutMs: HOUR, intervalMs: MINUTE }
    expect((await waitForApproval(context, wait)).requests).toBe(2)
  })
})

describe('polls', () => {
  const reads = () => instance.log.filter(line => line.startsWith('get')).length

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
    fail('get', 'unavailable', ALWAYS)
    expect((await start(ASSESS, {}, { timeoutMs: 12_000 }).waited).outcome).toBe('error')
    const times = instance.sandbox.requests.map(request => request.at - FIRST_MOMENT)
    // Four retries, with pauses of the client.
    expect(times).toEqual([0, 5_000, 10_000, 12_000, 12_500, 13_500, 15_500, 19_500])
  })

  it('tell their progress, so that an interruption can', async () => {
    const told: Progress[] = []
    approvers = [{ name: 'Kim' }]
    await start(ASSESS, { 4000: APPROVED }, { onPoll: progress => void told.push(progress) }).waited
    const known = told.map(one => `poll ${one.polls} after ${one.waitedMs} ms: ${one.change?.state}`)
    expect([...new Set(known)]).toEqual(['poll 1 after 0 ms: -4', 'poll 2 after 5000 ms: -2'])
    expect(told.at(-1)?.approvals).toMatchObject([{ approver: 'Kim', state: 'requested' }])
  })

  it('is no wait for approval once the change is approved', async () => {
    const planned = { ...ASSESS, start_date: at(25 * MINUTE) }
    const { waited } = start(planned, { 300000: APPROVED })
    const { outcome, waitedMs, approvalWaitMs } = await waited
    expect(outcome).toBe('approved')
    expect(waitedMs).toBeGreaterThanOrEqual(25 * MINUTE)
    expect(approvalWaitMs).toBeGreaterThanOrEqual(5 * MINUTE)
    expect(approvalWaitMs).toBeLessThanOrEqual(6 * MINUTE)
  })

  it('counts an approval that did not last as waited for', async () => {
    const events = {
      60000: { ...APPROVED, on_hold: 'true' },
      600000: { ...ASSESS, on_hold: 'false' },
      1200000: APPROVED
    }
    const { waitedMs, approvalWaitMs } = await start(ASSESS, events).waited
    expect(approvalWaitMs).toBe(waitedMs)
    expect(waitedMs).toBeGreaterThanOrEqual(20 * MINUTE)
  })

  it('come the moment a window opens, on the instance’s clock', async () => {
    instance = startInstance({ aheadMs: 7_000 })
    const { outcome, waitedMs } = await start({ ...APPROVED, start_date: at(407_000) }).waited
    expect(outcome).toBe('approved')
    expectWithinASecond(waitedMs, 400_000)
  })

  it('wait for a window that opens before the deadline, whatever the clocks say', async () => {
    instance = startInstance({ aheadMs: 10 * MINUTE })
    const { waited } = start({ ...APPROVED, start_date: at(25 * MINUTE) }, {}, { timeoutMs: 20 * MINUTE })
    const { outcome, waitedMs } = await waited
    expect(outcome).toBe('approved')
    expectWithinASecond(waitedMs, 15 * MINUTE)
  })

  it('are not early for a window when the runner’s clock is ahead', async () => {
    instance = startInstance({ aheadMs: -5 * MINUTE })
    const { outcome, waitedMs } = await start({ ...APPROVED, start_date: at(0) }).waited
    expect(outcome).toBe('approved')
    expectWithinASecond(waitedMs, 5 * MINUTE)
  })

  /** The instance's clock is known to a second, and a poll is never early. */
  function expectWithinASecond(waitedMs: number, opensAfterMs: number): void {
    expect(waitedMs).toBeGreaterThanOrEqual(opensAfterMs)
    expect(waitedMs).toBeLessThan(opensAfterMs + 1_000)
  }
})

describe('a temporary error never ends the wait', () => {
  it('be it twenty minutes of maintenance', async () => {
    fail('get', 'unavailable', 30)
    const { context, waited } = start(ASSESS, { 60000: APPROVED })
    const { outcome, waitedMs } = await waited
    expect(outcome).toBe('approved')
    expect(waitedMs).toBeGreaterThan(15 * MINUTE)
    expect(context.events[0]).toMatchObject({
      type: 'poll-failed',
      problem: {
        code: 'unavailable',
        facts: { status: 503, message: 'a web page titled "Service Unavailable"' }
      },
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
    fail('get', code, 2)
    const { waited, context } = start(APPROVED)
    expect(await waited).toMatchObject({ outcome: 'approved', polls: 3 })
    expect(context.told('poll-failed')).toMatchObject([{ problem: { code } }])
    fail('get', code, 200)
    expect((await start(APPROVED).waited).outcome).not.toBe('approved')
  })

  it('a limit that resets in an hour is not waited for beyond the deadline', async () => {
    limit('get', HOUR)
    const { waited } = start(APPROVED, {}, { timeoutMs: 10 * MINUTE })
    expect(await waited).toMatchObject({ outcome: 'approved', polls: 2, waitedMs: 10 * MINUTE })
  })

  it('a limit slows the polls down, and they recover', async () => {
    fail('get', 'rate-limit', 3)
    const { context, waited } = start(ASSESS, {}, { timeoutMs: 30 * MINUTE })
    expect((await waited).outcome).toBe('timeout')
    expect(context.slept.slice(0, 3)).toEqual([10_000, 20_000, 8 * 5_490])
  })

  it('at the deadline is a time-out, or, when nothing was ever read, an error', async () => {
    const { waited } = start(ASSESS, {
      30000: () => fail('get', 'unavailable', ALWAYS)
    })
    const seen = await waited
    expect(seen).toMatchObject({
      outcome: 'timeout',
      change: { state: '-4' },
      problem: { code: 'unavailable' }
    })
    expect(seen.reason).toBeUndefined()
    instance = startInstance()
    fail('get', 'unavailable', ALWAYS)
    expect(await start(ASSESS).waited).toMatchObject({
      outcome: 'error',
      change: undefined,
      problem: { code: 'unavailable' }
    })
  })

  it('in the approver rows does not hide an approval', async () => {
    fail('approvals', 'server-error', ALWAYS)
    expect(await start(ASSESS, { 60000: APPROVED }).waited).toMatchObject({
      outcome: 'approved',
      approvals: undefined
    })
  })
})

describe('an error that time does not heal ends the wait at once', () => {
  it.each(['credentials', 'role', 'forbidden', 'not-found', 'redirect', 'login-page', 'hibernating'])(
    '%s',
    async code => {
      const { waited } = start(ASSESS, { 20000: () => fail('get', code, 2) })
      const { outcome, problem, waitedMs } = await waited
      expect({ outcome, code: problem?.code }).toEqual({ outcome: 'error', code })
      expect(waitedMs).toBeLessThan(MINUTE)
    }
  )

  it('sign-in', async () => {
    const credentials = {
      scheme: 'oauth-client-credentials',
      clientId: CLIENT.id,
      clientSecret: CLIENT.secret
    } as const
    instance = startInstance({ credentials })
    const signedOut = () => {
      fail('get', 'credentials')
      instance.fail('sign-in', { kind: 'error', status: 401, message: 'access_denied' })
    }
    const { outcome, problem, waitedMs } = await start(ASSESS, { 20000: signedOut }).waited
    expect({ outcome, code: problem?.code }).toEqual({ outcome: 'error', code: 'sign-in' })
    expect(waitedMs).toBeLessThan(MINUTE)
  })

  it('a defect or an interruption is thrown, not swallowed', async () => {
    instance.transport.cut(new Interrupted('interrupted'))
    expect(await rejectionOf(start(ASSESS).waited)).toBeInstanceOf(Interrupted)
  })
})

describe('approver rows', () => {
  const reads = () => instance.log.filter(line => line.startsWith('approvals')).length

  it('are read when something changes, not with every poll', async () => {
    approvers = [{ name: 'Kim' }]
    await start(ASSESS, { 100000: { state: '-3' }, 120000: APPROVED }, { timeoutMs: 4 * MINUTE }).waited
    expect(reads()).toBe(3)
  })

  it('are not read while the wait gives way to others, until somebody decided', async () => {
    approvers = [{ name: 'Kim' }]
    const refusals = () => fail('get', 'rate-limit', 2)
    const { waited } = start(ASSESS, { 60000: refusals, [20 * MINUTE]: APPROVED })
    expect((await waited).outcome).toBe('approved')
    expect(reads()).toBe(2)
  })

  it('that were left out while giving way are read at the end', async () => {
    approvers = [{ name: 'Kim' }]
    fail('approvals', 'rate-limit')
    const { waited } = start(ASSESS, { 600000: APPROVED })
    expect(await waited).toMatchObject({ outcome: 'approved', approvals: [{ approver: 'Kim' }] })
    expect(reads()).toBe(2)
  })

  it('that are refused for an hour do not stop the polls of the change', async () => {
    approvers = [{ name: 'Kim' }]
    limit('approvals', HOUR, 9)
    const { waited } = start(ASSESS, { 60000: APPROVED })
    const { outcome, waitedMs, approvals } = await waited
    expect({ outcome, approvals }).toEqual({ outcome: 'approved', approvals: undefined })
    expect(waitedMs).toBeLessThan(3 * MINUTE)
    expect(reads()).toBe(1)
  })

  it('that are refused hold back no approval', async () => {
    limit('approvals', MINUTE, 9)
    expect(await start(APPROVED).waited).toMatchObject({ outcome: 'approved', waitedMs: 0 })
    expect(reads()).toBe(1)
  })

  it.each<[string, Record<string, string>, number, boolean]>([
    ['an approval is held back for one retry', APPROVED, 2, true],
    ['an approval is held back for no more', APPROVED, 3, false],
    ['a rejection is worth all retries', { state: '-5', approval: 'rejected' }, 5, true],
    ['a rejection is told without them in the end', { state: '-5', approval: 'rejected' }, 6, false]
  ])('that cannot be read at once: %s', async (_, fields, failures, areRead) => {
    approvers = [{ name: 'Kim', state: fields.approval ?? '' }]
    fail('approvals', 'server-error', failures)
    const { outcome, approvals } = await start(fields).waited
    expect(outcome).toBe(fields.approval)
    expect(approvals?.map(one => one.approver)).toEqual(areRead ? ['Kim'] : undefined)
  })

  it('name those who have yet to decide now, also while the wait gives way to others', async () => {
    approvers = [{ name: 'Kim' }]
    const refused = () => fail('get', 'rate-limit')
    const { context, waited, change, decide } = start(ASSESS, { 60000: refused }, { timeoutMs: 8 * MINUTE })
    context.at(120000, () => {
      decide(0, 'approved')
      instance.addApprover(change, { name: 'Lee' })
      instance.set(change, { state: '-3' })
    })
    const { pending } = await waited
    const told = waiting(context).filter(one => one.state === 'Authorize')
    expect(told.length).toBeGreaterThan(0)
    for (const one of told) expect(one.pending).toEqual(['Lee'])
    expect(pending.map(one => one.approver)).toEqual(['Lee'])
  })

  it('are not named when they are older than ten minutes', async () => {
    approvers = [{ name: 'Kim' }]
    // The wait gives way for so long that the rows are not read again.
    const refused = () => fail('get', 'rate-limit', 4)
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
    approvers = [{ name: 'Kim' }]
    const passed = () => fail('approvals', 'server-error', ALWAYS)
    const { context, waited, change } = start(ASSESS, { 60000: passed }, { timeoutMs: 5 * MINUTE })
    context.at(60000, () => instance.set(change, { state: '-3' }))
    expect((await waited).approvals).toBeUndefined()
    const told = waiting(context).filter(one => one.state === 'Authorize')
    expect(told.length).toBeGreaterThan(0)
    for (const one of told) expect(one.pending).toEqual([])
  })

  it('are read with every poll until it is known that an approval was requested', async () => {
    const { waited } = start({}, { 30000: ASSESS }, { timeoutMs: 2 * MINUTE })
    const { polls } = await waited
    const early = instance.log
      .slice(0, instance.log.lastIndexOf('approvals'))
      .filter(line => line === 'approvals')
    expect(early.length).toBe(7)
    expect(polls).toBeGreaterThan(10)
  })

  it('tell a change that was withdrawn before the wait from one never submitted', async () => {
    approvers = [{ name: 'Kim', state: 'cancelled' }]
    expect((await start({}).waited).outcome).toBe('withdrawn')
    approvers = []
    expect((await start({}).waited).outcome).toBe('timeout')
  })

  it('that may not be read are no reason to stop', async () => {
    instance = startInstance({ user: 'gha.narrow' })
    approvers = [{ name: 'Kim' }]
    expect(await start(ASSESS, { 60000: APPROVED }).waited).toMatchObject({
      outcome: 'approved',
      approvals: undefined
    })
  })
})

describe('the events', () => {
  it('tell who has yet to decide, once, and again when it changes', async () => {
    approvers = [{ name: 'Kim Lee' }, { name: '', group: 'CAB Approval' }, { name: 'Lou', state: 'approved' }]
    const { context, waited } = start(ASSESS, { 60000: { state: '-3' }, 90000: APPROVED })
    await waited
    const pending = [
      { approver: '', group: 'CAB Approval' },
      { approver: 'Kim Lee', group: '' }
    ]
    const reason = { code: 'waiting-for-approval', approval: 'requested' }
    expect(context.events).toMatchObject([
      { type: 'waiting', reason: { ...reason, state: 'Assess' }, pending, waitedMs: 0 },
      { type: 'waiting', reason: { ...reason, state: 'Authorize' }, pending, waitedMs: 69_510 }
    ])
  })

  it('tell of a failed poll once, and of another problem', async () => {
    instance.fail(
      'get',
      { kind: 'unavailable', times: 2 },
      { kind: 'error', status: 500, message: 'Internal error' }
    )
    const { context, waited } = start(ASSESS, { 12000: APPROVED })
    await waited
    expect(context.told('poll-failed').map(({ problem, waitedMs }) => [problem.code, waitedMs])).toEqual([
      ['unavailable', 0],
      ['server-error', 10_000]
    ])
  })

  it('do not repeat a rate limit whose reset is told a little otherwise each time', async () => {
    const limited = (seconds: number) => ({ kind: 'rate-limited', retryAfterSeconds: seconds }) as const
    instance.fail('get', limited(1), limited(2), limited(3))
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
    ['a limit that resets much later', {}, { 20000: () => limit('get', 40 * MINUTE) }],
    ['a window that opens much later', {}, { 0: { ...APPROVED, start_date: at(50 * MINUTE) } }]
  ])('come at least every five minutes: %s', async (_, more, events) => {
    const change = instance.plant({ ...ASSESS, correlation_display: '' })
    const { clock } = instance
    const told: { at: number; event: OperationEvent }[] = []
    const startedAt = clock.now()
    const context = contextOn(instance, {
      onEvent: event => void told.push({ at: clock.now(), event })
    })
    for (const [ms, event] of Object.entries(events)) {
      context.at(Number(ms), typeof event === 'function' ? event : () => instance.set(change, event))
    }
    const wait = { sysId: change.sysId, policy: POLICY, timeoutMs: HOUR, intervalMs: MINUTE, ...more }
    await waitForApproval(context, wait)
    const times = [startedAt, ...told.map(one => one.at), clock.now()]
    const silences = times.slice(1).map((moment, n) => moment - (times[n] ?? 0))
    expect(Math.max(...silences)).toBeLessThanOrEqual(5 * MINUTE)
    expect(told.length).toBeLessThan(25)
    for (const { at, event } of told) expect(event).toMatchObject({ waitedMs: at - startedAt })
  })

  it('repeat the last one during a long pause, with the time waited since', async () => {
    const polls: number[] = []
    const onPoll = ({ waitedMs }: Progress) => void polls.push(waitedMs)
    const { context, waited } = start(ASSESS, {}, { intervalMs: HOUR, timeoutMs: HOUR, onPoll })
    await waited
    const events = context.told('waiting')
    const inOnePause = events.slice(1).flatMap((event, n) => {
      const before = events[n]
      const since = before?.waitedMs ?? 0
      return polls.some(ms => ms > since && ms <= event.waitedMs) ? [] : [{ before, event }]
    })
    expect(inOnePause.length).toBeGreaterThan(0)
    for (const { before, event } of inOnePause)
      expect(event).toEqual({ ...before, waitedMs: (before?.waitedMs ?? 0) + 5 * MINUTE })
  })

  it('bring what is new with the heartbeat', async () => {
    approvers = [{ name: 'Kim' }, { name: 'Lou' }]
    const { context, waited, decide } = start(ASSESS, {}, { timeoutMs: 6 * MINUTE })
    context.at(150000, () => decide(0, 'approved'))
    await waited
    expect(waiting(context).map(one => one.pending)).toEqual([['Kim', 'Lou'], ['Lou']])
  })
})
