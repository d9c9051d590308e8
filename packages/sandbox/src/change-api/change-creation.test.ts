import { afterEach, describe, expect, it } from '@jest/globals'
import type { SandboxOptions } from '../options.ts'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { seedId } from '../seed/seed.ts'
import { as, CHANGE, newChange, TABLE } from '../testing/caller.ts'

let sandbox: Sandbox

async function start(options: SandboxOptions = {}): Promise<void> {
  sandbox = await startSandbox({ approvalDelayMs: 0, ...options })
}

afterEach(() => sandbox.stop())

const devOps = seedId('sys_user_group', 'devops-team')
const template = seedId('std_change_record_producer', 'app-deployment-template')

describe('creation', () => {
  it('accepts a type, a model, or neither', async () => {
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

  it('over either API begins as the model says, with what the model presets', async () => {
    await start()
    const chg_model = sandbox.insert('chg_model', {
      name: 'Automated',
      active: 'true',
      record_preset: `type=emergency^state=-3^assignment_group=${devOps}^short_description=Automated : Change^EQ`
    })
    const change = await as(sandbox).post(CHANGE, { chg_model: 'Automated' })
    const record = await as(sandbox).post(`${TABLE}/change_request`, {
      chg_model,
      short_description: 'Mine',
      state: '-1'
    })
    const preset = { type: 'emergency', state: '-3', assignment_group: devOps, chg_model }
    expect(sandbox.change(String(change.at('result', 'sys_id', 'value')))).toMatchObject({
      ...preset,
      short_description: 'Automated : Change'
    })
    expect(sandbox.change(String(record.at('result', 'sys_id')))).toMatchObject({
      ...preset,
      short_description: 'Mine'
    })
  })

  it('of a type begins as the model of that type says', async () => {
    await start()
    const [normal] = sandbox.rows('chg_model')
    sandbox.set('chg_model', normal?.sys_id ?? '', { record_preset: 'type=normal^state=-4^EQ' })
    expect(sandbox.change(await newChange(sandbox))?.state).toBe('-4')
    const record = await as(sandbox).post(`${TABLE}/change_request`, { assignment_group: devOps })
    expect(record.at('result', 'state')).toBe('-4')
  })

  it('in a later state requests no approvals', async () => {
    await start()
    const id = await newChange(sandbox, { state: 'scheduled' })
    expect(sandbox.change(id)).toMatchObject({ state: '-2', approval: 'not requested' })
    expect(sandbox.approvers(id)).toEqual([])
  })

  it('of a standard change requires a template', async () => {
    await start()
    expect((await as(sandbox).post(`${CHANGE}/standard`, {})).status).toBe(405)
    expect((await as(sandbox).post(`${CHANGE}/standard/${'0'.repeat(32)}`, {})).status).toBe(404)
    const retired = seedId('std_change_record_producer', 'retired-template')
    expect((await as(sandbox).post(`${CHANGE}/standard/${retired}`, {})).status).toBe(404)
  })

  it("from a template keeps the template's texts and ignores fields that it does not name", async () => {
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

  it('from a template may return an array and accept any field', async () => {
    await start({ singleResultsAsArray: true, templateTakesAnyField: true })
    const created = await as(sandbox).post(`${CHANGE}/standard/${template}`, { correlation_id: 'kept' })
    expect(created.at('result', 0, 'correlation_id', 'value')).toBe('kept')
  })

  it('of a standard change over the Table API is filled from its template; what is sent counts first', async () => {
    await start()
    const created = await as(sandbox).post(`${TABLE}/change_request`, {
      type: 'standard',
      std_change_producer_version: seedId('std_change_producer_version', 'app-deployment-template'),
      short_description: 'Deploy 1.2.3'
    })
    expect(sandbox.change(String(created.at('result', 'sys_id')))).toMatchObject({
      state: '-5',
      short_description: 'Deploy 1.2.3',
      description: 'Preapproved deployment of an application by its pipeline.',
      backout_plan: 'Redeploy the previous release.',
      assignment_group: devOps
    })
  })

  it('accepts a correlation id that another change has', async () => {
    await start()
    const ids = await Promise.all([1, 2].map(() => newChange(sandbox, { correlation_id: 'same' })))
    expect(new Set(ids).size).toBe(2)
  })
})

describe('templates and models', () => {
  it('are listed and read in the same format, also by an account without read access to look-up tables', async () => {
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
