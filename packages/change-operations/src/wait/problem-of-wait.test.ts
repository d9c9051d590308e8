import type { Outcome, Reason } from '@change-actions/change-control'
import { type Approval, clientProblem, isClientProblem, Problem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { isChangeProblem } from '../problems.ts'
import { startInstance } from '../testing/instance.ts'
import { problemOfWait } from './problem-of-wait.ts'
import type { Waited } from './types.ts'

const row = (approver: string, state: string): Approval => ({
  approver,
  approverId: '',
  userName: '',
  group: '',
  state,
  comments: `${approver} says`,
  at: ''
})
const WAITING: Reason = { code: 'waiting-for-approval', state: 'Assess', approval: 'requested' }
let base: Waited

beforeEach(async () => {
  base = {
    outcome: 'timeout',
    change: await startInstance().add(),
    approvals: undefined,
    polls: 3,
    requests: 4,
    waitedMs: 60_000,
    approvalWaitMs: 60_000,
    timeoutMs: 60_000,
    pending: []
  }
})

describe('a wait that ended without an approval', () => {
  it.each<[Outcome, Reason]>([
    ['rejected', { code: 'rejected', state: 'New' }],
    ['canceled', { code: 'canceled' }],
    ['closed', { code: 'closed' }],
    ['unauthorized', { code: 'unauthorized' }],
    ['window-closed', { code: 'window-over', plannedEnd: 1 }],
    ['window-not-open', { code: 'window-reversed' }],
    ['withdrawn', { code: 'withdrawn' }],
    ['no-approver', { code: 'no-approver', problem: { kind: 'no-row' } }],
    ['edited', { code: 'edited', fields: ['description'] }],
    ['stale-approval', { code: 'stale-approval', boundCommit: 'a', commit: 'b' }],
    ['unexpected-state', { code: 'unexpected-state', state: 'Pilot' }]
  ])('has its outcome as its code: %s', (outcome, reason) => {
    const problem = problemOfWait({ ...base, outcome, reason })
    expect(isChangeProblem(problem, 'rejected', 'timeout')).toBe(outcome === 'rejected')
    expect(problem).toMatchObject({
      code: outcome,
      outcome,
      subject: { kind: 'change', number: 'CHG0030001', sysId: base.change?.sysId },
      facts: { reason, rejections: [] }
    })
    expect(problem.cause).toBeUndefined()
  })

  it('holds the rows of those who rejected, and no others', () => {
    const approvals = [row('Kim', 'approved'), row('Lee', 'rejected'), row('Lou', 'requested')]
    const rejected: Reason = { code: 'rejected', state: 'New' }
    const problem = problemOfWait({ ...base, outcome: 'rejected', reason: rejected, approvals })
    expect(problem.facts).toEqual({ reason: rejected, rejections: [approvals[1]] })
  })
})

describe('a wait whose time is up', () => {
  it('tells why it still waited, and for whom', () => {
    const pending = [row('Lou', 'requested')]
    const problem = problemOfWait({ ...base, reason: WAITING, pending })
    expect(problem).toMatchObject({ code: 'timeout', outcome: 'timeout' })
    expect(problem.facts).toEqual({ reason: WAITING, timeoutMs: 60_000, pending, last: undefined })
  })

  it('tells why its last poll failed', () => {
    const last = clientProblem('unavailable', { operation: 'reading', status: 503 })
    const problem = problemOfWait({ ...base, problem: last })
    expect(problem.facts).toEqual({ reason: undefined, timeoutMs: 60_000, pending: [], last })
    expect(problem.cause).toBe(last)
  })
})

describe('a wait that could not poll', () => {
  it('is the problem itself, and its outcome is an error', () => {
    const facts = { operation: 'reading', status: 401, message: 'x' }
    const cause = clientProblem('credentials', facts, { afterMs: 5 })
    const problem = problemOfWait({ ...base, outcome: 'error', problem: cause, change: undefined })
    expect(problem).toBeInstanceOf(Problem)
    expect(isClientProblem(problem, 'credentials')).toBe(true)
    expect(problem).toMatchObject({ facts, retry: cause.retry, outcome: 'error', cause })
  })
})

it.each<Partial<Waited>>([
  { outcome: 'approved', reason: WAITING },
  { outcome: 'interrupted', reason: WAITING },
  { outcome: 'dry-run', reason: WAITING },
  { outcome: 'error' },
  { outcome: 'rejected' }
])('%j is no problem of a wait', more => {
  expect(() => problemOfWait({ ...base, ...more })).toThrow(TypeError)
})
