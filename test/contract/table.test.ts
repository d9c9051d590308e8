import { Query } from '@change-actions/servicenow-client'
import { afterEach, describe, expect, it } from '@jest/globals'
import { client, expectHarmless, lines, USER_AGENT, wire } from './kit.ts'
import { CHANGE, GROUP, linked, linkedChange, TASK, TEMPLATE, UNAVAILABLE } from './responses.ts'

const TABLE = '/api/now/table/change_request'
const BOTH = 'sysparm_display_value=all&sysparm_exclude_reference_link=true'
const { changes } = client({ api: 'table' })
const never = async () => undefined

afterEach(expectHarmless)

describe('reading', () => {
  it('one change, every field in both forms', async () => {
    const sent = wire([200, { result: linkedChange() }])
    expect(await changes.get(CHANGE)).toMatchObject({
      sysId: CHANGE,
      state: '-5',
      stateLabel: 'New',
      onHold: false
    })
    expect(sent).toEqual([
      {
        method: 'GET',
        url: `${TABLE}/${CHANGE}?${BOTH}`,
        headers: {
          accept: 'application/json',
          authorization: 'Bearer existing-token',
          connection: 'keep-alive',
          host: 'acme.service-now.com',
          'user-agent': USER_AGENT
        },
        body: ''
      }
    ])
  })

  it('a poll: a few raw values, of which one may be hidden, and none of another record', async () => {
    const row = { sys_id: CHANGE, state: '-4', approval: 'requested', sys_mod_count: '3', on_hold: 'false' }
    const sent = wire([200, { result: row }], [200, { result: { ...row, sys_id: GROUP } }])
    expect(await changes.poll(CHANGE)).toEqual(row)
    await expect(changes.poll(CHANGE, { maxRetries: 0 })).rejects.toMatchObject({ code: 'other-record' })
    expect(lines(sent).slice(0, 1)).toEqual([
      `GET ${TABLE}/${CHANGE}?sysparm_display_value=false&sysparm_exclude_reference_link=true&sysparm_fields=sys_id,state,approval,on_hold,on_hold_reason,unauthorized,type,start_date,end_date,correlation_id,correlation_display,sys_mod_count`
    ])
  })

  it.each(['sys_id', 'sys_mod_count'])('a poll without %s tells nothing', async hidden => {
    const row = { sys_id: CHANGE, state: '-4', approval: 'requested', sys_mod_count: '3' }
    wire([200, { result: { ...row, [hidden]: undefined } }])
    await expect(changes.poll(CHANGE)).rejects.toMatchObject({
      code: 'unreadable',
      facts: { fields: [hidden] }
    })
  })

  it('those that satisfy a query', async () => {
    const sent = wire([200, { result: [linkedChange()] }, { 'X-Total-Count': '1' }])
    const query = new Query().is('correlation_id', 'gha-1').in('state', ['-5', '-4'])
    expect(await changes.find(query, 'finding')).toHaveLength(1)
    expect(lines(sent)).toEqual([
      `GET ${TABLE}?sysparm_query=correlation_id=gha-1^stateIN-5,-4^ORDERBYnumber^ORDERBYsys_id&${BOTH}&sysparm_limit=100`
    ])
  })

  it('none', async () => {
    wire([200, { result: [] }])
    expect(await changes.find(new Query().is('number', 'CHG1'), 'finding')).toEqual([])
  })

  it('no other change where a term was dropped', async () => {
    wire([200, { result: [linkedChange({ correlation_id: '' })] }])
    await expect(changes.find(new Query().is('correlation_id', 'gha-1'), 'finding')).rejects.toMatchObject({
      code: 'query-ignored',
      facts: { operation: 'finding', fields: ['correlation_id'], unreadable: [] }
    })
  })

  it('no next states, without a request', async () => {
    const sent = wire()
    expect(await changes.nextStates(CHANGE)).toBeUndefined()
    expect(sent).toEqual([])
  })

  it('the open tasks', async () => {
    const task = (state: string) =>
      linked({
        sys_id: TASK,
        number: 'CTASK0010001',
        short_description: 'Smoke test',
        state: [state, 'x'],
        change_task_type: 'testing',
        change_request: [CHANGE, 'CHG0030001']
      })
    const sent = wire([200, { result: [task('-5'), task('3'), task('7')] }])
    expect(await changes.openTasks(CHANGE)).toEqual([
      { sysId: TASK, number: 'CTASK0010001', shortDescription: 'Smoke test', state: '-5', type: 'testing' }
    ])
    expect(lines(sent)).toEqual([
      `GET /api/now/table/change_task?sysparm_query=change_request=${CHANGE}^ORDERBYnumber^ORDERBYsys_id&${BOTH}&sysparm_limit=100`
    ])
  })

  it('neither risk nor conflicts, without a request', async () => {
    const sent = wire()
    for (const call of [changes.evaluateRisk, changes.startConflictCheck, changes.conflicts]) {
      await expect(call(CHANGE)).rejects.toMatchObject({ code: 'api-missing', facts: { api: 'table' } })
    }
    expect(sent).toEqual([])
  })

  it('a template', async () => {
    const row = linked({
      sys_id: TEMPLATE,
      name: 'Deploy the app',
      active: true,
      current_version: ['v9', 'Deploy v9']
    })
    const sent = wire([200, { result: [row] }])
    expect(await changes.template('Deploy the app')).toEqual({
      sysId: TEMPLATE,
      name: 'Deploy the app',
      version: 'v9'
    })
    expect(lines(sent)).toEqual([
      `GET /api/now/table/std_change_record_producer?sysparm_query=active=true^name=Deploy the app^ORDERBYsys_id&${BOTH}&sysparm_limit=100`
    ])
  })
})

describe('creating', () => {
  const fields = { short_description: 'Deploy', correlation_id: 'gha-1' }
  const TEXT = '"short_description":"Deploy","correlation_id":"gha-1"'
  const template = { sysId: TEMPLATE, name: 'Deploy the app', version: 'v9' }

  it.each([
    ['normal', { type: 'normal' }, ',"type":"normal"'],
    ['emergency', { type: 'emergency' }, ',"type":"emergency"'],
    ['standard without a template', { type: 'standard' }, ',"type":"standard"'],
    ['standard, from a template', { template }, ',"type":"standard","std_change_producer_version":"v9"']
  ])('%s', async (_, about, more) => {
    const sent = wire([
      201,
      { result: linkedChange() },
      { Location: `https://acme.service-now.com${TABLE}/${CHANGE}` }
    ])
    expect((await changes.create({ ...about, fields }, never)).change?.number).toBe('CHG0030001')
    expect(lines(sent)).toEqual([`POST ${TABLE}?${BOTH} {${TEXT}${more}}`])
    expect(sent[0]?.headers['content-type']).toBe('application/json')
  })

  it('without a response is checked before it is sent again', async () => {
    const sent = wire(UNAVAILABLE, [200, { result: [linkedChange()] }])
    const check = async () => (await changes.find(new Query().is('correlation_id', 'gha-1'), 'finding'))[0]
    expect((await changes.create({ type: 'normal', fields }, check)).change?.sysId).toBe(CHANGE)
    expect(sent.map(one => one.method)).toEqual(['POST', 'GET'])
  })
})

describe('writing', () => {
  it('fields by value', async () => {
    const sent = wire([200, { result: linkedChange({ state: ['-1', 'Implement'] }) }])
    await changes.update(
      CHANGE,
      { state: '-1', assignment_group: GROUP, on_hold: true },
      { operation: 'moving' }
    )
    expect(lines(sent)).toEqual([
      `PATCH ${TABLE}/${CHANGE}?${BOTH} {"state":"-1","assignment_group":"${GROUP}","on_hold":true}`
    ])
  })

  it('names, to be resolved by the instance', async () => {
    const sent = wire([200, { result: linkedChange() }])
    await changes.update(
      CHANGE,
      { assignment_group: 'DevOps Team' },
      { operation: 'naming', byDisplayValue: true }
    )
    expect(lines(sent)).toEqual([
      `PATCH ${TABLE}/${CHANGE}?${BOTH}&sysparm_input_display_value=true {"assignment_group":"DevOps Team"}`
    ])
  })

  it('without a response is checked before it is sent again', async () => {
    const sent = wire(
      UNAVAILABLE,
      [200, { result: linkedChange() }],
      [200, { result: linkedChange({ state: '0' }) }]
    )
    const done = (change: { state: string }) => change.state === '0'
    expect((await changes.update(CHANGE, { state: '0' }, { operation: 'moving', done })).state).toBe('0')
    expect(lines(sent)).toEqual([
      `PATCH ${TABLE}/${CHANGE}?${BOTH} {"state":"0"}`,
      `GET ${TABLE}/${CHANGE}?${BOTH}`,
      `PATCH ${TABLE}/${CHANGE}?${BOTH} {"state":"0"}`
    ])
  })

  it('a task', async () => {
    const sent = wire([200, { result: linked({ sys_id: TASK }) }])
    await changes.updateTask(CHANGE, TASK, { state: '3' }, 'closing')
    expect(lines(sent)).toEqual([`PATCH /api/now/table/change_task/${TASK} {"state":"3"}`])
  })
})

describe('a response about another record', () => {
  const OTHER = 'dd69c3bf9f1032106b4c1d8a0f0b6a11'
  const other = () => linkedChange({ sys_id: OTHER, number: 'CHG0030002' })
  const got = `CHG0030002 (${OTHER})`

  it('to a read is read again', async () => {
    const sent = wire([200, { result: other() }], [200, { result: linkedChange() }])
    expect((await changes.get(CHANGE)).sysId).toBe(CHANGE)
    expect(sent).toHaveLength(2)
  })

  it('to a read is an error in the end', async () => {
    wire([200, { result: other() }])
    await expect(changes.get(CHANGE, { maxRetries: 0 })).rejects.toMatchObject({
      code: 'other-record',
      facts: { asked: CHANGE, got },
      committed: 'no'
    })
  })

  const writes: readonly [string, () => Promise<unknown>][] = [
    ['fields', () => changes.update(CHANGE, { risk: '3' }, { operation: 'writing' })],
    ['a task', () => changes.updateTask(CHANGE, TASK, { state: '3' }, 'closing')]
  ]
  it.each(writes)('to a write is not sent again: %s', async (_, write) => {
    const sent = wire([200, { result: other() }])
    await expect(write()).rejects.toMatchObject({ code: 'other-record', committed: 'maybe' })
    expect(sent).toHaveLength(1)
  })
})

describe('a success that does not show the record', () => {
  it.each([
    ['an empty result', 200, { result: {} }],
    ['no content', 204, '']
  ])('%s: the record is read', async (_, status, body) => {
    const sent = wire([status, body], [200, { result: linkedChange() }])
    expect((await changes.update(CHANGE, { risk: '3' }, { operation: 'writing' })).sysId).toBe(CHANGE)
    expect(sent.map(one => one.method)).toEqual(['PATCH', 'GET'])
  })

  it('of a creation is told as far as it shows it', async () => {
    wire([201, { result: linked({ sys_id: CHANGE, number: 'CHG0030001' }) }])
    expect(await changes.create({ fields: { short_description: 'x' } }, never)).toMatchObject({
      change: { sysId: CHANGE, number: 'CHG0030001', state: '' },
      whole: false
    })
  })
})
