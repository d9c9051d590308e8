import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as, newChange, TABLE } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const CHANGES = `${TABLE}/change_request`
const devOps = seedId('sys_user_group', 'devops-team')

describe('writes', () => {
  it('create with 201 and Location, in New for any state', async () => {
    await start()
    const created = await as(sandbox).post(CHANGES, {
      short_description: 'Deploy',
      state: '3',
      nonsense: 'x'
    })
    expect(created.status).toBe(201)
    const id = String(created.at('result', 'sys_id'))
    expect(created.headers.get('location')).toBe(`${sandbox.url}/api/now/table/change_request/${id}`)
    expect(sandbox.change(id)).toMatchObject({ state: '-5', type: 'normal' })
    expect(sandbox.change(id)).not.toHaveProperty('nonsense')
  })

  it('ignore the label of a state', async () => {
    await start()
    const id = await newChange(sandbox)
    const patched = await as(sandbox).patch(`${CHANGES}/${id}`, { state: 'assess' })
    expect([patched.status, patched.at('result', 'state')]).toEqual([200, '-5'])
    expect((await as(sandbox).patch(`${CHANGES}/${id}`, { state: '-4' })).at('result', 'state')).toBe('-4')
  })

  it('store the name of a reference as text', async () => {
    await start()
    const created = await as(sandbox).post(`${CHANGES}?sysparm_display_value=all`, {
      assignment_group: 'DevOps Team'
    })
    expect(created.at('result', 'assignment_group')).toMatchObject({
      value: 'DevOps Team',
      display_value: ''
    })
  })

  it('with sysparm_input_display_value accept names, labels and local dates; unknown ones empty the field', async () => {
    await start()
    const url = `${CHANGES}?sysparm_input_display_value=true`
    const created = await as(sandbox).post(url, {
      assignment_group: 'DevOps Team',
      cmdb_ci: 'no such server',
      risk: 'Low',
      impact: '1',
      start_date: '2026-01-01 04:00:00'
    })
    expect(created.status).toBe(201)
    expect(sandbox.change(String(created.at('result', 'number')))).toMatchObject({
      assignment_group: devOps,
      cmdb_ci: '',
      risk: '4',
      impact: '',
      start_date: '2026-01-01 12:00:00'
    })
    const id = String(created.at('result', 'sys_id'))
    const moved = await as(sandbox).patch(`${CHANGES}/${id}?sysparm_input_display_value=true`, {
      state: 'Assess'
    })
    expect(moved.at('result', 'state')).toBe('-4')
  })

  it('empty unknown choices with dropUnknownChoices', async () => {
    await start({ dropUnknownChoices: true })
    const created = await as(sandbox).post(CHANGES, { category: 'Nonsense', close_code: 'successful' })
    expect([created.at('result', 'category'), created.at('result', 'close_code')]).toEqual(['', 'successful'])
  })

  it('with PUT change only the fields that are sent', async () => {
    await start()
    const id = await newChange(sandbox, { risk: '2' })
    const put = await as(sandbox).send('PUT', `${CHANGES}/${id}`, {
      headers: { 'content-type': 'application/json' },
      body: '{"description":"new"}'
    })
    expect(put.status).toBe(200)
    expect(sandbox.change(id)).toMatchObject({ risk: '2', description: 'new', short_description: 'Deploy' })
  })

  it('support X-HTTP-Method-Override and X-No-Response-Body', async () => {
    await start()
    const id = await newChange(sandbox)
    const withoutBody = await as(sandbox).post(
      `${CHANGES}/${id}`,
      { description: 'overridden' },
      { 'x-http-method-override': 'PATCH', 'x-no-response-body': 'true' }
    )
    expect([withoutBody.status, withoutBody.text]).toEqual([200, ''])
    expect(sandbox.change(id)?.description).toBe('overridden')
  })

  it('accept single quotes', async () => {
    await start()
    const created = await as(sandbox).post(CHANGES, `{'short_description':'say "it\\'s"'}`)
    expect(created.at('result', 'short_description')).toBe(`say "it's"`)
  })

  it('delete with 204 and no body', async () => {
    await start()
    const id = await newChange(sandbox)
    const denied = await as(sandbox).send('DELETE', `${CHANGES}/${id}`)
    expect(denied.at('error', 'detail')).toBe('ACL Exception Delete Failed due to security constraints')
    const deleted = await as(sandbox, 'admin').send('DELETE', `${CHANGES}/${id}`)
    expect([deleted.status, deleted.text]).toEqual([204, ''])
  })
})

describe('errors', () => {
  it.each([
    ['GET', '/api/now/table/foo', 400, 'Invalid table foo', null],
    ['GET', '/api/now/table', 400, 'Requested URI does not represent any resource', null],
    ['GET', '/api/now/nonsense/incident', 400, 'Requested URI does not represent any resource', null],
    [
      'GET',
      '/api/now/table/change_request/nonsense',
      404,
      'No Record found',
      "Record doesn't exist or ACL restricts the record retrieval"
    ],
    [
      'POST',
      '/api/now/table/change_request/nonsense',
      405,
      'Method not supported',
      'POST is not supported here.'
    ]
  ])('%s %s', async (method, path, status, message, detail) => {
    await start()
    const refused = await as(sandbox).send(method, path)
    expect(refused.status).toBe(status)
    expect(refused.at()).toEqual({ error: { message, detail }, status: 'failure' })
  })

  it('name the operation that the account may not do', async () => {
    await start()
    const id = await newChange(sandbox)
    const reader = as(sandbox, 'gha.reader')
    expect((await reader.patch(`${CHANGES}/${id}`, {})).at('error', 'detail')).toContain('Update Failed')
    expect((await reader.post(CHANGES, {})).at('error', 'detail')).toContain('Insert Failed')
    expect((await as(sandbox).post(`${TABLE}/sys_user_group`, { name: 'Mine' })).status).toBe(403)
    const noRoles = as(sandbox, 'no.roles')
    expect((await noRoles.get(`${CHANGES}/${id}`)).status).toBe(404)
    expect((await noRoles.get(CHANGES)).at('result')).toEqual([])
  })

  it('require both headers, JSON, and 10 MiB at most', async () => {
    await start()
    const { send, post } = as(sandbox)
    expect((await send('POST', CHANGES, { body: Buffer.from('{}') })).status).toBe(400)
    expect((await post(CHANGES, '<a/>', { 'content-type': 'application/xml' })).status).toBe(415)
    const large = await post(CHANGES, JSON.stringify({ description: 'x'.repeat(10_485_760) }))
    expect([large.status, large.at('error', 'message')]).toEqual([400, 'Exception while reading request'])
  })
})

describe('other tables', () => {
  it('accept writes by an administrator; a change is also a record of `task`', async () => {
    await start()
    const created = await as(sandbox, 'admin').post(`${TABLE}/sys_user_group`, {
      name: 'New team',
      active: true
    })
    expect(created.status).toBe(201)
    const id = await newChange(sandbox)
    const task = await as(sandbox).get(`${TABLE}/task/${id}`)
    expect(task.at('result', 'number')).toBe('CHG0030001')
    const moved = await as(sandbox).patch(`${TABLE}/task/${id}`, { state: '4' })
    expect([moved.at('result', 'state'), sandbox.change(id)?.state]).toEqual(['4', '4'])
  })

  it('have access rules for journals and roles', async () => {
    await start()
    await newChange(sandbox, { work_notes: 'note' })
    const journal = `${TABLE}/sys_journal_field?sysparm_query=element=work_notes`
    expect((await as(sandbox).get(journal)).at('result')).toEqual([])
    expect((await as(sandbox, 'anna.approver').get(journal)).at('result')).toEqual([])
    expect((await as(sandbox, 'admin').get(journal)).at('result', 0, 'value')).toBe('note')
    const roles = await as(sandbox).get(`${TABLE}/sys_user_has_role?sysparm_fields=role.name`)
    expect(roles.at('result')).toEqual([
      { 'role.name': 'sn_change_read' },
      { 'role.name': 'sn_change_write' },
      { 'role.name': 'snc_internal' },
      { 'role.name': 'evt_mgmt_integration' },
      { 'role.name': 'import_set_loader' }
    ])
  })

  it('show who wrote a note where the journal is readable', async () => {
    await start({ readableJournal: true })
    await newChange(sandbox, { work_notes: 'note' })
    const journal = `${TABLE}/sys_journal_field?sysparm_query=element=work_notes`
    const own = `${journal}^sys_created_by=javascript:gs.getUserName()`
    expect((await as(sandbox).get(journal)).at('result', 0, 'sys_created_by')).toBe('gha.deployer')
    expect((await as(sandbox).get(own)).at('result', 'length')).toBe(1)
    expect((await as(sandbox, 'anna.approver').get(own)).at('result')).toEqual([])
  })

  it('have the choices that all tasks share under `task`', async () => {
    await start()
    const choices = (name: string) => `${TABLE}/sys_choice?sysparm_query=name=${name}^element=priority`
    expect((await as(sandbox).get(choices('change_request'))).at('result', 'length')).toBe(0)
    expect((await as(sandbox).get(choices('task'))).at('result', 'length')).toBe(5)
  })
})
