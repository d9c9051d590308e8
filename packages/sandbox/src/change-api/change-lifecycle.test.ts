import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { approvedChange, as, CHANGE, newChange } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const devOps = seedId('sys_user_group', 'devops-team')
const template = seedId('std_change_record_producer', 'app-deployment-template')

describe('creation', () => {
  it('is by type, by model, or by default', async () => {
    await start()
    const { post } = as(sandbox)
    const byDefault = await post(CHANGE, { short_description: 'a' })
    const byType = await post(CHANGE, { type: 'emergency' })
    const byModel = await post(CHANGE, { chg_model: 'Emergency', type: 'normal' })
    expect(byDefault.at('result', 'type', 'value')).toBe('normal')
    expect(byDefault.at('result', 'chg_model', 'display_value')).toBe('Normal')
    expect(byType.at('result', 'type', 'value')).toBe('emergency')
    expect(byModel.at('result', 'chg_model', 'display_value')).toBe('Emergency')
    const moved = await as(sandbox).patch(`${CHANGE}/${byModel.at('result', 'sys_id', 'value')}`, {
      state: '-3',
      assignment_group: devOps
    })
    expect(moved.at('result', 'state', 'value')).toBe(-3)
    expect((await post(CHANGE, { chg_model: 'Imaginary' })).status).toBe(400)
  })

  it('straight into a later state leaves the change without approvals', async () => {
    await start()
    const id = await newChange(sandbox, { state: 'scheduled' })
    expect(sandbox.change(id)).toMatchObject({ state: '-2', approval: 'not requested' })
    expect(sandbox.approvers(id)).toEqual([])
  })

  it('of a standard change needs a template', async () => {
    await start()
    expect((await as(sandbox).post(`${CHANGE}/standard`, {})).status).toBe(405)
    expect((await as(sandbox).post(`${CHANGE}/standard/${'0'.repeat(32)}`, {})).status).toBe(404)
    const retired = seedId('std_change_record_producer', 'retired-template')
    expect((await as(sandbox).post(`${CHANGE}/standard/${retired}`, {})).status).toBe(404)
  })

  it('from a template lets the template own its texts and drops what it does not know', async () => {
    await start()
    const created = await as(sandbox).post(`${CHANGE}/standard/${template}`, {
      short_description: 'Deploy 1.2.3',
      description: 'mine',
      backout_plan: 'mine',
      correlation_id: 'lost',
      cmdb_ci: 'prod-k8s-cluster'
    })
    expect(created.status).toBe(200)
    const id = String(created.at('result', 'sys_id', 'value'))
    expect(sandbox.change(id)).toMatchObject({
      type: 'standard',
      state: '-5',
      short_description: 'Deploy 1.2.3',
      description: 'Preapproved deployment of an application by its pipeline.',
      backout_plan: 'Redeploy the previous release.',
      correlation_id: '',
      cmdb_ci: seedId('cmdb_ci', 'prod-k8s-cluster'),
      assignment_group: devOps
    })
    const moved = await as(sandbox).patch(`${CHANGE}/standard/${id}`, { state: '-2' })
    expect(moved.at('result', 'approval', 'value')).toBe('approved')
  })

  it('from a template can answer with an array and take any field', async () => {
    await start({ singleResultsAsArray: true, templateTakesAnyField: true })
    const created = await as(sandbox).post(`${CHANGE}/standard/${template}`, { correlation_id: 'kept' })
    expect(created.at('result', 0, 'correlation_id', 'value')).toBe('kept')
  })

  it('commits two changes with the same correlation id', async () => {
    await start()
    const ids = await Promise.all([1, 2].map(() => newChange(sandbox, { correlation_id: 'same' })))
    expect(new Set(ids).size).toBe(2)
  })
})

describe('templates and models', () => {
  it('are listed and read in the same dialect, also by an account without look-up rights', async () => {
    await start()
    const { get } = as(sandbox, 'gha.narrow')
    const templates = await get(`${CHANGE}/standard/template`)
    expect(templates.at('result', 'length')).toBe(3)
    expect(templates.at('result', 0, 'name', 'value')).toBe('app-deployment-template')
    const one = await get(`${CHANGE}/standard/template/${template}`)
    expect(one.at('result', 'active')).toEqual({ display_value: 'true', value: true })
    const models = await get(`${CHANGE}/model`)
    expect([0, 1, 2].map(index => models.at('result', index, 'name', 'value'))).toEqual([
      'Normal',
      'Emergency',
      'Standard'
    ])
    expect((await get(`${CHANGE}/model/${models.at('result', 1, 'sys_id', 'value')}`)).status).toBe(200)
  })
})

describe('rights', () => {
  it('without a role end at the API', async () => {
    await start()
    const refused = await as(sandbox, 'no.roles').get(CHANGE)
    expect(refused.status).toBe(403)
    expect(refused.at('error', 'message')).toBe('Failed API level ACL Validation')
  })

  it('of a reader make a PATCH a silent no-op and a POST a refusal', async () => {
    await start()
    const id = await newChange(sandbox)
    const reader = as(sandbox, 'gha.reader')
    const patched = await reader.patch(`${CHANGE}/${id}`, { short_description: 'mine', nonsense: 1 })
    expect(patched.status).toBe(200)
    expect(patched.at('result', 'short_description', 'value')).toBe('Deploy')
    expect(patched.at('result', '__meta', 'ignoredFields')).toEqual([])
    expect((await reader.post(`${CHANGE}/normal`, {})).status).toBe(403)
  })

  it('to delete belong to managers', async () => {
    await start()
    const id = await newChange(sandbox)
    expect((await as(sandbox).send('DELETE', `${CHANGE}/${id}`)).status).toBe(403)
    const deleted = await as(sandbox, 'admin').send('DELETE', `${CHANGE}/${id}`)
    expect([deleted.status, deleted.text]).toEqual([200, ''])
    expect(sandbox.change(id)).toBeUndefined()
  })
})

describe('unknown resources', () => {
  it.each(['schedule', 'nextstate', 'ci'])('answer 400: %s', async name => {
    await start()
    const missing = await as(sandbox).get(`${CHANGE}/${await newChange(sandbox)}/${name}`)
    expect(missing.status).toBe(400)
    expect(missing.at('error')).toEqual({
      message: 'Requested URI does not represent any resource',
      detail: null
    })
  })

  it('are all there is without the plugin', async () => {
    await start({ changeManagementApi: false })
    expect((await as(sandbox).get(CHANGE)).status).toBe(400)
  })
})

describe('next states', () => {
  it('include the current state, and alternatives whose conditions fail', async () => {
    await start({ tasksOnImplement: true })
    const id = await approvedChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-1' })
    const next = await as(sandbox).get(`${CHANGE}/${id}/nextstates`)
    expect(next.at('result', 'available_states')).toEqual(['0', '4', '-1'])
    expect(next.at('result', 'state_label')).toEqual({ '0': 'Review', '4': 'Canceled', '-1': 'Implement' })
    expect(next.at('result', 'state_transitions', 0, 'length')).toBe(2)
    expect(next.at('result', 'state_transitions', 0, 0)).toMatchObject({
      display_value: 'Implement to Review',
      automatic_transition: true,
      transition_available: false,
      conditions: [{ passed: false, condition: { name: 'No active Change Tasks' } }]
    })
    expect(next.at('result', 'state_transitions', 1, 0)).toMatchObject({
      to_state: '4',
      transition_available: true
    })
  })

  it('offer an automatic move that no request can make', async () => {
    await start({ approvalDelayMs: 60_000 })
    const id = await newChange(sandbox)
    await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-4' })
    const next = await as(sandbox).get(`${CHANGE}/${id}/nextstates`)
    expect(next.at('result', 'available_states')).toContain('-3')
    expect((await as(sandbox).patch(`${CHANGE}/${id}`, { state: '-3' })).status).toBe(403)
  })

  it('carry no transitions without change models', async () => {
    await start({ changeModels: false })
    const next = await as(sandbox).get(`${CHANGE}/${await newChange(sandbox)}/nextstates`)
    expect(next.at('result', 'state_transitions')).toEqual([])
    expect(next.at('result', 'available_states')).toEqual(['-4', '4', '-5'])
  })
})

describe('conflicts', () => {
  const window = { start_date: '2026-12-01 10:00:00', end_date: '2026-12-01 12:00:00' }

  it('are detected later, between overlapping changes on one CI', async () => {
    await start()
    const ci = { cmdb_ci: 'prod-k8s-cluster', ...window }
    const id = await newChange(sandbox, ci)
    const rival = await newChange(sandbox, {
      ...ci,
      start_date: '2026-12-01 11:00:00',
      end_date: '2026-12-01 13:00:00'
    })
    await newChange(sandbox, { ...ci, start_date: '2026-12-01 12:00:00', end_date: '2026-12-01 13:00:00' })
    const started = await as(sandbox).post(`${CHANGE}/${id}/conflict`)
    expect(started.at('result')).toMatch(/^[0-9a-f]{32}$/)
    await sandbox.waitFor(() => sandbox.change(id)?.conflict_status === 'Conflict')
    const read = await as(sandbox).get(`${CHANGE}/${id}/conflict`)
    expect(read.at('result', 'record_count')).toBe('1')
    expect(read.at('result', 'job_status')).toBe('2')
    expect(read.at('result', 'conflicts', 0, 'change', 'value')).toBe(rival)
  })

  it('cannot be looked for without CI and window, and can be cancelled', async () => {
    await start({ approvalDelayMs: 60_000 })
    const bare = await newChange(sandbox)
    expect((await as(sandbox).post(`${CHANGE}/${bare}/conflict`)).status).toBe(400)
    const id = await newChange(sandbox, { cmdb_ci: 'prod-k8s-cluster', ...window })
    await as(sandbox).post(`${CHANGE}/${id}/conflict`)
    const running = await as(sandbox).get(`${CHANGE}/${id}/conflict`)
    expect(running.at('result', 'job_status')).toBe('1')
    const cancelled = await as(sandbox).send('DELETE', `${CHANGE}/${id}/conflict`)
    expect([cancelled.status, cancelled.text]).toEqual([200, ''])
    expect((await as(sandbox).get(`${CHANGE}/${id}/conflict`)).at('result', 'job_status')).toBe('2')
  })
})

describe('rights below a change', () => {
  it('keep a reader from conflicts and tasks', async () => {
    await start()
    const id = await newChange(sandbox)
    const task = (await as(sandbox).post(`${CHANGE}/${id}/task`, { description: 'kept' })).at(
      'result',
      'sys_id',
      'value'
    )
    const { post, patch, send } = as(sandbox, 'gha.reader')
    expect((await post(`${CHANGE}/${id}/conflict`)).status).toBe(403)
    expect((await post(`${CHANGE}/${id}/task`)).status).toBe(403)
    expect((await send('DELETE', `${CHANGE}/${id}/task/${task}`)).status).toBe(403)
    const patched = await patch(`${CHANGE}/${id}/task/${task}`, { description: 'mine' })
    expect([patched.status, patched.at('result', 'description', 'value')]).toEqual([200, 'kept'])
  })

  it('show an approver without further roles the changes that wait for an answer', async () => {
    await start()
    const user = sandbox.insert('sys_user', {
      user_name: 'eve.external',
      user_password: 'eve',
      active: 'true'
    })
    sandbox.insert('sys_user_has_role', { user, role: 'approver_user' })
    const [asked, other] = [await newChange(sandbox), await newChange(sandbox)]
    sandbox.insert('sysapproval_approver', { approver: user, sysapproval: asked, state: 'requested' })
    const headers = { authorization: `Basic ${Buffer.from('eve.external:eve').toString('base64')}` }
    const status = async (id: string) => (await as(sandbox).get(`${CHANGE}/${id}`, headers)).status
    expect([await status(asked), await status(other)]).toEqual([200, 404])
  })
})

describe('tasks and risk', () => {
  it('of a change are created, listed, updated and deleted', async () => {
    await start()
    const id = await newChange(sandbox)
    const { post, patch, get, send } = as(sandbox)
    const created = await post(`${CHANGE}/${id}/task`, {
      short_description: 'Check',
      change_task_type: 'Testing'
    })
    expect(created.at('result', 'number', 'value')).toBe('CTASK0010001')
    expect(created.at('result', 'change_task_type', 'value')).toBe('testing')
    const task = created.at('result', 'sys_id', 'value')
    expect(
      (await patch(`${CHANGE}/${id}/task/${task}`, { state: '3' })).at('result', 'active', 'value')
    ).toBe(false)
    expect((await get(`${CHANGE}/${id}/task`)).at('result', 'length')).toBe(2)
    expect((await send('DELETE', `${CHANGE}/${id}/task/${task}`)).status).toBe(200)
    expect((await get(`${CHANGE}/${id}/task`)).at('result', 'length')).toBe(1)
    const other = await newChange(sandbox)
    expect((await patch(`${CHANGE}/${other}/task/${task}`, {})).status).toBe(404)
  })

  it('answers a risk evaluation with the bare record', async () => {
    await start()
    const evaluated = await as(sandbox).patch(`${CHANGE}/${await newChange(sandbox, { impact: '1' })}/risk`)
    expect(evaluated.at('risk')).toEqual({ display_value: 'High', value: 2 })
  })
})
