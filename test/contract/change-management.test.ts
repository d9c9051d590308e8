import { Query } from '@change-actions/servicenow-client'
import { afterEach, describe, expect, it } from '@jest/globals'
import { client, expectHarmless, lines, USER_AGENT, wire } from './kit.ts'
import {
  CHANGE,
  listed,
  MODEL,
  NEXT_STATES,
  TASK,
  TEMPLATE,
  typed,
  typedChange,
  UNAVAILABLE,
  written
} from './responses.ts'

const BASE = '/api/sn_chg_rest/v1/change'
const { changes } = client()
const never = async () => undefined

afterEach(expectHarmless)

describe('reading', () => {
  it('one change', async () => {
    const sent = wire([200, { result: typedChange() }])
    expect(await changes.get(CHANGE)).toMatchObject({
      sysId: CHANGE,
      number: 'CHG0030001',
      state: '-5',
      onHold: false
    })
    expect(sent).toEqual([
      {
        method: 'GET',
        url: `${BASE}/${CHANGE}`,
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

  it('one whose id has the characters of a path', async () => {
    const sent = wire([200, { result: typedChange({ sys_id: 'a/b?c#d' }) }])
    await changes.get('a/b?c#d')
    expect(sent[0]?.url).toBe(`${BASE}/a%2Fb%3Fc%23d`)
  })

  it('those that satisfy a query', async () => {
    const sent = wire([200, listed([typedChange(), typedChange({ sys_id: 'x', state: [-1, 'Implement'] })])])
    const query = new Query().is('correlation_id', 'gha-1').in('state', ['-5', '-1'])
    expect((await changes.find(query, 'finding')).map(change => change.sysId)).toEqual([CHANGE, 'x'])
    expect(lines(sent)).toEqual([
      `GET ${BASE}?sysparm_query=correlation_id=gha-1^stateIN-5,-1&sysparm_limit=100`
    ])
    expect(sent[0]?.url).toContain('?sysparm_query=correlation_id%3Dgha-1%5EstateIN-5%2C-1&sysparm_limit=100')
  })

  it('no change from a list whose only element is not a record', async () => {
    wire([200, listed([])])
    expect(await changes.find(new Query().is('number', 'CHG1'), 'finding')).toEqual([])
  })

  it('fails when the instance ignored a term of the query', async () => {
    wire([200, listed([], ['correlation_id'])])
    const query = new Query().is('correlation_id', 'gha-1')
    await expect(changes.find(query, 'finding')).rejects.toMatchObject({
      code: 'query-ignored',
      facts: { operation: 'finding', fields: ['correlation_id'] }
    })
  })

  it('fails when the rows do not match the query', async () => {
    wire([200, listed([typedChange({ correlation_id: 'gha-2' })])])
    const query = new Query().is('correlation_id', 'gha-1')
    await expect(changes.find(query, 'finding')).rejects.toMatchObject({
      code: 'query-ignored',
      facts: { operation: 'finding', fields: ['correlation_id'], unreadable: [] }
    })
  })

  it('those after the first hundred of a query, each once although the offset is one too low', async () => {
    const row = (n: number) => typedChange({ sys_id: `c${n}` })
    const page = (from: number, to: number) =>
      listed(Array.from({ length: to - from }, (_, n) => row(from + n)))
    const sent = wire([200, page(0, 100)], [200, page(99, 101)])
    const found = await changes.find(new Query().is('correlation_id', 'gha-1'), 'finding')
    expect(found.map(one => one.sysId)).toEqual(Array.from({ length: 101 }, (_, n) => `c${n}`))
    expect(lines(sent)[1]).toBe(
      `GET ${BASE}?sysparm_query=correlation_id=gha-1&sysparm_limit=100&sysparm_offset=100`
    )
  })

  it('fails at the first page of everything, when the instance ignored the query', async () => {
    const everything = Array.from({ length: 100 }, (_, n) =>
      typedChange({ sys_id: `c${n}`, correlation_id: 'other' })
    )
    const sent = wire([200, listed(everything)])
    const query = new Query().is('correlation_id', 'gha-1')
    await expect(changes.find(query, 'finding')).rejects.toMatchObject({ code: 'query-ignored' })
    expect(sent).toHaveLength(1)
  })

  it('the next states', async () => {
    const sent = wire([200, NEXT_STATES])
    expect(await changes.nextStates(CHANGE)).toEqual([
      { state: '0', label: 'Review', available: true, unmet: ['No active Change Tasks'] },
      { state: '4', label: 'Canceled', available: true, unmet: [] }
    ])
    expect(lines(sent)).toEqual([`GET ${BASE}/${CHANGE}/nextstates`])
  })

  it('the next states of a change without a model', async () => {
    wire([
      200,
      { result: { available_states: ['-4', '4'], state_transitions: [], state_label: { '-4': 'Assess' } } }
    ])
    expect(await changes.nextStates(CHANGE)).toEqual([
      { state: '-4', label: 'Assess', available: true, unmet: [] },
      { state: '4', label: '4', available: true, unmet: [] }
    ])
  })

  it('the next states, whatever else is among them', async () => {
    const way = { to_state: '0', transition_available: true, conditions: [null, 'x'] }
    wire([200, { result: { state_transitions: [[null, way, 7], null], state_label: null } }])
    expect(await changes.nextStates(CHANGE)).toEqual([{ state: '0', label: '0', available: true, unmet: [] }])
  })

  it('no next states where they cannot be read', async () => {
    wire([404, { error: { message: 'No Record found', detail: '' }, status: 'failure' }])
    expect(await changes.nextStates(CHANGE)).toBeUndefined()
  })

  it('the open tasks', async () => {
    const task = (state: number) =>
      typed({
        sys_id: TASK,
        number: 'CTASK0010001',
        short_description: 'Smoke test',
        state: [state, 'x'],
        change_task_type: 'testing'
      })
    const sent = wire([200, listed([task(1), task(3), task(4)])])
    expect(await changes.openTasks(CHANGE)).toEqual([
      { sysId: TASK, number: 'CTASK0010001', shortDescription: 'Smoke test', state: '1', type: 'testing' }
    ])
    expect(lines(sent)).toEqual([`GET ${BASE}/${CHANGE}/task`])
  })

  it('the open tasks after the first 500', async () => {
    const task = (n: number) => typed({ sys_id: `t${n}`, number: `CTASK${n}`, state: [1, 'Open'] })
    const page = (from: number, to: number) =>
      listed(Array.from({ length: to - from }, (_, n) => task(from + n)))
    const sent = wire([200, page(0, 500)], [200, page(499, 501)])
    expect(await changes.openTasks(CHANGE)).toHaveLength(501)
    expect(lines(sent)).toEqual([
      `GET ${BASE}/${CHANGE}/task`,
      `GET ${BASE}/${CHANGE}/task?sysparm_limit=500&sysparm_offset=500`
    ])
  })

  it.each([
    ['Deploy the app', 'name=Deploy the app'],
    [TEMPLATE.toUpperCase(), `sys_id=${TEMPLATE}`]
  ])('the template %s', async (given, term) => {
    const row = typed({
      sys_id: TEMPLATE,
      name: 'Deploy the app',
      active: true,
      current_version: ['v9', 'v9']
    })
    const sent = wire([200, listed([row])])
    expect(await changes.template(given)).toEqual({ sysId: TEMPLATE, name: 'Deploy the app', version: 'v9' })
    expect(lines(sent)).toEqual([
      `GET ${BASE}/standard/template?sysparm_query=active=true^${term}&sysparm_limit=100`
    ])
  })

  it('the names of templates when none has the name', async () => {
    const sent = wire(
      [200, listed([])],
      [200, listed([typed({ sys_id: TEMPLATE, name: 'Deploy the app', active: true })])]
    )
    await expect(changes.template('Deploy teh app')).rejects.toMatchObject({
      code: 'lookup-none',
      facts: {
        operation: 'looking up the standard change template "Deploy teh app"',
        kind: 'standard change template',
        name: 'Deploy teh app',
        candidates: ['Deploy the app']
      }
    })
    expect(lines(sent)[1]).toBe(`GET ${BASE}/standard/template?sysparm_query=active=true&sysparm_limit=100`)
  })
})

describe('creating', () => {
  const fields = { short_description: 'Deploy', correlation_id: 'gha-1' }
  const TEXT = '"short_description":"Deploy","correlation_id":"gha-1"'
  const template = { sysId: TEMPLATE, name: 'Deploy the app', version: 'v9' }

  it.each([
    ['normal', { type: 'normal' }, '/normal', ''],
    ['emergency', { type: 'emergency' }, '/emergency', ''],
    ["an instance's own type", { type: 'fast' }, '', ',"type":"fast"'],
    ['standard, from a template', { type: 'standard', template }, `/standard/${TEMPLATE}`, ''],
    ['of a change model', { model: MODEL }, '', `,"chg_model":"${MODEL}"`],
    [
      'of a change model and a type',
      { type: 'normal', model: MODEL },
      '',
      `,"chg_model":"${MODEL}","type":"normal"`
    ]
  ])('%s', async (_, about, path, more) => {
    const sent = wire([200, written(typedChange())])
    expect((await changes.create({ ...about, fields }, never)).change?.number).toBe('CHG0030001')
    expect(lines(sent)).toEqual([`POST ${BASE}${path} {${TEXT}${more}}`])
    expect(sent[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer existing-token'
    })
  })

  it('standard, with a list of one as the response', async () => {
    wire([200, { result: [typedChange({ type: 'standard' })] }])
    expect((await changes.create({ type: 'standard', template, fields }, never)).change?.type).toBe(
      'standard'
    )
  })

  it('without a response is checked before it is sent again', async () => {
    const sent = wire(UNAVAILABLE, [200, listed([typedChange()])])
    const check = async () => (await changes.find(new Query().is('correlation_id', 'gha-1'), 'finding'))[0]
    expect((await changes.create({ type: 'normal', fields }, check)).change?.sysId).toBe(CHANGE)
    expect(sent.map(one => one.method)).toEqual(['POST', 'GET'])
  })

  it('without a response is sent again when the change is not found', async () => {
    const sent = wire(UNAVAILABLE, [200, listed([])], [200, written(typedChange())])
    const check = async () => (await changes.find(new Query().is('correlation_id', 'gha-1'), 'finding'))[0]
    expect((await changes.create({ type: 'normal', fields }, check)).change?.sysId).toBe(CHANGE)
    expect(sent.map(one => one.method)).toEqual(['POST', 'GET', 'POST'])
  })

  it('that was carried out although it was refused is found', async () => {
    const refused = { error: { message: 'Operation Failed', detail: 'ACL Exception' }, status: 'failure' }
    const sent = wire([403, refused], [200, listed([typedChange()])])
    const check = async () => (await changes.find(new Query().is('correlation_id', 'gha-1'), 'finding'))[0]
    expect((await changes.create({ type: 'normal', fields }, check)).change?.sysId).toBe(CHANGE)
    expect(sent.map(one => one.method)).toEqual(['POST', 'GET'])
  })
})

describe('writing', () => {
  it('fields, as they are given', async () => {
    const sent = wire([200, written(typedChange({ state: [-1, 'Implement'] }))])
    const fields = { state: '-1', on_hold: false, u_batch: 7, work_notes: 'Grüße\n"x"' }
    const after = await changes.update(CHANGE, fields, { operation: 'moving', byDisplayValue: true })
    expect(after.state).toBe('-1')
    expect(lines(sent)).toEqual([
      `PATCH ${BASE}/${CHANGE} {"state":"-1","on_hold":false,"u_batch":7,"work_notes":"Grüße\\n\\"x\\""}`
    ])
  })

  it('without a response is checked before it is sent again', async () => {
    const sent = wire(UNAVAILABLE, [200, { result: typedChange({ state: [0, 'Review'] }) }])
    const done = (change: { state: string }) => change.state === '0'
    const after = await changes.update(CHANGE, { state: '0' }, { operation: 'moving', done })
    expect(after.state).toBe('0')
    expect(lines(sent)).toEqual([`PATCH ${BASE}/${CHANGE} {"state":"0"}`, `GET ${BASE}/${CHANGE}`])
  })

  it('that cannot be checked is not sent again', async () => {
    const sent = wire(UNAVAILABLE)
    await expect(changes.update(CHANGE, { work_notes: 'x' }, { operation: 'noting' })).rejects.toMatchObject({
      code: 'unavailable',
      facts: { operation: 'noting', status: 503 },
      retry: { temporary: true },
      committed: 'maybe'
    })
    expect(sent).toHaveLength(1)
  })

  it('a task, again when there was no response', async () => {
    const sent = wire(UNAVAILABLE, [200, written(typed({ sys_id: TASK }))])
    await changes.updateTask(CHANGE, TASK, { state: '3', close_code: 'successful' }, 'closing')
    const line = `PATCH ${BASE}/${CHANGE}/task/${TASK} {"state":"3","close_code":"successful"}`
    expect(lines(sent)).toEqual([line, line])
  })

  it.each([
    ['wrapped', written(typedChange({ risk: [3, 'Moderate'] }))],
    ['not wrapped, as it is documented', typedChange({ risk: [3, 'Moderate'] })]
  ])('an evaluated risk, with a response that is %s', async (_, response) => {
    const sent = wire([200, response])
    expect((await changes.evaluateRisk(CHANGE)).fields.risk).toEqual({ value: '3', display: 'Moderate' })
    expect(lines(sent)).toEqual([`PATCH ${BASE}/${CHANGE}/risk {}`])
  })

  it('a conflict check, and its result', async () => {
    const found = {
      change: { display_value: 'CHG0030001', value: 'afbf' },
      type: { value: 'not_in_maintenance_window', display_value: 'Not In Maintenance Window' }
    }
    const report = { last_run: '2026-11-21 12:00:00', record_count: '1', job_status: '2' }
    const sent = wire(
      [200, { result: 'c1' }],
      [200, { result: { status: 'Conflict', ...report, conflicts: [found] } }],
      [200, { result: { status: 'Conflict', last_run: '', job_status: '1', conflicts: [] } }]
    )
    await changes.startConflictCheck(CHANGE)
    expect(await changes.conflicts(CHANGE)).toEqual({
      lastRun: '2026-11-21 12:00:00',
      done: true,
      conflicts: [{ change: 'CHG0030001', type: 'Not In Maintenance Window' }]
    })
    expect(await changes.conflicts(CHANGE)).toEqual({ lastRun: '', done: false, conflicts: [] })
    const path = `${BASE}/${CHANGE}/conflict`
    expect(lines(sent)).toEqual([`POST ${path} {}`, `GET ${path}`, `GET ${path}`])
  })

  it('nothing in a dry run', async () => {
    const sent = wire()
    const dry = client({ readOnly: true }).changes
    await expect(dry.update(CHANGE, { state: '-1' }, { operation: 'moving' })).rejects.toThrow(
      'must not write'
    )
    await expect(dry.create({ type: 'normal', fields: {} }, never)).rejects.toThrow('must not write')
    expect(sent).toEqual([])
  })
})
