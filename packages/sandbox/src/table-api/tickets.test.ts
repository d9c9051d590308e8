import { afterEach, describe, expect, it } from '@jest/globals'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { as, newChange, TABLE, type TestResponse } from '../testing/caller.ts'

let sandbox: Sandbox

afterEach(() => sandbox.stop())

async function create(table: string, fields: Record<string, unknown>, user = 'dora.devops'): Promise<string> {
  const created = await as(sandbox, user).post(`${TABLE}/${table}`, fields)
  expect(created.status).toBe(201)
  return String(created.at('result', 'sys_id'))
}

function patch(table: string, id: string, fields: Record<string, unknown>): Promise<TestResponse> {
  return as(sandbox, 'dora.devops').patch(`${TABLE}/${table}/${id}`, fields)
}

function row(table: string, id: string) {
  return sandbox.rows(table).find(one => one.sys_id === id)
}

describe('an incident', () => {
  it('is new, numbered, and prioritized by impact and urgency', async () => {
    sandbox = await startSandbox()
    const id = await create('incident', { short_description: 'Mail', impact: '1', urgency: '2' })
    expect(row('incident', id)).toMatchObject({
      number: 'INC0010001',
      state: '1',
      incident_state: '1',
      priority: '2',
      active: 'true',
      sys_class_name: 'incident'
    })
    await patch('incident', id, { impact: '3', urgency: '3' })
    expect(row('incident', id)?.priority).toBe('5')
  })

  it('is resolved with a code and notes, closed, and reopened', async () => {
    sandbox = await startSandbox()
    const id = await create('incident', {})
    const refused = await patch('incident', id, { state: '6' })
    expect([refused.status, refused.at('error', 'detail')]).toEqual([
      403,
      'Data Policy Exception: The following fields are mandatory: Resolution code, Resolution notes'
    ])
    await patch('incident', id, { state: '6', close_code: 'User error', close_notes: 'done' })
    expect(row('incident', id)).toMatchObject({
      state: '6',
      active: 'true',
      resolved_at: expect.stringMatching(/ /)
    })
    await patch('incident', id, { incident_state: '7' })
    expect(row('incident', id)).toMatchObject({ state: '7', active: 'false' })
    await patch('incident', id, { state: '2' })
    expect(row('incident', id)).toMatchObject({
      incident_state: '2',
      active: 'true',
      reopen_count: '1',
      resolved_at: ''
    })
  })

  it('is on hold for a reason', async () => {
    sandbox = await startSandbox()
    const id = await create('incident', {})
    expect((await patch('incident', id, { state: '3' })).at('error', 'detail')).toContain('On hold reason')
    expect((await patch('incident', id, { state: '3', hold_reason: '1' })).status).toBe(200)
    await patch('incident', id, { state: '2' })
    expect(row('incident', id)?.hold_reason).toBe('')
  })

  it('is read by its caller and by ITIL users, in the list of tasks too', async () => {
    sandbox = await startSandbox()
    const own = await create('incident', {}, 'gha.deployer')
    const other = await create('incident', {})
    await newChange(sandbox)
    const numbers = async (table: string, user: string) =>
      ((await as(sandbox, user).get(`${TABLE}/${table}?sysparm_fields=sys_id`)).at('result') as unknown[])
        .length
    expect((await as(sandbox).get(`${TABLE}/incident/${own}`)).status).toBe(200)
    expect((await as(sandbox).get(`${TABLE}/incident/${other}`)).status).toBe(404)
    expect(await numbers('incident', 'gha.deployer')).toBe(1)
    expect(await numbers('task', 'gha.deployer')).toBe(2)
    expect(await numbers('task', 'dora.devops')).toBe(3)
  })

  it('has its own state label in the list of tasks', async () => {
    sandbox = await startSandbox()
    await create('incident', { state: '2' })
    const tasks = await as(sandbox, 'admin').get(
      `${TABLE}/task?sysparm_display_value=true&sysparm_fields=state,sys_class_name`
    )
    expect(tasks.at('result')).toEqual([{ state: 'In Progress', sys_class_name: 'Incident' }])
  })
})

describe('a problem', () => {
  it('moves along its states, with what each of them needs', async () => {
    sandbox = await startSandbox()
    const id = await create('problem', {})
    const [user] = sandbox.rows('sys_user')
    expect((await patch('problem', id, { state: '102' })).at('error', 'detail')).toContain('Assigned to')
    expect((await patch('problem', id, { state: '102', assigned_to: user?.sys_id })).status).toBe(200)
    const skipped = await patch('problem', id, {
      state: '106',
      resolution_code: 'canceled',
      close_notes: 'x'
    })
    expect([skipped.status, skipped.at('error', 'detail')]).toEqual([
      403,
      'Problem state transition from state 102 to 106 is not possible'
    ])
    expect((await patch('problem', id, { state: '103' })).status).toBe(200)
    expect((await patch('problem', id, { state: '104' })).at('error', 'detail')).toContain(
      'Cause notes, Fix notes'
    )
    await patch('problem', id, { state: '104', cause_notes: 'cause', fix_notes: 'fix' })
    await patch('problem', id, { state: '106', resolution_code: 'fix_applied' })
    await patch('problem', id, { state: '107' })
    expect(row('problem', id)).toMatchObject({ state: '107', problem_state: '107', active: 'false' })
  })

  it('closes as a duplicate of another one, or with notes', async () => {
    sandbox = await startSandbox()
    const [user] = sandbox.rows('sys_user')
    const id = await create('problem', { assigned_to: user?.sys_id, state: '102' })
    const close = { state: '107', resolution_code: 'duplicate' }
    expect((await patch('problem', id, close)).at('error', 'detail')).toContain('Duplicate of')
    const other = await create('problem', {})
    expect((await patch('problem', id, { ...close, duplicate_of: other })).status).toBe(200)
  })

  it('closes with a resolution code that the instance does not know', async () => {
    sandbox = await startSandbox()
    const [user] = sandbox.rows('sys_user')
    const id = await create('problem', { assigned_to: user?.sys_id })
    const closed = await patch('problem', id, { state: '107', resolution_code: 'constructor' })
    expect([closed.status, row('problem', id)?.active]).toEqual([200, 'false'])
  })

  it('is created with the sys_id that is sent, in capitals too', async () => {
    sandbox = await startSandbox()
    const id = 'AAAABBBBCCCCDDDDEEEEFFFF00001111'
    expect(await create('problem', { sys_id: id })).toBe(id)
    expect((await as(sandbox, 'admin').get(`${TABLE}/problem/${id}`)).status).toBe(200)
  })

  it('is deleted with its tasks by its administrators', async () => {
    sandbox = await startSandbox()
    const id = await create('problem', {})
    const task = await create('problem_task', { problem: id })
    expect(row('problem_task', task)).toMatchObject({ state: '151', parent: id, number: 'PTASK0010001' })
    expect((await as(sandbox, 'dora.devops').send('DELETE', `${TABLE}/problem/${id}`)).status).toBe(403)
    expect((await as(sandbox, 'admin').send('DELETE', `${TABLE}/problem/${id}`)).status).toBe(204)
    expect(row('problem_task', task)).toBeUndefined()
  })
})

describe('a problem task', () => {
  it('is assigned before somebody works on it', async () => {
    sandbox = await startSandbox()
    const id = await create('problem_task', {})
    expect((await patch('problem_task', id, { state: '154' })).status).toBe(403)
    const [user] = sandbox.rows('sys_user')
    expect((await patch('problem_task', id, { state: '154', assigned_to: user?.sys_id })).status).toBe(200)
    await patch('problem_task', id, { state: '157' })
    expect(row('problem_task', id)?.active).toBe('false')
  })
})
