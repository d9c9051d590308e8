/** update-change walks a change through its states. */
import { expect } from '@jest/globals'
import { byHand, onBothApis, scenario, scenarios, writes } from './harness.ts'

const SCHEDULED = { state: '-2', approval: 'approved' }
const IMPLEMENT = { state: '-1', approval: 'approved' }
const CLOSED = { state: 'closed', 'close-code': 'successful' }
/** How each API refuses a move whose conditions are not met. */
const REFUSED = {
  'change-management': {
    title: 'ServiceNow 400: a business rule refused',
    said: 'conditions not met: "Not On hold"'
  },
  table: {
    title: 'ServiceNow 403: a business rule refused',
    said: 'Change Model: Check State Transition'
  }
}

onBothApis(api => {
  scenario('from Scheduled to Closed in one step', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(SCHEDULED)
    const step = await job.pass('update-change', {
      'change-number': number,
      ...CLOSED,
      'work-notes': 'Deployed by the pipeline.'
    })
    expect(step.outputs).toMatchObject({
      'previous-state': 'scheduled',
      'change-state': 'closed',
      transitions: 'implement,review,closed',
      changed: 'true'
    })
    expect(sandbox.change(number)).toMatchObject({
      state: '3',
      close_code: 'successful',
      close_notes: expect.stringMatching(
        /^change-actions\/servicenow at 65dbbeda5ade, https:\/\/github\.com\/.*\/runs\/1001: successful$/
      )
    })
    expect(sandbox.journal(number)).toHaveLength(1)
  })

  const MISSING = {
    'by correlation id': { 'correlation-id': 'deploy-1-42' },
    'by number': { 'change-number': 'CHG0099999' },
    'by sys_id': { 'change-sys-id': '0123456789abcdef0123456789abcdef' }
  }
  scenarios('a change that is not there: %s', { api }, MISSING, async ({ sandbox, job }, name) => {
    const inputs = { ...name, ...CLOSED }
    expect((await job.fail('update-change', inputs)).error.title).toMatch(/not found|no such record/)
    const step = await job.pass('update-change', { ...inputs, 'if-not-found': 'ignore' })
    expect(step.outputs).toMatchObject({ changed: 'false', transitions: '', 'change-number': '' })
    expect(JSON.parse(step.outputs.metrics ?? '')).toMatchObject({ result: 'not-found' })
    expect(step.annotations.filter(one => one.kind !== 'debug')).toEqual([
      expect.objectContaining({ kind: 'notice', message: expect.stringContaining('nothing was done') })
    ])
    expect(writes(sandbox)).toEqual([])
  })

  scenario('if-not-found: ignore forgives nothing else', { api }, async ({ sandbox, job }) => {
    sandbox.fault({ kind: 'acl', method: 'GET', times: 100 })
    const step = await job.fail('update-change', {
      'correlation-id': 'deploy-1-42',
      'if-not-found': 'ignore',
      ...CLOSED
    })
    expect(step.error.title).toMatch(/^ServiceNow 403/)
  })

  scenario(
    'if-not-found: ignore does not forgive the 404 of a gateway',
    { api },
    async ({ sandbox, job }) => {
      sandbox.fault({ kind: 'unavailable', status: 404, method: 'GET', times: 100 })
      const step = await job.fail('update-change', {
        'correlation-id': 'deploy-1-42',
        'if-not-found': 'ignore',
        ...CLOSED
      })
      expect(step.error.title).toBe('ServiceNow 404: a response that is not from ServiceNow')
    }
  )

  const SPELLINGS = { IMPLEMENT: '-1', '-1': '-1', Review: '0', '0': '0', cancelled: '4', '4': '4' }
  scenarios(
    'state: %s',
    { api },
    Object.fromEntries(Object.entries(SPELLINGS).map(one => [one[0], one])),
    async ({ sandbox, job, plant }, [state, value]) => {
      const { number } = plant(SCHEDULED)
      await job.pass('update-change', { 'change-number': number, state })
      expect(sandbox.change(number)?.state).toBe(value)
    }
  )

  const UNAPPROVED = {
    New: { state: '-5' },
    Assess: { state: '-4', approval: 'requested' },
    Authorize: { state: '-3', approval: 'requested' },
    'Scheduled without an approval': { state: '-2' }
  }
  scenarios('nothing is moved past a missing approval: %s', { api }, UNAPPROVED, async (world, fields) => {
    const { sandbox, job, plant } = world
    const { number } = plant(fields)
    const before = sandbox.change(number)
    const notes = { 'work-notes': 'Deployed.', fields: 'u_x: 1\njustification: y' }
    for (const target of [{ state: 'implement' }, CLOSED]) {
      const step = await job.fail('update-change', { 'change-number': number, ...target, ...notes })
      expect(step.error.title).toBe(`Change ${number}: not approved`)
      expect(step.outputs).toMatchObject({ changed: 'false', transitions: '' })
    }
    expect(sandbox.change(number)).toEqual(before)
    expect(writes(sandbox)).toEqual([])
  })

  scenario('states that approval alone leads to are not ours', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant({ state: '-4', approval: 'requested' })
    for (const state of ['authorize', 'scheduled'])
      await job.fail('update-change', { 'change-number': number, state })
    const back = plant(IMPLEMENT)
    const step = await job.fail('update-change', { 'change-number': back.number, state: 'new' })
    expect(step.error.message).toContain('not moved back')
    expect(writes(sandbox)).toEqual([])
  })

  scenario('already there: nothing is written', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(IMPLEMENT)
    const inputs = { 'change-number': number, state: 'implement' }
    // A person moved it: the first time it is claimed.
    await job.pass('update-change', inputs)
    const before = writes(sandbox).length
    const step = await job.pass('update-change', inputs)
    expect(step.outputs).toMatchObject({ changed: 'false', transitions: '', 'previous-state': 'implement' })
    const closed = plant({ state: '3', approval: 'approved', close_code: 'successful', close_notes: 'Done' })
    const again = await job.pass('update-change', { 'change-number': closed.number, ...CLOSED })
    expect(again.outputs).toMatchObject({ changed: 'false', 'change-state': 'closed' })
    expect(writes(sandbox)).toHaveLength(before)
  })

  scenario('already beyond: a warning', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant({ state: '0', approval: 'approved' })
    const step = await job.pass('update-change', { 'change-number': number, state: 'implement' })
    expect(step.warnings).toEqual([expect.stringContaining('beyond Implement')])
    expect(step.outputs).toMatchObject({ changed: 'false', 'change-state': 'review' })
    expect(writes(sandbox)).toEqual([])
  })

  scenario('over is over', { api }, async ({ job, plant }) => {
    const { number } = plant({ state: '4' })
    const step = await job.fail('update-change', { 'change-number': number, ...CLOSED })
    expect(step.error.message).toContain('is Canceled and cannot be moved to Closed')
    const review = plant({ state: '0', approval: 'approved' })
    const late = await job.fail('update-change', { 'change-number': review.number, state: 'canceled' })
    expect(late.error.message).toContain('cannot be canceled')
  })

  scenario(
    'the instance reports success, but the change does not move',
    { api },
    async ({ sandbox, job, plant }) => {
      sandbox.fault({ kind: 'silent-no-op', method: 'PATCH', times: Number.POSITIVE_INFINITY })
      const { number } = plant(SCHEDULED)
      const step = await job.fail('update-change', { 'change-number': number, state: 'implement' })
      expect(step.error.title).toBe(`Change ${number}: did not leave Scheduled`)
      expect(step.error.message).toContain('reported success')
      expect(step.error.message).toContain(`${number} did not move to Implement: it is still in Scheduled`)
      expect(step.outputs).toMatchObject({ transitions: '', 'change-state': 'scheduled' })
    }
  )

  scenario('a change on hold does not move, and why', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(SCHEDULED)
    await byHand(sandbox, number, { on_hold: 'true', on_hold_reason: 'Waiting for the vendor' })
    const step = await job.fail('update-change', { 'change-number': number, state: 'implement' })
    expect(step.error.title).toBe(REFUSED[api].title)
    expect(step.error.message).toContain(REFUSED[api].said)
    if (api === 'change-management')
      expect(step.error.message).toContain('Conditions not met for Implement: Not On hold.')
    expect(sandbox.change(number)?.state).toBe('-2')
    await job.pass('update-change', { 'change-number': number, state: 'implement', 'on-hold': 'false' })
    expect(sandbox.change(number)).toMatchObject({ state: '-1', on_hold: 'false' })
  })

  const withTasks = { api, sandbox: { tasksOnImplement: true } }
  const openTasks = (rows: readonly { readonly [name: string]: string }[]) =>
    rows.filter(row => row.state === '1').length

  scenario('open change tasks are left: the instance refuses', withTasks, async world => {
    const { sandbox, job, plant } = world
    const { number } = plant(SCHEDULED)
    const step = await job.fail('update-change', { 'change-number': number, ...CLOSED })
    expect(step.error.title).toBe(REFUSED[api].title)
    if (api === 'change-management') expect(step.error.message).toContain('No active Change Tasks')
    // What was done before the refusal is told.
    expect(step.outputs).toMatchObject({
      'previous-state': 'scheduled',
      'change-state': 'implement',
      transitions: 'implement',
      changed: 'true'
    })
    expect(openTasks(sandbox.rows('change_task'))).toBe(2)
  })

  scenario('open change tasks are closed with the result', withTasks, async ({ sandbox, job, plant }) => {
    const { number } = plant(SCHEDULED)
    const inputs = { 'change-number': number, ...CLOSED, 'change-tasks': 'close' }
    const step = await job.pass('update-change', inputs)
    expect(step.outputs.transitions).toBe('implement,review,closed')
    expect(sandbox.rows('change_task').map(task => [task.state, task.close_code])).toEqual([
      ['3', 'successful'],
      ['3', 'successful']
    ])
  })

  scenario('open change tasks fail the step when told so', withTasks, async ({ sandbox, job, plant }) => {
    const { number } = plant(SCHEDULED)
    await job.pass('update-change', { 'change-number': number, state: 'implement' })
    const inputs = { 'change-number': number, ...CLOSED, 'change-tasks': 'fail' }
    const step = await job.fail('update-change', inputs)
    expect(step.error.title).toBe(`Change ${number}: open change tasks`)
    for (const task of sandbox.rows('change_task')) expect(step.error.message).toContain(task.number)
    expect(sandbox.change(number)?.state).toBe('-1')
    expect(openTasks(sandbox.rows('change_task'))).toBe(2)
  })

  scenario(
    'closing the last task moves the change by itself',
    {
      api,
      sandbox: { tasksOnImplement: true, autoCloseStates: true }
    },
    async ({ sandbox, job, plant }) => {
      const { number } = plant(SCHEDULED)
      const inputs = { 'change-number': number, ...CLOSED, 'change-tasks': 'close' }
      const step = await job.pass('update-change', inputs)
      expect(step.outputs.transitions).toBe('implement,review,closed')
      expect(sandbox.change(number)?.state).toBe('3')
    }
  )

  scenario(
    'the first move may land beyond Assess',
    { api, sandbox: { landBeyond: true } },
    async ({ job }) => {
      const step = await job.pass('create-change', {
        'short-description': 'Deploy the shop',
        'assignment-group': 'DevOps Team'
      })
      expect(step.outputs['change-state']).toBe('authorize')
    }
  )

  scenario(
    'a mandatory field: the data policy is quoted, the field helps',
    {
      api,
      sandbox: { extraMandatory: { review: ['test_plan', 'justification'] } }
    },
    async ({ sandbox, job, plant }) => {
      const { number } = plant(IMPLEMENT)
      const named = { 'change-number': number }
      const step = await job.fail('update-change', { ...named, state: 'review' })
      expect(step.error.title).toBe('ServiceNow 403: mandatory fields missing')
      expect(step.error.message).toContain('The following fields are mandatory: Test plan, Justification')
      const fields = 'test_plan: Smoke tests\njustification: New prices'
      await job.pass('update-change', { ...named, state: 'review', fields })
      expect(sandbox.change(number)).toMatchObject({ state: '0', test_plan: 'Smoke tests' })
    }
  )

  scenario(
    'a lax instance that would skip approval is not used for it',
    { api, sandbox: { laxStates: true } },
    async world => {
      const { sandbox, job, plant } = world
      const { number } = plant({ state: '-4', approval: 'requested' })
      await job.fail('update-change', { 'change-number': number, state: 'implement' })
      await job.fail('update-change', { 'change-number': number, state: 'scheduled' })
      expect(sandbox.change(number)?.state).toBe('-4')
    }
  )
})
