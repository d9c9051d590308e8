/** How the steps of a job know which change they are about. */
import { expect } from '@jest/globals'
import { approved, DEPLOYMENT, onBothApis, SOON, scenario, submit } from './harness.ts'

onBothApis(api => {
  scenario('later steps find the change of their job', { api }, async world => {
    const { sandbox, job } = world
    const number = await approved(world)
    job.file('log.txt', 'deployed\n')
    const sysId = sandbox.change(number)?.sys_id
    const steps = [
      await job.pass('wait-approval', SOON),
      await job.pass('update-change', { state: 'implement' }),
      await job.pass('attach-evidence', { files: 'log.txt' })
    ]
    for (const { outputs } of steps)
      expect(outputs).toMatchObject({ 'change-sys-id': sysId, 'change-number': number })
  })

  scenario('another job does not, and says what to do', { api }, async world => {
    const { sandbox, newJob } = world
    await submit(world)
    const before = sandbox.requests.length
    const other = newJob({ GITHUB_JOB: 'other' })
    for (const [action, inputs] of [
      ['wait-approval', {}],
      ['update-change', { state: 'implement' }],
      ['attach-evidence', { files: '*.txt' }]
    ] as const) {
      const step = await other.fail(action, inputs)
      expect(step.error.title).toBe('Input error')
      expect(step.error.message).toMatch(/`change-sys-id` or `change-number`.*create-change/)
    }
    expect(sandbox.requests).toHaveLength(before)
  })

  scenario('another job names it by number, sys_id or correlation id', { api }, async world => {
    const { sandbox, job, newJob } = world
    const number = await approved(world)
    const outputs = job.steps[0]?.outputs ?? {}
    const other = newJob({ GITHUB_JOB: 'other' })
    const named = [
      { 'change-number': number.toLowerCase() },
      { 'change-sys-id': outputs['change-sys-id']?.toUpperCase() ?? '' },
      { 'change-number': number, 'change-sys-id': outputs['change-sys-id'] ?? '' },
      { 'correlation-id': outputs['correlation-id'] ?? '' }
    ]
    for (const [n, name] of named.entries())
      await other.pass('update-change', { ...name, 'work-notes': `note ${n}` })
    const notes = sandbox.journal(number).map(note => note.text.split('\n')[0])
    expect(notes.slice(-4)).toEqual(['note 0', 'note 1', 'note 2', 'note 3'])
  })

  scenario('two changes in a job: a later step must say which', { api }, async world => {
    const { sandbox, job } = world
    const first = await submit(world)
    const second = await submit(world)
    expect(second).not.toBe(first)
    sandbox.approve(second)
    const before = sandbox.requests.length
    const step = await job.fail('wait-approval', SOON)
    expect(step.error.title).toBe('Input error')
    expect(step.error.message).toContain(`${first}, ${second}`)
    expect(sandbox.requests).toHaveLength(before)
    const named = await job.pass('wait-approval', { ...SOON, 'change-number': second })
    expect(named.outputs['change-number']).toBe(second)
  })

  scenario('the same change taken twice in a job is still one', { api }, async ({ job }) => {
    const inputs = { ...DEPLOYMENT, 'correlation-id': 'shop' }
    const first = await job.pass('create-change', inputs)
    const second = await job.pass('create-change', inputs)
    expect(second.outputs['change-number']).toBe(first.outputs['change-number'])
    await job.pass('update-change', { 'work-notes': 'Found it.' })
  })

  scenario('number and sys_id that disagree', { api }, async ({ sandbox, job, plant }) => {
    const [one, other] = [plant({ state: '-1', approval: 'approved' }), plant()]
    job.file('log.txt', 'deployed\n')
    const inputs = { 'change-sys-id': one.sysId, 'change-number': other.number }
    const steps = [
      await job.fail('create-change', inputs),
      await job.fail('wait-approval', { ...inputs, ...SOON }),
      await job.fail('update-change', { ...inputs, 'work-notes': 'x' }),
      await job.fail('attach-evidence', { ...inputs, files: 'log.txt' })
    ]
    for (const { error } of steps) {
      expect(error.title).toBe('Input error')
      expect(error.message).toContain(one.number)
      expect(error.message).toContain(other.number)
    }
    expect(sandbox.journal(one.sysId)).toEqual([])
    expect(sandbox.attachments(one.sysId)).toEqual([])
  })

  scenario(
    'a change whose approval could not be requested is known all the same',
    {
      api,
      sandbox: { extraMandatory: { assess: 'test_plan' } }
    },
    async ({ sandbox, job }) => {
      const created = await job.fail('create-change', DEPLOYMENT)
      const number = created.outputs['change-number'] ?? ''
      expect(created.error.title).toBe(`Change ${number}: mandatory fields missing`)
      expect(created.error.message).toContain('Test plan')
      // The draft of this step: none is left behind.
      expect(sandbox.change(number)?.state).toBe('4')
      job.status = 'failure'
      const closed = await job.pass('update-change', { state: 'by-job-status' })
      expect(closed.outputs).toMatchObject({ 'change-number': number, 'change-state': 'canceled' })
    }
  )

  scenario('changes that are not there', { api }, async ({ job }) => {
    const number = await job.fail('update-change', { 'change-number': 'CHG9999999', 'work-notes': 'x' })
    expect(number.error.title).toBe('ServiceNow: no such record')
    expect(number.error.message).toContain('CHG9999999')
    const sysId = await job.fail('update-change', {
      'change-sys-id': '0123456789abcdef0123456789abcdef',
      'work-notes': 'x'
    })
    expect(sysId.error.title).toBe('ServiceNow 404: not found, or not readable')
    const correlation = await job.fail('update-change', { 'correlation-id': 'nothing', 'work-notes': 'x' })
    expect(correlation.error.message).toContain('correlation id nothing')
  })
})
