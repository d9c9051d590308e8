import { type Change, ServiceNowError } from '@change-actions/servicenow-client'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { ChangeError } from './flow.ts'
import { type Move, moveTo } from './move.ts'
import { FakeInstance } from './testing/fake-client.ts'
import { failure, flowOn } from './testing/fake-flow.ts'
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
  const flow = flowOn(fake, { dryRun })
  return { ...(await moveTo(flow, { change, target, ...more })), flow }
}

function task(change: Pick<Change, 'sysId'>, sysId: string, state = '1') {
  const about = { sysId, number: `CTASK-${sysId}`, shortDescription: 'Smoke test', state, type: 'testing' }
  fake.tasks.push({ changeSysId: change.sysId, task: about })
}

describe('a walk', () => {
  it('goes step by step to its target, closing fields with the last, the note with the first', async () => {
    const closing = { close_code: 'successful', close_notes: 'fine' }
    const moved = await move({ state: '-2', ...APPROVED }, 'closed', { closing, note: NOTE })
    expect(moved.change.state).toBe('3')
    expect(moved.transitions).toEqual(['implement', 'review', 'closed'])
    expect(moved.noted).toBe(true)
    expect(fake.log).toEqual([
      'update CHG0030001 state=-1 work_notes=deployed [gha 1]',
      'update CHG0030001 state=0',
      'update CHG0030001 state=3 close_code=successful close_notes=fine'
    ])
  })

  it('that is over already writes nothing', async () => {
    expect((await move({ state: '-1', ...APPROVED }, 'implement', { note: NOTE })).transitions).toEqual([])
    const beyond = await move({ state: '0', ...APPROVED }, 'implement')
    expect(beyond.flow.told('warning')).toEqual(['CHG0030002 is in Review already, beyond Implement.'])
    expect(fake.log).toEqual([])
  })

  it('takes the instance’s own steps for its own: landing beyond counts', async () => {
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

  it('in a dry run says where it would go', async () => {
    const moved = await move({ state: '-2', ...APPROVED }, 'closed', {}, true)
    expect(moved.transitions).toEqual([])
    expect(moved.flow.told('plan')).toEqual(['move CHG0030001 to Implement → Review → Closed'])
    expect(fake.writes).toEqual([])
  })
})

describe('a walk that is refused before any move', () => {
  it.each<[string, Record<string, Cell>, Move['target'], string]>([
    ['approval missing', { state: '-2' }, 'closed', 'Change CHG0030001: not approved'],
    [
      'approval requested',
      { state: '-4', approval: 'requested' },
      'implement',
      'Change CHG0030001: not approved'
    ],
    [
      'approval rejected',
      { state: '-5', approval: 'rejected' },
      'implement',
      'Change CHG0030001: not approved'
    ],
    ['only approval leads there', { state: '-5' }, 'authorize', 'Change CHG0030001: cannot go to Authorize'],
    ['over', { state: '3' }, 'review', 'Change CHG0030001: cannot go to Review'],
    ['canceled after the work', { state: '0' }, 'canceled', 'Change CHG0030001: cannot go to Canceled'],
    ['back to New', { state: '-4' }, 'new', 'Change CHG0030001: cannot go to New'],
    [
      'a state of the instance’s own',
      { state: ['107', 'Testing'] },
      'closed',
      'Change CHG0030001: cannot go to Closed'
    ]
  ])('%s', async (_, cells, target, title) => {
    const error = await failure(ChangeError, move(cells, target, { note: NOTE }))
    expect(error.title).toBe(title)
    expect(fake.log).toEqual([])
  })
})

describe('a move that nothing comes of', () => {
  const stubborn = (fields: Record<string, unknown>) => ('state' in fields ? {} : undefined)

  it('is asked for once more, then explained by the instance’s own next states', async () => {
    fake.rule = stubborn
    fake.nextStates = [NO_TASKS, { state: '4', label: 'Canceled', available: true, unmet: [] }]
    const error = await failure(ChangeError, move({ state: '-1', ...APPROVED }, 'review'))
    expect(error.title).toBe('Change CHG0030001: stayed in Implement')
    expect(error.message).toContain('Conditions not met for Review: No active Change Tasks.')
    expect(fake.log).toEqual([
      'update CHG0030001 state=0',
      'get sys-CHG0030001',
      'update CHG0030001 state=0',
      'get sys-CHG0030001',
      'nextstates'
    ])
  })

  it('says what the instance allows instead, and on what it holds', async () => {
    fake.rule = stubborn
    fake.nextStates = [{ state: '4', label: 'Canceled', available: true, unmet: [] }]
    const held = { state: '-1', on_hold: 'true', on_hold_reason: 'freeze', ...APPROVED }
    const error = await failure(ChangeError, move(held, 'review'))
    expect(error.message).toContain('It is on hold: freeze.')
    expect(error.message).toContain('The instance knows no such move from here; it allows: Canceled.')
  })

  it('is an error without an explanation too, where the API has none', async () => {
    fake.rule = stubborn
    fake.fail('nextstates', new ServiceNowError('unavailable', { doing: 'x' }))
    const error = await failure(ChangeError, move({ state: '-1', ...APPROVED }, 'review'))
    expect(error.message).toMatch(/Likely cause: .*\nFix: /)
  })

  it('counts when it is made in the background', async () => {
    fake.rule = stubborn
    const change = fake.add({ state: '-1', ...APPROVED })
    const flow = flowOn(fake)
    flow.at(500, () => fake.set(change, { state: '0' }))
    expect((await moveTo(flow, { change, target: 'review' })).transitions).toEqual(['review'])
    expect(fake.writes).toHaveLength(1)
  })

  it('does not write its note twice, even where the journal may not be read', async () => {
    fake.rule = (fields, row) => {
      delete row.work_notes
      return 'state' in fields ? {} : fields
    }
    await failure(ChangeError, move({ state: '-1', ...APPROVED }, 'review', { note: NOTE }))
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
    const going = moveTo(flowOn(fake), { change, target: 'closed', tasks: 'close' })
    expect((await failure(ChangeError, going)).title).toBe('Change CHG0030001: cannot go to Closed')
  })
})

describe('a move that is refused', () => {
  const refused = new ServiceNowError('business-rule', {
    doing: 'moving',
    status: 403,
    answer: 'Aborted by rule X'
  })

  it('is explained by the next states', async () => {
    fake.fail('update', refused)
    fake.nextStates = [NO_TASKS]
    const error = await failure(ChangeError, move({ state: '-1', ...APPROVED }, 'review'))
    expect(error.title).toBe('ServiceNow 403: a business rule refused')
    expect(error.message).toContain('Aborted by rule X')
    expect(error.message).toContain('No active Change Tasks')
    expect(error.cause).toBe(refused)
  })

  it('by an outage or wrong credentials is that error, unexplained', async () => {
    for (const code of ['unavailable', 'credentials', 'rate-limit'] as const) {
      const status = { unavailable: 503, credentials: 401, 'rate-limit': 429 }[code]
      fake.fail('update', new ServiceNowError(code, { doing: 'moving', status }))
      expect((await failure(ServiceNowError, move({ state: '-1', ...APPROVED }, 'review'))).code).toBe(code)
    }
    expect(fake.log).not.toContain('nextstates')
  })

  it('leaves the moves before it told', async () => {
    fake.fail('update', 'lost', refused)
    await failure(ChangeError, move({ state: '-2', ...APPROVED }, 'review'))
    expect(fake.get('sys-CHG0030001').state).toBe('-1')
  })

  it('but was made is no failure', async () => {
    fake.fail('update', 'lost')
    expect((await move({ state: '-1', ...APPROVED }, 'review')).transitions).toEqual(['review'])
    expect(fake.log).toEqual(['update CHG0030001 state=0', 'look CHG0030001'])
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
    const flow = flowOn(fake)
    return { ...(await moveTo(flow, { change, target, closing, tasks })), flow }
  }

  it('are left alone', async () => {
    expect((await start('leave')).change.state).toBe('3')
    expect(fake.log.some(line => line.startsWith('task'))).toBe(false)
  })

  it('are closed with the result before the change', async () => {
    const { change, flow } = await start('close')
    expect(change.state).toBe('3')
    expect(fake.writes).toEqual([
      'task t0 state=3 close_code=successful',
      'task t1 state=3 close_code=successful',
      'update CHG0030001 state=0',
      'update CHG0030001 state=3 close_code=successful'
    ])
    expect(flow.told('info').filter(line => line.startsWith('Closed the task'))).toHaveLength(2)
  })

  it('fail the step before the first move, naming them', async () => {
    const error = await failure(ChangeError, start('fail'))
    expect(error.title).toBe('Change CHG0030001: open change tasks')
    expect(error.message).toContain('CTASK-t0 (Smoke test), CTASK-t1 (Smoke test)')
    expect(fake.writes).toEqual([])
  })

  it('are nobody’s business on the way to Implement, nor, unless they are to be closed, to Review', async () => {
    fake.add({ state: '-2', ...APPROVED })
    await moveTo(flowOn(fake), { change: fake.get('sys-CHG0030001'), target: 'implement', tasks: 'close' })
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

  it('that stay open although the instance said yes are an error', async () => {
    const change = fake.add({ state: '-1', ...APPROVED })
    task(change, 't0')
    fake.after = verb => {
      const one = fake.tasks[0]
      if (verb === 'task' && one !== undefined) one.task = { ...one.task, state: '1' }
    }
    const error = await failure(
      ChangeError,
      moveTo(flowOn(fake), { change, target: 'closed', tasks: 'close' })
    )
    expect(error.message).toContain('accepted the closing of CTASK-t0 (Smoke test) and did not do it')
    expect(fake.writes).toEqual(['task t0 state=3', 'task t0 state=3'])
  })
})
