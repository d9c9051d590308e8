import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  type ApprovalStep,
  isAtOrBeyond,
  isOpen,
  type MovableChange,
  parseState,
  planMoves,
  type RefusalReason,
  requestApprovalMove,
  STATES,
  type StateName,
  stateOf,
  stateText,
  stateTitle,
  stateValue
} from './index.ts'

const NAMES = STATES.map(state => state.name)
const LADDER = NAMES.filter(name => name !== 'canceled')

/** A change as the Change Management API shows it: the value written like a decimal. */
function change(state: StateName, more: Partial<MovableChange> = {}): MovableChange {
  return {
    state: `${stateValue(state)}.0`,
    stateLabel: 'from the instance',
    type: 'normal',
    approval: 'not requested',
    fromTemplate: false,
    ...more
  }
}
const TEMPLATE = { type: 'standard', fromTemplate: true }
const APPROVED = { approval: 'approved' }

describe('reading a state', () => {
  it.each([
    ['new', 'new'],
    ['  Scheduled ', 'scheduled'],
    ['CANCELLED', 'canceled'],
    ['Canceled', 'canceled'],
    ['-5', 'new'],
    ['-5.0', 'new'],
    [' 0 ', 'review'],
    ['0.0', 'review'],
    ['3', 'closed'],
    ['4.00', 'canceled']
  ])('takes %j for %s', (text, name) => {
    expect(parseState(text)).toBe(name)
  })

  it.each([
    '',
    ' ',
    '1',
    '-6',
    '-4.5',
    '0x0',
    '1e0',
    'draft',
    'implementing',
    'null',
    '-',
    '- 5',
    'constructor'
  ])('does not know %j', text => {
    expect(parseState(text)).toBeUndefined()
  })

  it('takes only numbers from the wire, and the empty text for no state', () => {
    expect(stateOf('0')).toBe('review')
    expect(stateOf('-1.0')).toBe('implement')
    expect(stateOf('')).toBeUndefined()
    expect(stateOf('implement')).toBeUndefined()
  })

  it('has the numbers that ServiceNow ships', () => {
    expect(NAMES.map(stateValue)).toEqual(['-5', '-4', '-3', '-2', '-1', '0', '3', '4'])
    for (const { name, value, label } of STATES) {
      expect([parseState(value), parseState(label), stateOf(value)]).toEqual([name, name, name])
    }
  })

  it('shows known states by our names and custom ones by the label of the instance', () => {
    expect(stateText({ state: '0', stateLabel: 'Überprüfung' })).toBe('review')
    expect(stateTitle({ state: '0', stateLabel: 'Überprüfung' })).toBe('Review')
    expect(stateText({ state: '7', stateLabel: 'Pilot running' })).toBe('Pilot running')
    expect(stateText({ state: '7', stateLabel: '' })).toBe('7')
    expect(stateText({ state: '', stateLabel: ' ' })).toBe('unknown')
  })

  it('counts New to Implement as open', () => {
    expect(NAMES.filter(isOpen)).toEqual(['new', 'assess', 'authorize', 'scheduled', 'implement'])
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const name = parseState(text)
        expect(name === undefined || NAMES.includes(name)).toBe(true)
      })
    )
  })
})

describe('at or beyond a target', () => {
  it('follows the ladder from New to Closed', () => {
    LADDER.forEach((state, at) => {
      LADDER.forEach((target, to) => {
        expect(isAtOrBeyond(state, target)).toBe(at >= to)
      })
    })
  })

  it('keeps Canceled and custom states off the ladder', () => {
    for (const name of LADDER) {
      expect(isAtOrBeyond('canceled', name)).toBe(false)
      expect(isAtOrBeyond(name, 'canceled')).toBe(false)
      expect(isAtOrBeyond(undefined, name)).toBe(false)
    }
    expect(isAtOrBeyond('canceled', 'canceled')).toBe(true)
  })
})

describe('the move that requests approval', () => {
  it.each([
    ['normal', false, 'assess'],
    ['Normal', true, 'assess'],
    ['emergency', false, 'authorize'],
    ['standard', true, 'scheduled'],
    ['standard', false, undefined],
    ['u_fast_lane', true, undefined],
    ['', false, undefined],
    ['constructor', false, undefined]
  ])('of type %j (template: %j) is %s', (type, fromTemplate, move) => {
    expect(requestApprovalMove(change('new', { type, fromTemplate }))).toBe(move)
  })

  it('exists in New only', () => {
    for (const state of NAMES.filter(name => name !== 'new')) {
      expect(requestApprovalMove(change(state))).toBeUndefined()
    }
    expect(requestApprovalMove({ ...change('new'), state: '12' })).toBeUndefined()
  })
})

describe('planning moves', () => {
  const moves = (next: StateName, ...rest: StateName[]) => ({ kind: 'move', next, rest })
  const refused = (reason: RefusalReason, from: MovableChange, target: StateName) => ({
    kind: 'refused',
    reason,
    target,
    state: stateTitle(from),
    type: from.type.replace('_', ' '),
    approval: from.approval
  })

  it.each<[string, MovableChange, StateName, object]>([
    ['normal: requests approval', change('new'), 'assess', moves('assess')],
    ['emergency: requests approval', change('new', { type: 'emergency' }), 'authorize', moves('authorize')],
    ['template: to Scheduled', change('new', TEMPLATE), 'scheduled', moves('scheduled')],
    ['template: on to Implement', change('new', TEMPLATE), 'implement', moves('scheduled', 'implement')],
    [
      'template: to the end',
      change('new', TEMPLATE),
      'closed',
      moves('scheduled', 'implement', 'review', 'closed')
    ],
    ['Scheduled and approved', change('scheduled', APPROVED), 'implement', moves('implement')],
    [
      'Scheduled and approved, to the end',
      change('scheduled', APPROVED),
      'closed',
      moves('implement', 'review', 'closed')
    ],
    ['Implement, unapproved: closable', change('implement'), 'closed', moves('review', 'closed')],
    ['Review, rejected: closable', change('review', { approval: 'rejected' }), 'closed', moves('closed')],
    [
      'rejected, submitted again on demand',
      change('new', { approval: 'rejected' }),
      'assess',
      moves('assess')
    ]
  ])('%s', (_, from, target, plan) => {
    expect(planMoves(from, target)).toEqual(plan)
  })

  it.each<[string, MovableChange, StateName, ApprovalStep]>([
    ['unapproved in New', change('new'), 'implement', 'request-approval'],
    ['waiting in Assess', change('assess', { approval: 'requested' }), 'closed', 'wait-for-approvers'],
    ['no approvals yet', change('authorize'), 'review', 'wait-for-approvers'],
    ['pushed to Scheduled', change('scheduled'), 'implement', 'approve-by-hand'],
    [
      'Scheduled, requested again',
      change('scheduled', { approval: 'requested' }),
      'closed',
      'wait-for-approvers'
    ],
    ['rejected', change('new', { approval: 'rejected' }), 'implement', 'resubmit'],
    [
      'rejected, from a template',
      change('new', { ...TEMPLATE, approval: 'rejected' }),
      'implement',
      'resubmit'
    ],
    ['standard without template', change('new', { type: 'standard' }), 'implement', 'submit-by-hand'],
    ['a type of its own', change('new', { type: 'u_fast' }), 'implement', 'submit-by-hand']
  ])('refuses without an approval: %s', (_, from, target, next) => {
    expect(planMoves(from, target)).toEqual({ ...refused('needs-approval', from, target), next })
  })

  it.each<[string, MovableChange, StateName, ApprovalStep]>([
    ['a type of its own, first move', change('new', { type: 'u_fast' }), 'assess', 'submit-by-hand'],
    ['normal, to Authorize', change('new'), 'authorize', 'request-approval'],
    ['Assess to Authorize', change('assess'), 'authorize', 'wait-for-approvers'],
    ['Authorize to Scheduled', change('authorize'), 'scheduled', 'wait-for-approvers'],
    ['approved, on its way', change('authorize', APPROVED), 'implement', 'wait-for-scheduled']
  ])('leaves to the approval: %s', (_, from, target, next) => {
    expect(planMoves(from, target)).toEqual({ ...refused('by-approval-only', from, target), next })
  })

  it.each<[string, MovableChange, StateName, RefusalReason]>([
    ['standard has no Assess', change('new', TEMPLATE), 'assess', 'no-path'],
    ['emergency has no Assess', change('new', { type: 'emergency' }), 'assess', 'no-path'],
    ['cancel from Review', change('review'), 'canceled', 'no-path'],
    ['cancel from Closed', change('closed'), 'canceled', 'finished'],
    ['Closed', change('closed'), 'review', 'finished'],
    ['Canceled', change('canceled'), 'implement', 'finished'],
    ['Canceled, to New', change('canceled'), 'new', 'finished'],
    ['back to New', change('assess'), 'new', 'behind'],
    ['a custom state', { ...change('new'), state: '9', stateLabel: 'Pilot' }, 'canceled', 'unknown-state'],
    ['no state', { ...change('new'), state: '', stateLabel: '' }, 'closed', 'unknown-state']
  ])('refuses: %s', (_, from, target, reason) => {
    expect(planMoves(from, target)).toEqual(refused(reason, from, target))
  })

  it('names the state as people see it, the type in one spelling and the approval as it is', () => {
    const custom = { ...change('new'), state: '9', stateLabel: 'Pilot', type: 'U_Own', approval: ' Odd ' }
    expect(planMoves(custom, 'closed')).toMatchObject({ state: 'Pilot', type: 'u own', approval: ' Odd ' })
    expect(planMoves(change('closed'), 'review')).toMatchObject({ state: 'Closed', target: 'review' })
    expect(planMoves({ ...custom, stateLabel: ' ', state: '' }, 'closed')).toMatchObject({ state: 'unknown' })
  })

  it('cancels from every open state in one move', () => {
    for (const state of NAMES.filter(isOpen)) {
      expect(planMoves(change(state), 'canceled')).toEqual(moves('canceled'))
    }
  })

  it('has nothing to do where the change is already, or when it is beyond', () => {
    for (const state of NAMES) expect(planMoves(change(state), state)).toEqual({ kind: 'there' })
    expect(planMoves(change('implement'), 'scheduled')).toEqual({ kind: 'beyond', at: 'implement' })
    expect(planMoves(change('review'), 'implement')).toEqual({ kind: 'beyond', at: 'review' })
    expect(planMoves(change('scheduled'), 'assess')).toEqual({ kind: 'beyond', at: 'scheduled' })
  })
})

describe('whatever the change', () => {
  const anyChange = fc.record({
    state: fc.constantFrom(...STATES.map(state => state.value), '-4.0', '0.0', '8', ''),
    stateLabel: fc.string(),
    type: fc.constantFrom('normal', 'emergency', 'standard', 'u_own', ''),
    approval: fc.constantFrom('not requested', 'requested', 'approved', 'rejected', 'not_required', ''),
    fromTemplate: fc.boolean()
  })
  const anyTarget = fc.constantFrom(...NAMES)

  /** The list in the contract, and nothing else. */
  function isAllowed(from: StateName, to: StateName, by: MovableChange): boolean {
    if (to === 'canceled') return isOpen(from)
    if (from === 'new') {
      const first = { normal: 'assess', emergency: 'authorize', standard: by.fromTemplate ? 'scheduled' : '' }
      return to === first[by.type as keyof typeof first]
    }
    return ['scheduled implement', 'implement review', 'review closed'].includes(`${from} ${to}`)
  }

  it('plans only allowed moves, one after the other, ending at the target', () => {
    fc.assert(
      fc.property(anyChange, anyTarget, (from, target) => {
        const plan = planMoves(from, target)
        if (plan.kind !== 'move') return
        const path = [stateOf(from.state) as StateName, plan.next, ...plan.rest]
        expect(path.at(-1)).toBe(target)
        path.slice(1).forEach((to, index) => {
          expect(isAllowed(path[index] as StateName, to, from)).toBe(true)
        })
      }),
      { numRuns: 1000 }
    )
  })

  it('passes Scheduled only with an approval, or with the one that a template brings', () => {
    fc.assert(
      fc.property(anyChange, anyTarget, (from, target) => {
        const plan = planMoves(from, target)
        if (plan.kind !== 'move' || ![plan.next, ...plan.rest].includes('implement')) return
        const at = stateOf(from.state)
        const byTemplate = at === 'new' && from.type === 'standard' && from.fromTemplate
        expect(byTemplate || (at === 'scheduled' && from.approval === 'approved')).toBe(true)
      }),
      { numRuns: 1000 }
    )
  })

  it('arrives when planned again after every move, and never where the first plan refused', () => {
    fc.assert(
      fc.property(anyChange, anyTarget, (from, target) => {
        const first = planMoves(from, target)
        let now = from
        for (let step = 0; step < 5; step++) {
          const plan = planMoves(now, target)
          if (plan.kind !== 'move') {
            expect(plan.kind).toBe(first.kind === 'move' ? 'there' : first.kind)
            return
          }
          const approval = plan.next === 'scheduled' ? 'approved' : now.approval
          now = { ...now, state: stateValue(plan.next), approval }
        }
        throw new Error('still not there after five moves')
      }),
      { numRuns: 1000 }
    )
  })

  it('tells what comes next where a change waits for an approval, and nowhere else', () => {
    fc.assert(
      fc.property(anyChange, anyTarget, (from, target) => {
        const plan = planMoves(from, target)
        if (plan.kind !== 'refused') return
        expect(plan.target).toBe(target)
        expect(plan.state).toMatch(/\S/)
        expect('next' in plan).toBe(['needs-approval', 'by-approval-only'].includes(plan.reason))
      })
    )
  })
})
