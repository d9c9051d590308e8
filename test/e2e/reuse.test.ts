/** Which change a deployment gets: a new one, or the one it has. */
import { correlationScope, formatBinding } from '@change-actions/change-control'
import { expect } from '@jest/globals'
import { approved, byHand, DEPLOYMENT, onBothApis, SOON, scenario, submit, type World } from './harness.ts'

const SHARED = { ...DEPLOYMENT, 'correlation-id': 'shop/v2.3.0:production' }
const DRAFT = { 'request-approval': 'false' }

const open = ({ sandbox }: World) => sandbox.rows('change_request').filter(row => row.state !== '4')

/** What an earlier step of the run left. */
const OF_RUN = {
  correlation_id: 'shop/v2.3.0:production',
  short_description: 'Deploy the shop',
  correlation_display: formatBinding({
    commit: '65dbbeda5ade1f0e3c7b9a4d8e2f6c1b0a9d8e7f',
    runId: '1001',
    scope: correlationScope({
      serverUrl: 'https://github.com',
      repository: 'change-actions/servicenow',
      environment: ''
    })
  })
}

onBothApis(api => {
  scenario('the next attempt of a run finds its change again', { api }, async world => {
    const number = await approved(world)
    const again = world.newJob({ GITHUB_RUN_ATTEMPT: '2' })
    const taken = await again.pass('create-change', DEPLOYMENT)
    expect(taken.outputs).toMatchObject({
      'change-number': number,
      created: 'false',
      'correlation-id': world.job.steps[0]?.outputs['correlation-id']
    })
    expect(JSON.parse(taken.outputs.metrics ?? '').creation_ms).toBeUndefined()
    expect((await again.pass('wait-approval', SOON)).outputs.polls).toBe('1')
    expect(world.sandbox.rows('change_request')).toHaveLength(1)
  })

  scenario('legs, jobs, runs and steps each have a change of their own', { api }, async world => {
    const { job, newJob, sandbox } = world
    const jobs = [
      job,
      newJob({}, { matrixIndex: '1' }),
      newJob({ GITHUB_JOB: 'other' }),
      newJob({ GITHUB_RUN_ID: '1002' }),
      newJob({ GITHUB_REPOSITORY_ID: '4712' })
    ]
    for (const one of jobs) await one.pass('create-change', DEPLOYMENT)
    await job.pass('create-change', DEPLOYMENT)
    expect(new Set(sandbox.rows('change_request').map(row => row.correlation_id)).size).toBe(6)
  })

  scenario('a scope tells deployments apart that have the same job', { api }, async world => {
    const numbers = []
    for (const scope of ['eu', 'us', 'eu']) {
      const step = await world.newJob().pass('create-change', { ...DEPLOYMENT, 'correlation-scope': scope })
      numbers.push(step.outputs['change-number'])
    }
    expect(numbers[2]).toBe(numbers[0])
    expect(numbers[1]).not.toBe(numbers[0])
  })

  scenario('two jobs share a change when they say so', { api }, async ({ job, newJob }) => {
    const first = await job.pass('create-change', SHARED)
    const second = await newJob({ GITHUB_JOB: 'other', GITHUB_RUN_ID: '1002' }).pass('create-change', SHARED)
    expect(first.outputs).toMatchObject({ created: 'true', 'correlation-id': 'shop/v2.3.0:production' })
    expect(second.outputs).toMatchObject({
      created: 'false',
      'change-number': first.outputs['change-number']
    })
  })

  scenario(
    'two jobs that create at the same moment end with one change',
    {
      api,
      sandbox: { latencyMs: 25 }
    },
    async world => {
      const jobs = [world.job, world.newJob({ GITHUB_JOB: 'other' }), world.newJob({ GITHUB_JOB: 'third' })]
      const steps = await Promise.all(jobs.map(job => job.pass('create-change', SHARED)))
      const [survivor, ...others] = open(world)
      expect(others).toEqual([])
      for (const { outputs, env } of steps) {
        expect(outputs['change-number']).toBe(survivor?.number)
        expect(env).toEqual({
          SERVICENOW_CHANGE_SYS_ID: survivor?.sys_id,
          SERVICENOW_CHANGE_NUMBER: survivor?.number
        })
      }
      expect(steps.filter(step => step.outputs.created === 'true')).toHaveLength(1)
      expect(survivor?.state).not.toBe('-5')
    }
  )

  scenario('drafts left behind: the oldest is taken, the others are cancelled', { api }, async world => {
    const { sandbox, job, plant } = world
    const [younger, oldest] = [plant(OF_RUN), plant(OF_RUN)]
    const mine = { sys_created_by: 'gha.deployer' }
    sandbox.set('change_request', younger.sysId, { ...mine, sys_created_on: '2026-01-01 00:00:02' })
    sandbox.set('change_request', oldest.sysId, { ...mine, sys_created_on: '2026-01-01 00:00:01' })
    const step = await job.pass('create-change', SHARED)
    expect(step.outputs).toMatchObject({ 'change-number': oldest.number, created: 'false' })
    expect(step.notices).toEqual([expect.stringContaining(younger.number)])
    expect(sandbox.change(younger.number)?.state).toBe('4')
  })

  scenario('a change that is being decided on comes before older drafts', { api }, async world => {
    const { sandbox, job, plant } = world
    const draft = plant(OF_RUN)
    const requested = plant({ ...OF_RUN, state: '-3', approval: 'requested' })
    for (const { sysId } of [draft, requested])
      sandbox.set('change_request', sysId, { sys_created_by: 'gha.deployer' })
    const step = await job.pass('create-change', SHARED)
    expect(step.outputs).toMatchObject({ 'change-number': requested.number, created: 'false' })
    expect(sandbox.change(draft.number)?.state).toBe('4')
    expect(sandbox.change(requested.number)?.state).toBe('-3')
  })

  scenario('reuse: false makes a new one', { api }, async ({ sandbox, job, newJob }) => {
    const first = await job.pass('create-change', { ...SHARED, reuse: 'false' })
    const second = await newJob().pass('create-change', { ...SHARED, reuse: 'false' })
    expect(second.outputs.created).toBe('true')
    expect(second.outputs['change-number']).not.toBe(first.outputs['change-number'])
    expect(sandbox.change(first.outputs['change-number'] ?? '')?.state).not.toBe('4')
  })

  scenario(
    'a change that is over, or in Review, is not reused',
    { api },
    async ({ sandbox, job, newJob }) => {
      for (const state of ['4', '3', '0']) {
        const before = await job.pass('create-change', SHARED)
        expect(before.outputs.created).toBe('true')
        sandbox.set('change_request', before.outputs['change-number'] ?? '', { state })
      }
      expect((await newJob().pass('create-change', SHARED)).outputs.created).toBe('true')
      expect(sandbox.rows('change_request')).toHaveLength(4)
    }
  )

  scenario('one that differs in what was approved is an error', { api }, async ({ sandbox, job, newJob }) => {
    const parent = await job.pass('create-change', DEPLOYMENT)
    const first = await newJob().pass('create-change', { ...SHARED, ...DRAFT, 'cmdb-ci': 'prod-k8s-cluster' })
    const number = first.outputs['change-number'] ?? ''
    const before = sandbox.change(number)
    const differing = {
      type: { type: 'emergency', 'cmdb-ci': 'prod-k8s-cluster' },
      'configuration item': { 'cmdb-ci': 'production-k8s-cluster' },
      'parent change': {
        'cmdb-ci': 'prod-k8s-cluster',
        'parent-change': parent.outputs['change-number'] ?? ''
      }
    }
    for (const [field, inputs] of Object.entries(differing)) {
      const step = await newJob().fail('create-change', { ...SHARED, ...inputs })
      expect(step.error.title).toBe(`Change ${number}: another type, CI or parent`)
      expect(step.error.message).toContain(`its ${field} is `)
      // A change that is not to be used is not handed to later steps.
      expect(step.env).toEqual({})
    }
    expect(sandbox.change(number)).toEqual(before)
    expect(sandbox.rows('change_request')).toHaveLength(2)
  })

  scenario('reused in New: inputs are brought up to date, edits are kept', { api }, async world => {
    const { sandbox, job, newJob } = world
    const first = await job.pass('create-change', { ...SHARED, ...DRAFT, risk: 'low' })
    const number = first.outputs['change-number'] ?? ''
    expect(sandbox.change(number)?.description).toContain('Commit: 65dbbeda5ade')
    await byHand(sandbox, number, { description: 'Rewritten by the change manager', justification: 'Kept' })
    await newJob().pass('create-change', { ...SHARED, ...DRAFT, risk: 'high', 'test-plan': 'Smoke tests' })
    expect(sandbox.change(number)).toMatchObject({
      description: 'Rewritten by the change manager',
      justification: 'Kept',
      risk: '2',
      test_plan: 'Smoke tests'
    })
  })

  scenario('reused later: left as it is, with a warning', { api }, async world => {
    const { sandbox, newJob } = world
    const number = await submit(world, { ...SHARED, risk: 'low' })
    const before = sandbox.change(number)
    const step = await newJob().pass('create-change', { ...SHARED, risk: 'high' })
    expect(step.warnings).toEqual([expect.stringMatching(/risk/)])
    expect(sandbox.change(number)).toEqual(before)
  })

  scenario('match-title takes the one open change of a person', { api }, async ({ sandbox, job, plant }) => {
    const { sys_id: group = '' } = sandbox.rows('sys_user_group')[0] ?? {}
    const { number } = plant({ assignment_group: group, short_description: 'Deploy the shop' })
    plant({ short_description: 'Deploy the shop', state: '3' })
    plant({ short_description: 'deploy the SHOP' })
    const step = await job.pass('create-change', { ...DEPLOYMENT, 'match-title': 'true' })
    expect(step.outputs).toMatchObject({
      'change-number': number,
      created: 'false',
      'change-state': 'assess'
    })
    expect(sandbox.rows('change_request')).toHaveLength(3)
  })

  scenario('match-title: several are an error that names them', { api }, async ({ sandbox, job, plant }) => {
    const numbers = [plant().number, plant().number]
    const step = await job.fail('create-change', { ...DEPLOYMENT, 'match-title': 'true' })
    for (const number of numbers) expect(step.error.message).toContain(number)
    expect(sandbox.rows('change_request')).toHaveLength(2)
  })

  scenario('match-title: an unsafe title is not searched', { api }, async ({ job, plant }) => {
    plant({ short_description: 'something else' })
    const title = 'x^ORnumberISNOTEMPTY'
    const inputs = { ...DEPLOYMENT, 'short-description': title, 'match-title': 'true' }
    const step = await job.pass('create-change', inputs)
    expect(step.outputs.created).toBe('true')
    expect(step.notices).toEqual([expect.stringContaining('No change was searched for by its title')])
  })

  scenario('a supplied change is used and never touched', { api }, async ({ sandbox, job, plant }) => {
    const { number, sysId } = plant({ short_description: 'By hand', risk: '4' })
    sandbox.set('change_request', sysId, {
      assignment_group: sandbox.rows('sys_user_group')[0]?.sys_id ?? ''
    })
    job.file('plan.md', '# Plan\n')
    const before = sandbox.change(sysId)
    const step = await job.pass('create-change', {
      'change-number': number,
      'short-description': 'Another title',
      risk: 'high',
      attachments: '- plan.md',
      ...DRAFT
    })
    expect(step.outputs).toMatchObject({ 'change-sys-id': sysId, created: 'false', 'change-state': 'new' })
    // The binding and the notes are the only writes.
    const names = ['short_description', 'risk', 'state', 'approval', 'assignment_group', 'correlation_id']
    const values = (change = sandbox.change(sysId)) => names.map(name => change?.[name])
    expect(values()).toEqual(values(before))
    expect(sandbox.journal(sysId).map(one => one.text)).toEqual([
      expect.stringContaining('This change is bound to:'),
      expect.stringContaining('plan.md')
    ])
    expect(sandbox.attachments(sysId).map(one => one.name)).toEqual(['plan.md'])
    await job.pass('create-change', { 'change-sys-id': sysId })
    expect(sandbox.change(sysId)?.state).not.toBe('-5')
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  scenario('a supplied change that is over is an error', { api }, async ({ job, plant }) => {
    for (const [state, name] of [
      ['3', 'closed'],
      ['4', 'canceled']
    ] as const) {
      const { number } = plant({ state })
      const step = await job.fail('create-change', { 'change-number': number })
      expect(step.error.title).toBe(`Change ${number}: ${name}`)
    }
  })
})
