import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  isAtOrBeyond,
  isOpen,
  type MovableChange,
  parseState,
  planMoves,
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

  it.each<[string, MovableChange, StateName, string, RegExp]>([
    ['unapproved in New', change('new'), 'implement', 'needs-approval', /request-approval: true/],
    [
      'waiting in Assess',
      change('assess', { approval: 'requested' }),
      'closed',
      'needs-approval',
      /wait-approval/
    ],
    ['no approvals yet', change('authorize'), 'review', 'needs-approval', /wait-approval/],
    ['pushed to Scheduled', change('scheduled'), 'implement', 'needs-approval', /without an approval/],
    [
      'Scheduled, asked again',
      change('scheduled', { approval: 'requested' }),
      'closed',
      'needs-approval',
      /approval reads "requested".*wait-approval/
    ],
    ['rejected', change('new', { approval: 'rejected' }), 'implement', 'needs-approval', /objected to/],
    [
      'rejected, from a template',
      change('new', { ...TEMPLATE, approval: 'rejected' }),
      'implement',
      'needs-approval',
      /objected to/
    ],
    [
      'standard without template',
      change('new', { type: 'standard' }),
      'implement',
      'needs-approval',
      /person/
    ],
    ['a type of its own', change('new', { type: 'u_fast' }), 'implement', 'needs-approval', /person/],
    [
      'a type of its own, first move',
      change('new', { type: 'u_fast' }),
      'assess',
      'by-approval-only',
      /person/
    ],
    ['normal, to Authorize', change('new'), 'authorize', 'by-approval-only', /request-approval/],
    ['Assess to Authorize', change('assess'), 'authorize', 'by-approval-only', /wait-approval/],
    ['Authorize to Scheduled', change('authorize'), 'scheduled', 'by-approval-only', /wait-approval/],
    [
      'approved, on its way',
      change('authorize', APPROVED),
      'implement',
      'by-approval-only',
      /until it reads/
    ],
    ['standard has no Assess', change('new', TEMPLATE), 'assess', 'no-path', /A standard change does not/],
    ['emergency has no Assess', change('new', { type: 'emergency' }), 'assess', 'no-path', /An emergency/],
    ['cancel from Review', change('review'), 'canceled', 'no-path', /Close it instead/],
    ['cancel from Closed', change('closed'), 'canceled', 'finished', /is Closed/],
    ['Closed', change('closed'), 'review', 'finished', /new change/],
    ['Canceled', change('canceled'), 'implement', 'finished', /is Canceled/],
    ['Canceled, to New', change('canceled'), 'new', 'finished', /is Canceled/],
    ['back to New', change('assess'), 'new', 'behind', /not moved back/],
    [
      'a custom state',
      { ...change('new'), state: '9', stateLabel: 'Pilot' },
      'canceled',
      'unknown-state',
      /in "Pilot"/
    ],
    ['no state', { ...change('new'), state: '' }, 'closed', 'unknown-state', /standard state/]
  ])('refuses: %s', (_, from, target, reason, text) => {
    expect(planMoves(from, target)).toEqual({ kind: 'refused', reason, text: expect.stringMatching(text) })
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

  it('explains every refusal with a cause and a fix', () => {
    fc.assert(
      fc.property(anyChange, anyTarget, (from, target) => {
        const plan = planMoves(from, target)
        if (plan.kind === 'refused') expect(plan.text).toMatch(/^.+\. .+\.$/s)
      })
    )
  })
})
