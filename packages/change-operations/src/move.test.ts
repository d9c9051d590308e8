import { type Change, clientProblem } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { type Move, type Moved, moveTo } from './move.ts'
import { isRefusedMove } from './problems.ts'
import { contextOn, problemOf } from './testing/fake-context.ts'
import { FakeInstance } from './testing/fake-instance.ts'
import type { Cell } from './testing/fake-records.ts'

let fake: FakeInstance

beforeEach(() => {
  fake = new FakeInstance()
})

const APPROVED = { approval: 'approved' }
const NOTE = { text: 'deployed', marker: '[gha 1]' }
const NO_TASKS = { state: '0', label: 'Review', available: false, unmet: ['No active Change Tasks'] }

async function move(
  cells: Record<string, Cell>,
  target: Move['target'],
  more: Partial<Move> = {},
  dryRun = false
) {
  const change = fake.add(cells)
  const context = contextOn(fake, { dryRun })
  return { ...(await moveTo(context, { change, target, ...more })), context }
}

function task(change: Pick<Change, 'sysId'>, sysId: string, state = '1') {
  const about = { sysId, number: `CTASK-${sysId}`, shortDescription: 'Smoke test', state, type: 'testing' }
  fake.tasks.push({ changeSysId: change.sysId, task: about })
}

describe('a move over several states', () => {
  it('goes step by step to its target, closing fields with the last, the note with the first', async () => {
    const closing = { close_code: 'successful', close_notes: 'fine' }
    const moved = await move({ state: '-2', ...APPROVED }, 'closed', { closing, note: NOTE })
    expect(moved.change.state).toBe('3')
    expect(moved.transitions).toEqual(['implement', 'review', 'closed'])
    expect(moved.noted).toBe(true)
    expect(moved.context.told('moved').map(event => event.change.state)).toEqual(['-1', '0', '3'])
    expect(fake.log).toEqual([
      'update CHG0030001 state=-1 work_notes=deployed [gha 1]',
      'update CHG0030001 state=0',
      'update CHG0030001 state=3 close_code=successful close_notes=fine'
    ])
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
    expect(fake.log).toEqual([])
  })

  it('takes the instance’s own steps for its own: arriving beyond counts', async () => {
    fake.rule = fields => (fields.state === '-4' ? { state: '-2' } : fields)
    const moved = await move({ state: '-5' }, 'assess')
    expect(moved.change.state).toBe('-2')
    expect(moved.transitions).toEqual(['scheduled'])
    expect(fake.writes).toHaveLength(1)
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
    expect(fake.writes).toEqual([])
  })
})

describe('a move that is refused before any write', () => {
  it.each<[string, Record<string, Cell>, Move['target'], 'needs-approval' | 'cannot-move', object]>([
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
      { state: ['107', 'Testing'] },
      'closed',
      'cannot-move',
      { reason: 'unknown-state', state: 'Testing' }
    ]
  ])('%s', async (_, cells, target, code, facts) => {
    const problem = await problemOf(move(cells, target, { note: NOTE }), code)
    expect(problem.facts).toMatchObject({ target, type: 'normal', ...facts })
    expect(problem.facts).not.toHaveProperty('kind')
    expect(problem).toMatchObject({ subject: { number: 'CHG0030001' }, outcome: undefined })
    expect(fake.log).toEqual([])
  })
})

describe('a move that reported success, but the change did not move', () => {
  const stubborn = (fields: Record<string, unknown>) => ('state' in fields ? {} : undefined)

  it('is sent once more, then fails with what the instance itself allows', async () => {
    fake.rule = stubborn
    fake.nextStates = [NO_TASKS, { state: '4', label: 'Canceled', available: true, unmet: [] }]
    const problem = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), 'did-not-leave')
    expect(problem.subject?.number).toBe('CHG0030001')
    expect(problem.facts).toEqual({
      next: 'review',
      allowed: fake.nextStates,
      state: 'Implement',
      onHold: false,
      holdReason: ''
    })
    expect(fake.log).toEqual([
      'update CHG0030001 state=0',
      'get sys-CHG0030001',
      'update CHG0030001 state=0',
      'get sys-CHG0030001',
      'nextstates'
    ])
  })

  it('tells a hold', async () => {
    fake.rule = stubborn
    const held = { state: '-1', on_hold: 'true', on_hold_reason: 'freeze', ...APPROVED }
    const { facts } = await problemOf(move(held, 'review'), 'did-not-leave')
    expect(facts).toMatchObject({ onHold: true, holdReason: 'freeze' })
  })

  it.each<[string, () => void]>([
    ['has no such call', () => undefined],
    [
      'allows nothing',
      () => {
        fake.nextStates = []
      }
    ],
    ['does not respond', () => fake.fail('nextstates', clientProblem('unavailable', { operation: 'x' }))]
  ])('fails without it too, where the API %s', async (_, arrange) => {
    fake.rule = stubborn
    arrange()
    const { facts } = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), 'did-not-leave')
    expect(facts.allowed).toBeUndefined()
  })

  it('counts when it is made in the background', async () => {
    fake.rule = stubborn
    const change = fake.add({ state: '-1', ...APPROVED })
    const context = contextOn(fake)
    context.at(500, () => fake.set(change, { state: '0' }))
    expect((await moveTo(context, { change, target: 'review' })).transitions).toEqual(['review'])
    expect(fake.writes).toHaveLength(1)
  })

  it('does not write its note twice, even where the journal may not be read', async () => {
    fake.rule = (fields, row) => {
      delete row.work_notes
      return 'state' in fields ? {} : fields
    }
    await problemOf(move({ state: '-1', ...APPROVED }, 'review', { note: NOTE }), 'did-not-leave')
    expect(fake.writes.map(line => line.includes('work_notes'))).toEqual([true, false])
  })

  it('for ever is an error, never a success', async () => {
    const change = fake.add({ state: '-1', ...APPROVED })
    task(change, 'first')
    // A rule that opens a new task for each that is closed.
    fake.after = verb => {
      if (verb !== 'task') return
      fake.tasks.splice(0)
      task(change, `again-${fake.log.length}`)
    }
    const going = moveTo(contextOn(fake), { change, target: 'closed', tasks: 'close' })
    const { facts, committed } = await problemOf(going, 'moves-back')
    expect(committed).toBe('yes')
    expect(facts).toEqual({ target: 'closed', state: 'Implement', moves: [] })
  })
})

describe('a move that is refused', () => {
  const refusal = { operation: 'moving', status: 403, message: 'Aborted by rule X' }
  const refused = clientProblem('business-rule', refusal)

  it('is that problem, with what the instance allows', async () => {
    fake.fail('update', refused)
    fake.nextStates = [NO_TASKS]
    const problem = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), 'business-rule')
    expect(problem.facts).toEqual({ ...refusal, transition: { next: 'review', allowed: [NO_TASKS] } })
    expect(problem).toMatchObject({ retry: refused.retry, committed: refused.committed, cause: refused })
    expect(isRefusedMove(problem)).toBe(true)
    expect(isRefusedMove(refused)).toBe(false)
  })

  it.each([400, 404, 499])('is refused with any status of the kind: %d', async status => {
    fake.fail('update', clientProblem('bad-request', { operation: 'moving', status }))
    const problem = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), 'bad-request')
    expect(isRefusedMove(problem)).toBe(true)
  })

  it('is that problem where the instance cannot tell what it allows', async () => {
    fake.fail('update', refused)
    const problem = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), 'business-rule')
    expect(problem.facts).toMatchObject({ transition: { next: 'review', allowed: undefined } })
  })

  it('by an outage or wrong credentials is that problem, with nothing added', async () => {
    for (const code of ['server-error', 'credentials', 'rate-limit', 'redirect'] as const) {
      const status = { 'server-error': 500, credentials: 401, 'rate-limit': 429, redirect: 399 }[code]
      fake.fail('update', clientProblem(code, { operation: 'moving', status }))
      const problem = await problemOf(move({ state: '-1', ...APPROVED }, 'review'), code)
      expect(isRefusedMove(problem)).toBe(false)
    }
    expect(fake.log).not.toContain('nextstates')
  })

  it('leaves the moves before it made', async () => {
    fake.fail('update', 'lost', refused)
    await problemOf(move({ state: '-2', ...APPROVED }, 'review'), 'business-rule')
    expect(fake.get('sys-CHG0030001').state).toBe('-1')
  })

  it('but was made is no failure', async () => {
    fake.fail('update', 'lost')
    expect((await move({ state: '-1', ...APPROVED }, 'review')).transitions).toEqual(['review'])
    expect(fake.log).toEqual(['update CHG0030001 state=0', 'check CHG0030001'])
  })
})

describe('open tasks', () => {
  const closing = { close_code: 'successful' }
  const start = async (
    tasks: 'leave' | 'close' | 'fail',
    target: Move['target'] = 'closed',
    states = ['1', '-5']
  ) => {
    const change = fake.add({ state: '-1', ...APPROVED })
    for (const [n, state] of states.entries()) task(change, `t${n}`, state)
    const context = contextOn(fake)
    return { ...(await moveTo(context, { change, target, closing, tasks })), context }
  }

  it('are left alone', async () => {
    expect((await start('leave')).change.state).toBe('3')
    expect(fake.log.some(line => line.startsWith('task'))).toBe(false)
  })

  it('are closed with the result before the change', async () => {
    const { change, context } = await start('close')
    expect(change.state).toBe('3')
    expect(fake.writes).toEqual([
      'task t0 state=3 close_code=successful',
      'task t1 state=3 close_code=successful',
      'update CHG0030001 state=0',
      'update CHG0030001 state=3 close_code=successful'
    ])
    // Before and after the tasks were closed, and before the second move.
    expect(fake.log.filter(line => line === 'tasks')).toHaveLength(4)
    expect(context.told('task-closed').map(event => event.task.number)).toEqual(['CTASK-t0', 'CTASK-t1'])
  })

  it('are told each as they are closed, so that a later failure loses nothing', async () => {
    const change = fake.add({ state: '-1', ...APPROVED })
    for (const sysId of ['t0', 't1']) task(change, sysId)
    const told: string[] = []
    const onProgress = (moved: Moved) => void told.push(moved.transitions.join(' '))
    await moveTo(contextOn(fake), { change, target: 'closed', tasks: 'close', onProgress })
    expect(told).toEqual(['', '', '', 'review', 'review closed'])
  })

  it('fail the step before the first move, naming them', async () => {
    const { facts } = await problemOf(start('fail'), 'open-tasks')
    expect(facts).toEqual({ tasks: ['CTASK-t0 (Smoke test)', 'CTASK-t1 (Smoke test)'], stuck: false })
    expect(fake.writes).toEqual([])
  })

  it('do not count on the way to Implement, nor, unless they are to be closed, to Review', async () => {
    fake.add({ state: '-2', ...APPROVED })
    await moveTo(contextOn(fake), { change: fake.get('sys-CHG0030001'), target: 'implement', tasks: 'close' })
    expect(fake.log.filter(line => line.startsWith('task'))).toEqual([])
    expect((await start('fail', 'review')).change.state).toBe('0')
  })

  it('whose closing moves the change by itself save a move', async () => {
    fake.after = verb => {
      const done = fake.tasks.every(one => one.task.state === '3')
      if (verb === 'task' && done) fake.set(fake.rows[0] ?? {}, { state: '0' })
    }
    const { transitions } = await start('close')
    expect(transitions).toEqual(['review', 'closed'])
    expect(fake.writes).not.toContain('update CHG0030001 state=0')
  })

  it('that stay open although the instance reported success are an error', async () => {
    const change = fake.add({ state: '-1', ...APPROVED })
    task(change, 't0')
    fake.after = verb => {
      const one = fake.tasks[0]
      if (verb === 'task' && one !== undefined) one.task = { ...one.task, state: '1' }
    }
    const moving = moveTo(contextOn(fake), { change, target: 'closed', tasks: 'close' })
    const { facts } = await problemOf(moving, 'open-tasks')
    expect(facts).toEqual({ tasks: ['CTASK-t0 (Smoke test)'], stuck: true })
    expect(fake.writes).toEqual(['task t0 state=3', 'task t0 state=3'])
  })

  it.each([
    ['were closed all the same count as closed', 'business-rule', true],
    ['are open are that error', 'business-rule', false],
    ['were refused before any write are that error', 'bad-request', true]
  ] as const)('whose closing was refused, and which %s', async (_, code, closed) => {
    const change = fake.add({ state: '-1', ...APPROVED })
    task(change, 't0')
    fake.fail('task', clientProblem(code, { operation: 'closing', status: 403 }))
    // A rule that runs after the write refuses what was carried out.
    const one = fake.tasks[0]
    if (closed && one !== undefined)
      fake.after = verb => {
        if (verb === 'tasks') one.task = { ...one.task, state: '3' }
      }
    const moving = moveTo(contextOn(fake), { change, target: 'closed', tasks: 'close' })
    if (closed && code === 'business-rule') expect((await moving).change.state).toBe('3')
    else await problemOf(moving, code)
  })
})
