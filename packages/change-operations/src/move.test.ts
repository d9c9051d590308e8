import { type ClientCode, isClientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { type Move, type Moved, moveTo } from './move.ts'
import { isRefusedMove } from './problems.ts'
import { contextOn, problemOf, rejectionOf } from './testing/context.ts'
import { APIS, LOST, startInstance, type TestInstance } from './testing/instance.ts'

const APPROVED = { approval: 'approved' }
const CLOSING = { close_code: 'successful', close_notes: 'fine' }
const NOTE = { text: 'deployed', marker: '[gha 1]' }
/** What the instance allows in Implement while a task is open. */
const ALLOWED = [
  { state: '0', label: 'Review', available: false, unmet: ['No active Change Tasks'] },
  { state: '4', label: 'Canceled', available: true, unmet: [] }
]
let instance: TestInstance

async function move(
  fields: Record<string, string>,
  target: Move['target'],
  more: Partial<Move> = {},
  dryRun = false
) {
  const change = await instance.add(fields)
  const context = contextOn(instance, { dryRun })
  return { ...(await moveTo(context, { change, target, ...more })), context }
}

describe.each(APIS)('a move over several states (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('goes step by step to its target, closing fields with the last, the note with the first', async () => {
    const moved = await move({ state: '-2', ...APPROVED }, 'closed', { closing: CLOSING, note: NOTE })
    expect(moved.change.state).toBe('3')
    expect(moved.transitions).toEqual(['implement', 'review', 'closed'])
    expect(moved.noted).toBe(true)
    expect(moved.context.told('moved').map(event => event.change.state)).toEqual(['-1', '0', '3'])
    expect(instance.log).toEqual([
      'update CHG0030001 state=-1 work_notes=deployed [gha 1]',
      'update CHG0030001 state=0',
      'update CHG0030001 state=3 close_code=successful close_notes=fine'
    ])
    expect(instance.stored('CHG0030001')).toMatchObject({ state: '3', ...CLOSING })
  })

  it('tells after every write what is done so far', async () => {
    const told: Moved[] = []
    const onProgress = (moved: Moved) => void told.push({ ...moved, transitions: [...moved.transitions] })
    await move({ state: '-2', ...APPROVED }, 'review', { note: NOTE, onProgress })
    expect(told).toMatchObject([
      { change: { state: '-1' }, transitions: ['implement'], noted: true },
      { change: { state: '0' }, transitions: ['implement', 'review'], noted: true }
    ])
  })

  it('that has arrived already writes nothing', async () => {
    expect((await move({ state: '-1', ...APPROVED }, 'implement', { note: NOTE })).transitions).toEqual([])
    const beyond = await move({ state: '0', ...APPROVED }, 'implement')
    const { change } = beyond
    expect(beyond.context.events).toEqual([{ type: 'already-beyond', change, target: 'implement' }])
    expect(instance.log).toEqual([])
  })

  it('takes the instance’s own steps for its own: arriving beyond counts', async () => {
    instance.sandbox.addRule({
      table: 'change_request',
      name: 'Approved at once',
      run: ({ after }) => (after.state === '-4' ? { state: '-2' } : undefined)
    })
    const moved = await move({ state: '-5' }, 'assess')
    expect(moved.change.state).toBe('-2')
    expect(moved.transitions).toEqual(['scheduled'])
    expect(instance.writes).toHaveLength(1)
  })

  it('cancels from any open state', async () => {
    for (const state of ['-5', '-4', '-3', '-2', '-1']) {
      expect((await move({ state }, 'canceled')).transitions).toEqual(['canceled'])
    }
  })

  it('in a dry run tells where it would go', async () => {
    const moved = await move({ state: '-2', ...APPROVED }, 'closed', {}, true)
    expect(moved.transitions).toEqual([])
    const { change } = moved
    expect(moved.context.planned()).toEqual([
      { type: 'move', change, states: ['implement', 'review', 'closed'] }
    ])
    expect(instance.writes).toEqual([])
  })
})

describe.each(APIS)('a move that is refused before any write (%s)', api => {
  beforeEach(() => {
    instance = startInstance({ api })
    instance.addState('107', 'Testing')
  })

  it.each<[string, Record<string, string>, Move['target'], 'needs-approval' | 'cannot-move', object]>([
    ['approval missing', { state: '-2' }, 'closed', 'needs-approval', { next: 'approve-by-hand' }],
    [
      'approval requested',
      { state: '-4', approval: 'requested' },
      'implement',
      'needs-approval',
      { next: 'wait-for-approvers' }
    ],
    [
      'approval rejected',
      { state: '-5', approval: 'rejected' },
      'implement',
      'needs-approval',
      { next: 'resubmit' }
    ],
    [
      'only approval leads there',
      { state: '-5' },
      'authorize',
      'cannot-move',
      { reason: 'by-approval-only' }
    ],
    ['over', { state: '3' }, 'review', 'cannot-move', { reason: 'finished' }],
    ['canceled after the work', { state: '0' }, 'canceled', 'cannot-move', { reason: 'no-path' }],
    ['back to New', { state: '-4' }, 'new', 'cannot-move', { reason: 'behind' }],
    [
      'a state of the instance’s own',
      { state: '107' },
      'closed',
      'cannot-move',
      { reason: 'unknown-state', state: 'Testing' }
    ]
  ])('%s', async (_, fields, target, code, facts) => {
    const problem = await problemOf(move(fields, target, { note: NOTE }), code)
    expect(problem.facts).toMatchObject({ target, type: 'normal', ...facts })
    expect(problem.facts).not.toHaveProperty('kind')
    expect(problem).toMatchObject({ subject: { number: 'CHG0030001' }, outcome: undefined })
    expect(instance.log).toEqual([])
  })
})

describe.each(APIS)('a move that reported success, but the change did not move (%s)', api => {
  /** The instance ignores the state in every write. */
  const ignoreMoves = () => instance.fail('update', { kind: 'silent-no-op', times: Number.POSITIVE_INFINITY })
  beforeEach(() => {
    instance = startInstance({ api })
    ignoreMoves()
  })

  it('is sent once more, then fails with what the instance itself allows', async () => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.addTask(change)
    const moving = moveTo(contextOn(instance), { change, target: 'review' })
    const problem = await problemOf(moving, 'did-not-leave')
    expect(problem.subject?.number).toBe('CHG0030001')
    expect(problem.facts).toEqual({
      next: 'review',
      allowed: api === 'table' ? undefined : ALLOWED,
      state: 'Implement',
      onHold: false,
      holdReason: ''
    })
    expect(instance.log).toEqual([
      'update CHG0030001 state=0',
      'get CHG0030001',
      'update CHG0030001 state=0',
      'get CHG0030001',
      ...(api === 'table' ? [] : ['nextstates'])
    ])
  })

  it('tells a hold', async () => {
    const held = { state: '-1', on_hold: 'true', on_hold_reason: 'freeze', ...APPROVED }
    const { facts } = await problemOf(move(held, 'review'), 'did-not-leave')
    expect(facts).toMatchObject({ onHold: true, holdReason: 'freeze' })
  })

  it.each([
    ['allows nothing', { kind: 'json', body: { result: { available_states: [] } } }],
    ['does not respond', { kind: 'unavailable', times: 5 }]
  ] as const)('fails without it too, where the API %s', async (_, fault) => {
    instance.fail('nextstates', fault)
    const { facts } = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), 'did-not-leave')
    expect(facts.allowed).toBeUndefined()
  })

  it('counts when it is made in the background', async () => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    const context = contextOn(instance)
    context.at(500, () => instance.set(change, { state: '0' }))
    expect((await moveTo(context, { change, target: 'review' })).transitions).toEqual(['review'])
    expect(instance.writes).toHaveLength(1)
  })

  it('does not write its note twice, even where the journal may not be read', async () => {
    instance = startInstance({ api, unreadableFields: ['work_notes'] })
    ignoreMoves()
    await problemOf(move({ state: '-1', ...APPROVED }, 'review', { note: NOTE }), 'did-not-leave')
    expect(instance.writes.map(line => line.includes('work_notes'))).toEqual([true, false])
    expect(instance.sandbox.journal('CHG0030001')).toHaveLength(1)
  })

  it('for ever is an error, never a success', async () => {
    instance = startInstance({ api })
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.addTask(change)
    instance.sandbox.addRule({
      table: 'change_task',
      name: 'A new task for each that is closed',
      run: ({ after }) => {
        if (after.state === '3') instance.addTask(change)
        return undefined
      }
    })
    const going = moveTo(contextOn(instance), { change, target: 'closed', tasks: 'close' })
    const { facts, committed } = await problemOf(going, 'moves-back')
    expect(committed).toBe('yes')
    expect(facts).toEqual({ target: 'closed', state: 'Implement', moves: [] })
  })
})

describe.each(APIS)('a move that is refused (%s)', api => {
  const refused = { kind: 'business-rule', rule: 'Change freeze' } as const
  beforeEach(() => {
    instance = startInstance({ api })
  })

  it('is that problem, with what the instance allows', async () => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.addTask(change)
    const moving = moveTo(contextOn(instance), { change, target: 'review' })
    const [status, message] =
      api === 'table'
        ? [403, 'Change Model: Check State Transition']
        : [400, 'conditions not met: "No active Change Tasks"']
    const problem = await problemOf(moving, 'business-rule')
    expect(problem.facts).toEqual({
      operation: 'moving CHG0030001 from Implement to Review',
      status,
      message: expect.stringContaining(message),
      transition: { next: 'review', allowed: api === 'table' ? undefined : ALLOWED }
    })
    expect(isRefusedMove(problem)).toBe(true)
    const { cause } = problem
    expect(isClientProblem(cause, 'business-rule')).toBe(true)
    expect(isRefusedMove(cause)).toBe(false)
    const { retry, committed } = cause as typeof problem
    expect(problem).toMatchObject({ retry, committed })
  })

  it.each<[number, ClientCode]>([
    [400, 'bad-request'],
    [404, 'not-found'],
    [499, 'unexpected']
  ])('is refused with any status of the kind: %d', async (status, code) => {
    instance.fail('update', { kind: 'error', status, message: 'no' })
    const problem = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), code)
    expect(isRefusedMove(problem)).toBe(true)
  })

  it.each([
    ['at its target', '0'],
    ['beyond', '3']
  ])('because somebody else moved the change: it is %s, and that counts', async (_, state) => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.fail('update', { kind: 'error', status: 400, message: 'Cannot go from Review to Review' })
    instance.after('update', () => instance.set(change, { state }))
    const moved = await moveTo(contextOn(instance), { change, target: 'review' })
    expect(moved.change.state).toBe(state)
    expect(instance.log).toEqual(['update CHG0030001 state=0', 'get CHG0030001'])
  })

  it('because somebody else canceled the change is that problem', async () => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.fail('update', { kind: 'error', status: 400, message: 'no' })
    instance.after('update', () => instance.set(change, { state: '4' }))
    await problemOf(moveTo(contextOn(instance), { change, target: 'review' }), 'bad-request')
  })

  it('is that problem where the instance cannot tell what it allows', async () => {
    instance.fail('update', refused)
    instance.fail('nextstates', { kind: 'not-found' })
    const problem = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), 'business-rule')
    expect(problem.facts).toMatchObject({ transition: { next: 'review', allowed: undefined } })
  })

  it.each([
    ['server-error', { kind: 'error', status: 500, message: 'x', times: 5 }],
    ['credentials', { kind: 'unauthorized' }],
    ['rate-limit', { kind: 'rate-limited', times: 5 }],
    ['redirect', { kind: 'error', status: 399, message: 'x' }]
  ] as const)(
    'by an outage or wrong credentials is that problem, with nothing added: %s',
    async (code, fault) => {
      instance.fail('update', fault)
      const problem = await rejectionOf(move({ state: '-1', ...APPROVED }, 'review'))
      expect(isClientProblem(problem, code)).toBe(true)
      expect(isRefusedMove(problem)).toBe(false)
      expect(instance.log).not.toContain('nextstates')
    }
  )

  it('leaves the moves before it made', async () => {
    instance.fail('update', LOST, refused)
    await problemOf(move({ state: '-2', ...APPROVED }, 'review'), 'business-rule')
    expect(instance.stored('CHG0030001').state).toBe('-1')
  })

  it('but was made is no failure', async () => {
    instance.fail('update', LOST)
    expect((await move({ state: '-1', ...APPROVED }, 'review')).transitions).toEqual(['review'])
    expect(instance.log).toEqual(['update CHG0030001 state=0', 'get CHG0030001'])
  })
})
