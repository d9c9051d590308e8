import type { Outcome } from '@change-actions/change-control'
import type { GateState } from '@change-actions/change-operations'
import { verdictOf } from '@change-actions/github-actions/change'
import type { Change } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import { isOpened, verdictAfter, verdictBefore } from './post-verdict.ts'

/** All that a gate with a change can end with, but an open one. */
const OUTCOMES: Readonly<Record<Exclude<Outcome, 'approved' | 'dry-run'>, true>> = {
  rejected: true,
  canceled: true,
  closed: true,
  'not-requested': true,
  'no-approver': true,
  edited: true,
  unbound: true,
  'foreign-change': true,
  'unexpected-state': true,
  timeout: true,
  withdrawn: true,
  unauthorized: true,
  'window-closed': true,
  'window-not-open': true,
  'stale-approval': true,
  'in-use': true,
  interrupted: true,
  error: true
}
const ALL = [...Object.keys(OUTCOMES), 'conflict', 'conflict-unknown', 'rollback-refused']

const change = (state: string, stateLabel: string, approval: string) =>
  ({ state, stateLabel, approval }) as Change
const AUTHORIZE = change('-3', 'Authorize', 'requested')
const SCHEDULED = change('-2', 'Scheduled', 'approved')
const IMPLEMENT = change('-1', 'Implement', 'approved')
const CANCELED = change('4', 'Canceled', 'not requested')

function gate(more: Partial<GateState>): GateState {
  const times = [['authorize', 1]] as const
  return {
    sysId: 'x',
    number: 'CHG1',
    created: true,
    supplied: false,
    phase: 'before',
    approval: 'requested',
    times,
    ...more
  }
}

describe('a gate that did not open', () => {
  it.each(ALL)('%s: the post step says what the main step said', outcome => {
    const state = gate({ outcome })
    expect(verdictAfter(state, AUTHORIZE, undefined)).toBe(verdictOf(outcome))
    expect(verdictBefore(state)).toBe(verdictOf(outcome))
    expect(isOpened(state, AUTHORIZE)).toBe(false)
  })

  it('was killed', () =>
    expect(verdictAfter(gate({}), AUTHORIZE, undefined)).toBe('the gate did not open, nothing is deployed'))

  it.each([
    ['rejected', CANCELED, 'canceled', 'rejected, nothing is deployed; now canceled'],
    ['timeout', CANCELED, 'canceled', 'not approved in time, nothing is deployed; now canceled'],
    ['interrupted', CANCELED, 'canceled', 'interrupted; now canceled'],
    [undefined, CANCELED, 'canceled', 'the gate did not open, nothing is deployed; now canceled'],
    [
      'timeout',
      SCHEDULED,
      undefined,
      'not approved in time, nothing is deployed; now in Scheduled, approval approved'
    ],
    [
      'in-use',
      IMPLEMENT,
      undefined,
      'used by another run, nothing is deployed; now in Implement, approval approved'
    ]
  ])('%s, and the change is another one since: both are said', (outcome, after, closed, verdict) =>
    expect(verdictAfter(gate({ outcome }), after, closed)).toBe(verdict)
  )
})

describe('an open gate', () => {
  it.each([
    ['entered', undefined],
    ['entered', 'error'],
    ['entering', undefined],
    ['entering', 'error']
  ] as const)('%s, %s: how the change is after the job', (phase, outcome) =>
    expect(verdictAfter(gate({ phase, outcome }), IMPLEMENT, undefined)).toBe('in Implement')
  )

  it.each([
    ['in-use', IMPLEMENT],
    ['error', SCHEDULED],
    [undefined, CANCELED]
  ] as const)('is none where the claim was lost: %s', (outcome, after) =>
    expect(isOpened(gate({ phase: 'entering', outcome }), after)).toBe(false)
  )
})
