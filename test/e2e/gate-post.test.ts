/** The root action after the deployment: what becomes of the change by the job's result. */
import { expect } from '@jest/globals'
import { asked, onBothApis, SOON, scenario, scenarios, type World, writes } from './harness.ts'

const STANDARD = { ...SOON, environment: 'staging', 'standard-change-template': 'app-deployment-template' }

/** An open gate: the change is in Implement. */
async function opened({ job }: World, inputs = {}): Promise<string> {
  const step = await job.pass('gate', { ...STANDARD, ...inputs })
  return step.outputs['change-number'] ?? ''
}

onBothApis(api => {
  const ENDINGS = {
    'success closes': ['success', {}, { state: '3', close_code: 'successful' }],
    'failure leaves it in Review': ['failure', {}, { state: '0', close_code: 'unsuccessful' }],
    'cancellation leaves it in Review': ['cancelled', {}, { state: '0', close_code: 'unsuccessful' }],
    'on-success: review': ['success', { 'on-success': 'review' }, { state: '0', close_code: '' }],
    'on-success: none': ['success', { 'on-success': 'none' }, { state: '-1', close_code: '' }],
    'on-failure: close': ['failure', { 'on-failure': 'close' }, { state: '3', close_code: 'unsuccessful' }],
    'on-failure: none': ['failure', { 'on-failure': 'none' }, { state: '-1', close_code: '' }],
    'on-cancel: close': ['cancelled', { 'on-cancel': 'close' }, { state: '3', close_code: 'unsuccessful' }]
  } as const
  scenarios('%s', { api }, ENDINGS, async (world, [status, inputs, end]) => {
    const { sandbox, job } = world
    const number = await opened(world, inputs)
    job.status = status
    const [post] = await job.post()
    expect(post?.code).toBe(0)
    expect(post?.error.title).toBe('')
    expect(sandbox.change(number)).toMatchObject(end)
    expect(sandbox.journal(number).map(note => note.text.split('\n')[0])).toEqual([
      'Deployment to staging started.',
      `Deployment to staging ended: ${status}.`
    ])
    if (end.state !== '-1') {
      expect(sandbox.change(number)?.work_end).toMatch(/^\d{4}-/)
      expect(post?.summary).toContain(number)
    }
  })

  scenario(
    'open change tasks are closed with the change',
    {
      api,
      sandbox: { tasksOnImplement: true }
    },
    async world => {
      const { sandbox, job } = world
      const number = await opened(world)
      await job.post()
      expect(sandbox.change(number)?.state).toBe('3')
      expect(sandbox.rows('change_task').map(task => task.close_code)).toEqual(['successful', 'successful'])
    }
  )

  scenario('without lifecycle notes there is the claim alone', { api }, async world => {
    const { sandbox, job } = world
    const number = await opened(world, { 'lifecycle-notes': 'false' })
    await job.post()
    expect(sandbox.journal(number).map(note => note.text)).toEqual([
      expect.stringMatching(/^Claimed by run 1001\.\n\[gha claim/)
    ])
    expect(sandbox.change(number)?.state).toBe('3')
  })

  scenario(
    'a supplied change gets a note, and is left as it is',
    { api },
    async ({ sandbox, job, plant }) => {
      const { number } = plant({ state: '-2', approval: 'approved' })
      await job.pass('gate', { ...SOON, 'change-number': number })
      await job.post()
      expect(sandbox.change(number)?.state).toBe('-1')
      expect(sandbox.journal(number).at(-1)?.text).toMatch(/^Deployment ended: success\./)
    }
  )

  scenario('a gate that never opened changes nothing but the notes', { api }, async world => {
    const { sandbox, job } = world
    const inputs = { ...SOON, 'assignment-group': 'DevOps Team', environment: 'production', timeout: '1' }
    const step = await job.fail('gate', inputs)
    const number = step.outputs['change-number'] ?? ''
    await asked(sandbox, number)
    job.status = 'failure'
    await job.post()
    expect(sandbox.change(number)?.state).toBe('-3')
    expect(sandbox.journal(number).at(-1)?.text).toMatch(/^Deployment to production ended: failure\./)
  })

  scenario('somebody closed it meanwhile', { api }, async world => {
    const { sandbox, job } = world
    const number = await opened(world)
    sandbox.set('change_request', number, { state: '3', close_code: 'successful_issues' })
    const [post] = await job.post()
    expect(post?.error.title).toBe('')
    expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: 'successful_issues' })
  })

  scenario('an instance that is down: the job keeps its result, and is told', { api }, async world => {
    const { sandbox, job } = world
    const number = await opened(world, { 'max-retries': '0' })
    sandbox.fault({ kind: 'reset', times: Number.POSITIVE_INFINITY })
    const before = sandbox.change(number)
    const [post] = await job.post()
    expect(post?.code).toBe(0)
    expect(post?.error.message).toContain(`Left to do by hand: close ${number} as successful (job success).`)
    expect(post?.summary).toMatch(/\*\*Left to do by hand:\*\* close CHG\d+ as successful/)
    expect(sandbox.change(number)).toEqual(before)
  })

  scenario('the same, where it is to fail the job', { api }, async world => {
    const { sandbox, job } = world
    await opened(world, { 'max-retries': '0', 'fail-on-post-error': 'true' })
    sandbox.fault({ kind: 'hibernating', times: Number.POSITIVE_INFINITY })
    const [post] = await job.post()
    expect(post?.code).toBe(1)
    expect(post?.error.title).toBe('ServiceNow 200: the instance is hibernating')
  })

  scenario('a lost answer does not end it twice', { api }, async world => {
    const { sandbox, job } = world
    const number = await opened(world)
    sandbox.fault({ kind: 'reset', committed: true, method: 'PATCH', times: 1 })
    const [post] = await job.post()
    expect(post?.error.title).toBe('')
    expect(sandbox.change(number)?.state).toBe('3')
    expect(sandbox.journal(number)).toHaveLength(2)
  })
})

scenario('a gate whose inputs were wrong has nothing to finish', {}, async ({ sandbox, job }) => {
  await job.fail('gate', { ...STANDARD, timeout: 'soon' })
  job.status = 'failure'
  const [post] = await job.post()
  expect(post?.log).toContain('no change to finish')
  expect(writes(sandbox)).toEqual([])
})
