/** Responses about one change that show another one, nothing, or why a move is refused: Change Management API. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { client, expectHarmless, wire } from './kit.ts'
import { CHANGE, listed, TASK, typed, typedChange, written } from './responses.ts'

const { changes } = client()
const never = async () => undefined

afterEach(expectHarmless)

describe('a response about another record', () => {
  const OTHER = 'dd69c3bf9f1032106b4c1d8a0f0b6a11'
  const other = () => typedChange({ sys_id: OTHER, number: 'CHG0030002', state: [-2, 'Scheduled'] })
  const got = `CHG0030002 (${OTHER})`

  it('to a read is read again', async () => {
    const sent = wire([200, { result: other() }], [200, { result: typedChange() }])
    expect((await changes.get(CHANGE)).sysId).toBe(CHANGE)
    expect(sent).toHaveLength(2)
  })

  it.each([
    ['a record', { result: other() }],
    ['a list', listed([other(), typedChange()])]
  ])('to a read is an error in the end: %s', async (_, body) => {
    wire([200, body])
    await expect(changes.get(CHANGE, { maxRetries: 0 })).rejects.toMatchObject({
      code: 'other-record',
      facts: { asked: CHANGE, got },
      retry: { temporary: true },
      committed: 'no'
    })
  })

  const writes: readonly [string, () => Promise<unknown>][] = [
    ['fields', () => changes.update(CHANGE, { risk: '3' }, { operation: 'writing' })],
    ['the risk', () => changes.evaluateRisk(CHANGE)],
    ['a conflict check', () => changes.startConflictCheck(CHANGE)],
    ['a task', () => changes.updateTask(CHANGE, TASK, { state: '3' }, 'closing')]
  ]
  it.each(writes)('to a write is not sent again: %s', async (_, write) => {
    const sent = wire([200, written(other())])
    await expect(write()).rejects.toMatchObject({
      code: 'other-record',
      facts: { got },
      retry: { temporary: false },
      committed: 'maybe'
    })
    expect(sent).toHaveLength(1)
  })

  it('to a write that can be checked is checked', async () => {
    const sent = wire([200, written(other())], [200, { result: typedChange({ state: [-1, 'Implement'] }) }])
    const done = (change: { state: string }) => change.state === '-1'
    const after = await changes.update(CHANGE, { state: '-1' }, { operation: 'moving', done })
    expect(after).toMatchObject({ sysId: CHANGE, state: '-1' })
    expect(sent.map(one => one.method)).toEqual(['PATCH', 'GET'])
  })

  it('to the next states is one that cannot be used', async () => {
    wire(...Array.from({ length: 5 }, () => [200, { result: other() }] as const))
    expect(await changes.nextStates(CHANGE)).toBeUndefined()
  })

  it('to the conflicts is read again', async () => {
    wire([200, { result: other() }], [200, { result: { last_run: '', job_status: '2', conflicts: [] } }])
    expect((await changes.conflicts(CHANGE)).done).toBe(true)
  })

  it('among the tasks is an error', async () => {
    const state = [1, 'Open'] as const
    wire([200, listed([typed({ sys_id: TASK, number: 'CTASK0010001', state, change_request: OTHER })])])
    await expect(changes.openTasks(CHANGE)).rejects.toMatchObject({ code: 'other-record' })
  })
})

describe('a success that does not show the record', () => {
  it.each([
    ['an empty object', 200, {}],
    ['an empty result', 200, { result: {} }],
    ['a message', 200, { result: 'ok' }],
    ['its sys_id alone', 200, written(typed({ sys_id: CHANGE }))],
    ['no body', 200, ''],
    ['no content', 204, '']
  ])('%s: the record is read', async (_, status, body) => {
    const sent = wire([status, body], [200, { result: typedChange({ risk: [3, 'Moderate'] }) }])
    const after = await changes.update(CHANGE, { risk: '3' }, { operation: 'writing' })
    expect(after.sysId).toBe(CHANGE)
    expect(sent.map(one => one.method)).toEqual(['PATCH', 'GET'])
  })

  it.each([
    ['nothing', {}, { change: undefined, whole: false }],
    ['no body', '', { change: undefined, whole: false }],
    ['sys_id and number', written(typed({ sys_id: CHANGE, number: 'CHG1' })), { whole: false }]
  ])('of a creation: %s', async (_, body, expected) => {
    const sent = wire([201, body])
    const made = await changes.create({ type: 'normal', fields: { short_description: 'x' } }, never)
    expect(made).toMatchObject(expected)
    expect(sent).toHaveLength(1)
  })
})

describe('a move that a change model refuses', () => {
  it('is told condition by condition', async () => {
    const condition = (name: string, passed: boolean) => ({
      passed,
      condition: { name, description: null, sys_id: '3c1d' }
    })
    const detail = JSON.stringify({
      sys_id: 'db40',
      display_value: 'New to Assess',
      from_state: '-5',
      to_state: '-4',
      transition_available: false,
      conditions: [condition('Assignment group is not empty', false), condition('Not On hold', true)]
    })
    const message = 'Change Request cannot move to state: assess'
    wire([400, { error: { message, detail }, status: 'failure' }])
    await expect(changes.update(CHANGE, { state: '-4' }, { operation: 'moving' })).rejects.toMatchObject({
      code: 'business-rule',
      facts: { message: `${message}: conditions not met: "Assignment group is not empty"` }
    })
  })
})
