import { beforeEach, describe, expect, it } from '@jest/globals'
import { type Move, type Moved, moveTo } from './move.ts'
import { contextOn, problemOf } from './testing/context.ts'
import { APIS, startInstance, type TestInstance } from './testing/instance.ts'
import { KINDS } from './testing/requests.ts'

const APPROVED = { approval: 'approved' }
const CLOSING = { close_code: 'successful', close_notes: 'fine' }
let instance: TestInstance

describe.each(APIS)('open tasks (%s)', api => {
  const [FIRST, SECOND] = ['CTASK0010001', 'CTASK0010002']
  beforeEach(() => {
    instance = startInstance({ api })
  })
  /** A change in Implement with two open tasks. */
  const begun = async () => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    for (const state of ['1', '-5']) instance.addTask(change, { state })
    return change
  }
  const start = async (tasks: 'leave' | 'close' | 'fail', target: Move['target'] = 'closed') => {
    const change = await begun()
    const context = contextOn(instance)
    return { ...(await moveTo(context, { change, target, closing: CLOSING, tasks })), context }
  }
  const taskStates = () => instance.sandbox.rows('change_task').map(task => task.state)

  it('are left alone', async () => {
    // An instance on which open tasks keep no change from being closed.
    instance = startInstance({ api, laxStates: true })
    expect((await start('leave')).change.state).toBe('3')
    expect(instance.log.some(line => line.startsWith('task'))).toBe(false)
    expect(taskStates()).toEqual(['1', '-5'])
  })

  it('are closed with the result before the change', async () => {
    const { change, context } = await start('close')
    expect(change.state).toBe('3')
    expect(instance.writes).toEqual([
      `task ${FIRST} state=3 close_code=successful close_notes=fine`,
      `task ${SECOND} state=3 close_code=successful close_notes=fine`,
      'update CHG0030001 state=0',
      'update CHG0030001 state=3 close_code=successful close_notes=fine'
    ])
    // Before and after the tasks were closed, and before each of the moves.
    expect(instance.log.filter(line => line === 'tasks')).toHaveLength(4)
    expect(context.told('task-closed').map(event => event.task.number)).toEqual([FIRST, SECOND])
  })

  it('are told each as they are closed, so that a later failure loses nothing', async () => {
    const change = await begun()
    const told: string[] = []
    const onProgress = (moved: Moved) => void told.push(moved.transitions.join(' '))
    const closing = CLOSING
    await moveTo(contextOn(instance), { change, target: 'closed', tasks: 'close', closing, onProgress })
    expect(told).toEqual(['', '', '', 'review', 'review closed'])
  })

  it('fail the step before the first move, naming them', async () => {
    const { facts } = await problemOf(start('fail'), 'open-tasks')
    expect(facts).toEqual({ tasks: [`${FIRST} (Smoke test)`, `${SECOND} (Smoke test)`], stuck: false })
    expect(instance.writes).toEqual([])
  })

  it('do not count on the way to Implement, nor, unless they are to be closed, to Review', async () => {
    instance = startInstance({ api, laxStates: true })
    const change = await instance.add({ state: '-2', ...APPROVED })
    instance.addTask(change)
    await moveTo(contextOn(instance), { change, target: 'implement', tasks: 'close' })
    expect(instance.log.filter(line => line.startsWith('task'))).toEqual([])
    expect((await start('fail', 'review')).change.state).toBe('0')
  })

  it('whose closing moves the change by itself save a move', async () => {
    instance = startInstance({ api, autoCloseStates: true })
    const { transitions } = await start('close')
    expect(transitions).toEqual(['review', 'closed'])
    expect(instance.writes).not.toContain('update CHG0030001 state=0')
  })

  it('that stay open although the instance reported success are an error', async () => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.addTask(change)
    instance.sandbox.addRule({ table: 'change_task', name: 'Stays open', run: () => ({ state: '1' }) })
    const moving = moveTo(contextOn(instance), { change, target: 'closed', tasks: 'close' })
    const { facts } = await problemOf(moving, 'open-tasks')
    expect(facts).toEqual({ tasks: [`${FIRST} (Smoke test)`], stuck: true })
    expect(instance.writes).toEqual([`task ${FIRST} state=3`, `task ${FIRST} state=3`])
  })

  it.each([
    ['were closed all the same count as closed', { kind: 'business-rule', committed: true }, undefined],
    ['are open are that error', { kind: 'business-rule' }, 'business-rule'],
    [
      'others had closed just before count as closed',
      { kind: 'error', status: 400, message: 'no', committed: true },
      undefined
    ],
    ['are open after a 400 are that error', { kind: 'error', status: 400, message: 'no' }, 'bad-request']
  ] as const)('whose closing was refused, and which %s', async (_, fault, code) => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.addTask(change)
    instance.fail('task', fault)
    const moving = moveTo(contextOn(instance), { change, target: 'closed', tasks: 'close', closing: CLOSING })
    if (code === undefined) expect((await moving).change.state).toBe('3')
    else await problemOf(moving, code)
  })

  it('whose closing was refused are that error where they cannot be read again', async () => {
    const change = await instance.add({ state: '-1', ...APPROVED })
    instance.addTask(change)
    instance.fail('task', { kind: 'business-rule', committed: true })
    instance.sandbox.fault({ ...KINDS.tasks, kind: 'acl', nth: 2 })
    const moving = moveTo(contextOn(instance), { change, target: 'closed', tasks: 'close', closing: CLOSING })
    await problemOf(moving, 'business-rule')
  })
})
