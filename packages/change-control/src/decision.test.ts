import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  bindingOf,
  type ChangeSnapshot,
  decide,
  type GateFacts,
  observe,
  type Reason,
  STATES,
  type StateName,
  stateOf,
  stateTitle,
  stateValue,
  type WaitPolicy
} from './index.ts'

const NOW = Date.UTC(2026, 11, 1, 22, 0, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SHA = '0123456789abcdef0123456789abcdef01234567'
const OTHER_SHA = 'fedcba98765432100123456789abcdef01234567'
const FRESH = { approvalWasRequested: false }
const REQUESTED = { approvalWasRequested: true }

const policy: WaitPolicy = {
  proceedStates: ['scheduled', 'implement', 'review'],
  waitStates: ['new', 'assess', 'authorize', 'scheduled'],
  requireApproval: true,
  respectWindow: true,
  deadline: NOW + HOUR,
  commit: SHA,
  allowNewCommit: false
}

/** An approved change in Scheduled, which opens the gate, unless told otherwise. */
function change(more: Partial<ChangeSnapshot> = {}, state: StateName = 'scheduled'): ChangeSnapshot {
  return {
    state: stateValue(state),
    stateLabel: 'from the instance',
    type: 'normal',
    approval: 'approved',
    onHold: false,
    onHoldReason: '',
    unauthorized: false,
    correlationDisplay: '',
    fromTemplate: false,
    ...more
  }
}

const boundTo = (commit: string) => ({
  correlationDisplay: bindingOf({
    commit,
    runId: '99',
    serverUrl: 'https://github.com',
    repository: 'o/r',
    environment: 'production'
  })
})

describe('the gate opens', () => {
  it.each<[string, ChangeSnapshot, Partial<WaitPolicy>]>([
    ['Scheduled and approved', change(), {}],
    ['Implement and approved', change({}, 'implement'), {}],
    ['a state written as a decimal', change({ state: '-2.0' }), {}],
    ['approval not required', change({ approval: 'not requested' }), { requireApproval: false }],
    ['on the first millisecond of the window', change({ plannedStart: NOW }), {}],
    ['on the last millisecond of the window', change({ plannedEnd: NOW }), {}],
    ['outside the window, which is ignored', change({ plannedEnd: NOW - 1 }), { respectWindow: false }],
    ['before the window, which is ignored', change({ plannedStart: NOW + 1 }), { respectWindow: false }],
    ['just enough time left', change({ plannedEnd: NOW + HOUR }), { minimumWindowMs: HOUR }],
    ['made for this very commit', change(boundTo(SHA)), {}],
    ['made for this commit, written in capitals', change(boundTo(SHA)), { commit: SHA.toUpperCase() }],
    ['bound by another tool', change({ correlationDisplay: `gha ${OTHER_SHA}` }), {}],
    ['bound, and no commit to compare', change(boundTo(OTHER_SHA)), { commit: undefined }]
  ])('%s', (_, snapshot, rules) => {
    const decision = decide(snapshot, { ...policy, ...rules }, NOW, REQUESTED)
    const { approval } = snapshot
    const code = approval === 'approved' ? 'approved' : 'approval-not-required'
    const reason = { code, state: stateTitle(snapshot), approval }
    expect(decision).toEqual({ kind: 'proceed', outcome: 'approved', reason })
  })

  it('warns when the change is in Review already', () => {
    const decision = decide(change({}, 'review'), policy, NOW, REQUESTED)
    expect(decision).toMatchObject({ kind: 'proceed', warning: 'in-review' })
  })

  it('tells when another commit is accepted', () => {
    const decision = decide(change(boundTo(OTHER_SHA)), { ...policy, allowNewCommit: true }, NOW, REQUESTED)
    expect(decision).toMatchObject({ kind: 'proceed', reason: { boundCommit: 'fedcba987654' } })
  })

  it('does not call it approved when it is not', () => {
    const decision = decide(change({ approval: '' }), { ...policy, requireApproval: false }, NOW, FRESH)
    expect(decision.reason).toEqual({ code: 'approval-not-required', state: 'Scheduled', approval: '' })
  })
})

describe('the gate keeps waiting', () => {
  const forApproval = (state: string, approval: string): Reason => ({
    code: 'waiting-for-approval',
    state,
    approval
  })

  it.each<[string, ChangeSnapshot, Partial<WaitPolicy>, Reason]>([
    [
      'for the approvers',
      change({ approval: ' requested ' }, 'assess'),
      {},
      forApproval('Assess', 'requested')
    ],
    [
      'between two stages of approval',
      change({ approval: 'not requested' }, 'authorize'),
      {},
      forApproval('Authorize', 'not requested')
    ],
    [
      'for an approval in Scheduled',
      change({ approval: 'not requested' }),
      {},
      forApproval('Scheduled', 'not requested')
    ],
    [
      'for the state that the policy asks for',
      change(),
      { proceedStates: ['implement', 'review'] },
      {
        code: 'waiting-for-state',
        wanted: ['Implement', 'Review'],
        state: 'Scheduled',
        approval: 'approved'
      }
    ],
    [
      'while on hold',
      change({ onHold: true, onHoldReason: ' frozen ' }),
      {},
      { code: 'on-hold', holdReason: 'frozen' }
    ],
    [
      'while on hold without a reason',
      change({ onHold: true }, 'implement'),
      {},
      { code: 'on-hold', holdReason: '' }
    ],
    [
      'for an approval in a proceed state that is no wait state',
      change({ approval: 'requested' }, 'implement'),
      {},
      forApproval('Implement', 'requested')
    ],
    [
      'in New while the request is still being undone',
      change({ approval: 'requested' }, 'new'),
      {},
      forApproval('New', 'requested')
    ]
  ])('%s', (_, snapshot, rules, reason) => {
    expect(decide(snapshot, { ...policy, ...rules }, NOW, REQUESTED)).toEqual({ kind: 'wait', reason })
  })

  it('tells when approval was never requested', () => {
    expect(decide(change({ approval: 'not requested' }, 'new'), policy, NOW, FRESH)).toEqual({
      kind: 'wait',
      reason: { code: 'never-requested' }
    })
  })

  it('until the window opens, even at the very deadline', () => {
    const decision = decide(change({ plannedStart: policy.deadline }), policy, NOW, REQUESTED)
    expect(decision).toEqual({
      kind: 'wait',
      reason: { code: 'window-opens', plannedStart: policy.deadline },
      until: policy.deadline
    })
  })

  it('for a window that is just long enough', () => {
    const short = change({ plannedStart: NOW + MINUTE, plannedEnd: NOW + MINUTE + HOUR })
    const decision = decide(short, { ...policy, minimumWindowMs: HOUR }, NOW, REQUESTED)
    expect(decision).toMatchObject({ kind: 'wait', until: NOW + MINUTE })
  })

  it('for a window of a single moment', () => {
    const moment = change({ plannedStart: NOW + MINUTE, plannedEnd: NOW + MINUTE })
    expect(decide(moment, policy, NOW, REQUESTED)).toMatchObject({ kind: 'wait', until: NOW + MINUTE })
  })

  it('for the approvers although the window opens too late: only an approved change is stopped by that', () => {
    const early = change({ approval: 'requested', plannedStart: policy.deadline + 1 }, 'assess')
    expect(decide(early, policy, NOW, REQUESTED).kind).toBe('wait')
  })
})

describe('the gate stays shut', () => {
  it.each<[string, ChangeSnapshot, Partial<WaitPolicy>, string, Reason]>([
    ['canceled', change({}, 'canceled'), {}, 'canceled', { code: 'canceled' }],
    [
      'rejected, and back in New',
      change({ approval: 'rejected' }, 'new'),
      {},
      'rejected',
      { code: 'rejected', state: 'New' }
    ],
    [
      'rejected, the state not moved yet',
      change({ approval: 'rejected' }),
      { requireApproval: false },
      'rejected',
      { code: 'rejected', state: 'Scheduled' }
    ],
    ['closed', change({}, 'closed'), { proceedStates: ['closed'] }, 'closed', { code: 'closed' }],
    ['unauthorized', change({ unauthorized: true }), {}, 'unauthorized', { code: 'unauthorized' }],
    [
      'window passed',
      change({ plannedEnd: NOW - 1 }),
      {},
      'window-closed',
      { code: 'window-over', plannedEnd: NOW - 1 }
    ],
    [
      'window passed, not approved',
      change({ plannedEnd: NOW - 1, approval: '' }, 'assess'),
      {},
      'window-closed',
      { code: 'window-over', plannedEnd: NOW - 1 }
    ],
    [
      'too little left',
      change({ plannedEnd: NOW + HOUR - 1 }),
      { minimumWindowMs: HOUR },
      'window-closed',
      { code: 'window-nearly-over', plannedEnd: NOW + HOUR - 1, neededMs: HOUR }
    ],
    [
      'window too short',
      change({ plannedStart: NOW + HOUR, plannedEnd: NOW + 2 * HOUR - 1 }),
      { minimumWindowMs: HOUR },
      'window-closed',
      { code: 'window-too-short', lengthMs: HOUR - 1, neededMs: HOUR }
    ],
    ['withdrawn', change({ approval: 'not requested' }, 'new'), {}, 'withdrawn', { code: 'withdrawn' }],
    ['approval emptied', change({ approval: '' }, 'new'), {}, 'withdrawn', { code: 'withdrawn' }],
    [
      'made for another commit',
      change(boundTo(OTHER_SHA)),
      { commit: SHA.toUpperCase() },
      'stale-approval',
      { code: 'stale-approval', boundCommit: 'fedcba987654', commit: '0123456789ab' }
    ],
    [
      'window opens too late',
      change({ plannedStart: policy.deadline + 1 }),
      {},
      'window-not-open',
      { code: 'window-opens-late', plannedStart: policy.deadline + 1, deadline: policy.deadline }
    ],
    [
      'window upside down',
      change({ plannedStart: NOW + 2, plannedEnd: NOW + 1 }),
      {},
      'window-not-open',
      { code: 'window-reversed' }
    ],
    [
      'window upside down, whatever its length should be',
      change({ plannedStart: NOW + 2, plannedEnd: NOW + 1 }),
      { minimumWindowMs: 1 },
      'window-not-open',
      { code: 'window-reversed' }
    ],
    [
      'custom state',
      change({ state: '7', stateLabel: 'Pilot' }),
      {},
      'unexpected-state',
      { code: 'unexpected-state', state: 'Pilot' }
    ],
    [
      'no state',
      change({ state: '', stateLabel: '' }),
      {},
      'unexpected-state',
      { code: 'unexpected-state', state: 'unknown' }
    ],
    [
      'state in neither list',
      change({}, 'review'),
      { proceedStates: ['implement'] },
      'unexpected-state',
      { code: 'unexpected-state', state: 'Review' }
    ]
  ])('%s', (_, snapshot, rules, outcome, reason) => {
    const decision = decide(snapshot, { ...policy, ...rules }, NOW, REQUESTED)
    expect(decision).toEqual({ kind: 'stop', outcome, reason })
  })
})

describe('the order of the questions', () => {
  const over = { plannedEnd: NOW - 1 }
  it.each<[string, ChangeSnapshot, Partial<WaitPolicy>]>([
    ['canceled', change({ approval: 'rejected', unauthorized: true, ...over }, 'canceled'), {}],
    ['rejected', change({ approval: 'rejected', unauthorized: true, ...over }, 'closed'), {}],
    ['closed', change({ unauthorized: true, ...over }, 'closed'), {}],
    ['unauthorized', change({ unauthorized: true, approval: '', ...over }, 'new'), {}],
    ['window-closed', change({ approval: 'not requested', ...over }, 'new'), {}],
    [
      'withdrawn',
      change({ approval: 'not requested', ...boundTo(OTHER_SHA) }, 'new'),
      { requireApproval: false, proceedStates: ['new'] }
    ],
    ['stale-approval', change({ plannedStart: policy.deadline + 1, ...boundTo(OTHER_SHA) }), {}]
  ])('%s counts before what follows', (outcome, snapshot, rules) => {
    expect(decide(snapshot, { ...policy, ...rules }, NOW, REQUESTED)).toMatchObject({ kind: 'stop', outcome })
  })

  it('does not count commit or window while the change is on hold or unapproved', () => {
    const late = { plannedStart: policy.deadline + 1, ...boundTo(OTHER_SHA) }
    expect(decide(change({ onHold: true, ...late }), policy, NOW, REQUESTED).kind).toBe('wait')
    expect(decide(change({ approval: 'requested', ...late }), policy, NOW, REQUESTED).kind).toBe('wait')
  })
})

describe('an approval that was requested and is not any more', () => {
  it.each(['', 'not requested', 'cancelled', 'canceled', 'Canceled'])(
    'is taken back in New, where it reads "%s"',
    approval => {
      const decision = decide(change({ approval }, 'new'), policy, NOW, REQUESTED)
      expect(decision).toMatchObject({ kind: 'stop', outcome: 'withdrawn' })
    }
  )
})

describe('an approval that nobody requested', () => {
  const stopping: WaitPolicy = { ...policy, whenNotRequested: 'stop' }
  const fresh = change({ approval: 'not requested' }, 'new')

  it('is waited for, unless the wait is to stop then', () => {
    const reason = { code: 'never-requested' }
    expect(decide(fresh, policy, NOW, FRESH)).toEqual({ kind: 'wait', reason })
    expect(decide(fresh, { ...policy, whenNotRequested: 'wait' }, NOW, FRESH)).toEqual({
      kind: 'wait',
      reason
    })
    expect(decide(fresh, stopping, NOW, FRESH)).toEqual({ kind: 'stop', outcome: 'not-requested', reason })
  })

  it('is one in New alone, that was never requested', () => {
    expect(decide(fresh, stopping, NOW, REQUESTED)).toMatchObject({ outcome: 'withdrawn' })
    for (const state of ['assess', 'authorize', 'scheduled'] as const)
      expect(decide(change({ approval: 'not requested' }, state), stopping, NOW, FRESH).kind).toBe('wait')
    expect(decide(change({ approval: 'requested' }, 'new'), stopping, NOW, FRESH).kind).toBe('wait')
  })
})

describe('remembering that approval was requested', () => {
  it.each<[string, StateName, string, string[], boolean]>([
    ['a fresh draft', 'new', 'not requested', [], false],
    ['a change put straight into Scheduled', 'scheduled', 'not requested', [], false],
    ['Assess, no approvals yet', 'assess', 'not requested', [], true],
    ['Authorize', 'authorize', '', [], true],
    ['the approval field', 'new', 'requested', [], true],
    ['approved', 'scheduled', 'approved', [], true],
    ['rejected', 'new', 'rejected', [], true],
    ['rows cancelled by a recall before this wait', 'new', 'not requested', ['cancelled'], true],
    [
      'rows that request nothing',
      'new',
      'not requested',
      ['not requested', 'not_required', 'duplicate'],
      false
    ]
  ])('%s', (_, state, approval, rows, seen) => {
    const snapshot = { state: stateValue(state), approval }
    expect(observe(FRESH, snapshot, rows)).toEqual({ approvalWasRequested: seen })
    expect(observe(REQUESTED, snapshot, rows)).toEqual(REQUESTED)
  })

  it('tells a withdrawn approval from one never requested', () => {
    const draft = change({ approval: 'not requested' }, 'new')
    const polls = [draft, change({ approval: 'requested' }, 'assess'), draft]
    let history = FRESH
    const kinds = polls.map(poll => {
      history = observe(history, poll)
      return decide(poll, policy, NOW, history).kind
    })
    expect(kinds).toEqual(['wait', 'wait', 'stop'])
  })
})

describe('whatever the change and the policy', () => {
  const moment = fc.option(fc.integer({ min: NOW - 3 * HOUR, max: NOW + 3 * HOUR }), { nil: undefined })
  const states = fc.subarray(STATES.map(state => state.name))
  const anyChange: fc.Arbitrary<ChangeSnapshot> = fc.record({
    state: fc.constantFrom(...STATES.map(state => state.value), '-2.0', '0.0', '9', ''),
    stateLabel: fc.string(),
    type: fc.constantFrom('normal', 'standard'),
    approval: fc.constantFrom(
      'not requested',
      'requested',
      'approved',
      'rejected',
      'cancelled',
      'Approved?',
      ''
    ),
    onHold: fc.boolean(),
    onHoldReason: fc.string(),
    unauthorized: fc.boolean(),
    plannedStart: moment,
    plannedEnd: moment,
    correlationDisplay: fc.constantFrom(
      '',
      'x',
      boundTo(SHA).correlationDisplay,
      boundTo(OTHER_SHA).correlationDisplay
    ),
    fromTemplate: fc.boolean()
  })
  const anyPolicy: fc.Arbitrary<WaitPolicy> = fc.record({
    proceedStates: states,
    waitStates: states,
    requireApproval: fc.boolean(),
    respectWindow: fc.boolean(),
    minimumWindowMs: fc.constantFrom(undefined, 0, HOUR),
    deadline: fc.integer({ min: NOW, max: NOW + 3 * HOUR }),
    commit: fc.constantFrom(undefined, SHA),
    allowNewCommit: fc.boolean()
  })
  const anyHistory = fc.record({ approvalWasRequested: fc.boolean() })
  const cases = fc.tuple(anyChange, anyPolicy, anyHistory)

  it('opens only for an approved, authorised, unheld change of this commit inside its window', () => {
    fc.assert(
      fc.property(cases, ([snapshot, rules, history]) => {
        if (decide(snapshot, rules, NOW, history).kind !== 'proceed') return
        expect(rules.proceedStates).toContain(stateOf(snapshot.state))
        expect(['canceled', 'closed']).not.toContain(stateOf(snapshot.state))
        expect(snapshot).toMatchObject({ onHold: false, unauthorized: false })
        expect(snapshot.approval).not.toBe('rejected')
        if (rules.requireApproval) expect(snapshot.approval).toBe('approved')
        if (rules.respectWindow) {
          expect(snapshot.plannedStart ?? NOW).toBeLessThanOrEqual(NOW)
          expect(snapshot.plannedEnd ?? Number.MAX_VALUE).toBeGreaterThanOrEqual(
            NOW + (rules.minimumWindowMs ?? 0)
          )
        }
        if (rules.commit !== undefined && !rules.allowNewCommit) {
          expect(snapshot.correlationDisplay).not.toBe(boundTo(OTHER_SHA).correlationDisplay)
        }
      }),
      { numRuns: 3000 }
    )
  })

  it('waits only in a listed state, and for nothing that lies in the past or after the deadline', () => {
    fc.assert(
      fc.property(cases, ([snapshot, rules, history]) => {
        const decision = decide(snapshot, rules, NOW, history)
        if (decision.kind !== 'wait') return
        expect([...rules.waitStates, ...rules.proceedStates]).toContain(stateOf(snapshot.state))
        if (decision.until === undefined) return
        expect(decision.until).toBeGreaterThan(NOW)
        expect(decision.until).toBeLessThanOrEqual(rules.deadline)
      }),
      { numRuns: 2000 }
    )
  })

  it('opens when it promised to, if nothing else changes', () => {
    fc.assert(
      fc.property(cases, ([snapshot, rules, history]) => {
        const decision = decide(snapshot, rules, NOW, history)
        if (decision.kind !== 'wait' || decision.until === undefined) return
        expect(decide(snapshot, rules, decision.until, history).kind).toBe('proceed')
      }),
      { numRuns: 2000 }
    )
  })

  it('decides the same again, and always gives a reason', () => {
    fc.assert(
      fc.property(cases, ([snapshot, rules, history]) => {
        const decision = decide(snapshot, rules, NOW, history)
        expect(decide({ ...snapshot }, { ...rules }, NOW, { ...history })).toEqual(decision)
        expect(decision.reason.code).toMatch(/\S/)
      })
    )
  })
})

describe('what is known beyond the record', () => {
  const NOTHING: GateFacts = {
    boundLater: false,
    digests: 'not-given',
    claim: { kind: 'none' },
    boundToThisRun: true,
    approvers: undefined,
    edited: []
  }
  const ready = (facts: Partial<GateFacts>, more: Partial<WaitPolicy> = {}, fields = {}) =>
    decide(
      change({ state: '-2', approval: 'approved', ...fields }),
      { ...policy, ...more },
      NOW,
      { approvalWasRequested: true },
      'ours',
      { ...NOTHING, ...facts }
    )

  it.each([
    ['unbound', { boundLater: true }, { requireBinding: true }],
    ['stale-approval', { digests: 'differ' }, {}],
    ['stale-approval', { digests: 'unknown' }, { allowNewCommit: true }],
    ['in-use', { claim: { kind: 'other', runId: '77' } }, {}],
    ['no-approver', { approvers: { kind: 'no-row' } }, {}],
    ['edited', { edited: ['description'] }, { editsAfterSubmission: 'refuse' }],
    ['edited', { edited: undefined }, { editsAfterSubmission: 'refuse' }]
  ] as const)('stops with %s', (outcome, facts, more) => {
    expect(ready(facts, more)).toMatchObject({ kind: 'stop', outcome })
  })

  it.each([
    ['an approval before the binding', { boundLater: true }, {}],
    [
      'edits, where they are no more than a warning',
      { edited: ['description'] },
      { editsAfterSubmission: 'warn' }
    ],
    ['a claim of its own', { claim: { kind: 'own' } }, {}]
  ] as const)('lets %s pass', (_, facts, more) => {
    expect(ready(facts, more).kind).toBe('proceed')
  })

  it('takes a change in Review without a claim for the bound run alone', () => {
    expect(ready({ boundToThisRun: false }, {}, { state: '0' })).toMatchObject({ outcome: 'in-use' })
    expect(ready({ boundToThisRun: true }, {}, { state: '0' }).kind).toBe('proceed')
    expect(ready({ boundToThisRun: false }, {}, { state: '-1' }).kind).toBe('proceed')
  })

  it.each([
    ['foreign', 'foreign-change'],
    ['unbound', 'unbound']
  ] as const)('stops at once when the change is %s, whatever its state', (ownership, outcome) => {
    const canceled = change({ state: '4' })
    expect(decide(canceled, policy, NOW, { approvalWasRequested: false }, ownership)).toMatchObject({
      outcome
    })
  })
})

describe("a state of the instance's own", () => {
  const own = change({ state: '5', stateLabel: 'Business Review' })
  const decided = (more: Partial<WaitPolicy>, approval = 'approved') =>
    decide({ ...own, approval }, { ...policy, ...more }, NOW, FRESH)

  it.each(['5', '5.0', 'business review', ' BUSINESS  Review '])('is listed as %j', listed => {
    expect(decided({ proceedStates: [listed] })).toMatchObject({ kind: 'proceed', outcome: 'approved' })
    expect(decided({ proceedStates: [listed] }, 'requested')).toMatchObject({ kind: 'wait' })
    expect(decided({ waitStates: ['scheduled', listed] })).toMatchObject({ kind: 'wait' })
  })

  it.each(['15', 'Business', 'review', ''])('is not listed as %j', listed => {
    expect(decided({ proceedStates: [listed], waitStates: [listed] })).toMatchObject({
      outcome: 'unexpected-state'
    })
  })

  it('with the label of a shipped one is not the shipped one', () => {
    const verdict = decide({ ...own, stateLabel: 'Implement' }, policy, NOW, FRESH)
    expect(verdict).toMatchObject({ outcome: 'unexpected-state' })
  })

  it('without a label does not match an empty item', () => {
    const verdict = decide({ ...own, stateLabel: '' }, { ...policy, waitStates: [''] }, NOW, FRESH)
    expect(verdict).toMatchObject({ outcome: 'unexpected-state' })
  })

  it('is named as it was listed', () => {
    const scheduled = change({}, 'scheduled')
    expect(
      decide(scheduled, { ...policy, proceedStates: ['implement', 'Go live'] }, NOW, FRESH)
    ).toMatchObject({
      reason: { code: 'waiting-for-state', wanted: ['Implement', 'Go live'] }
    })
  })
})
