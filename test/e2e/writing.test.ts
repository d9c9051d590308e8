/** update-change writes notes, fields and holds, and closes by the job's result. */
import { expect } from '@jest/globals'
import { approved, onBothApis, scenario, scenarios, writes } from './harness.ts'

const SCHEDULED = { state: '-2', approval: 'approved' }
const IMPLEMENT = { state: '-1', approval: 'approved' }
const REVIEW = { state: '0', approval: 'approved' }

onBothApis(api => {
  scenario('put on hold and taken off', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(SCHEDULED)
    const hold = { 'change-number': number, 'on-hold': 'true', 'on-hold-reason': 'Waiting for the vendor' }
    expect((await job.pass('update-change', hold)).outputs.changed).toBe('true')
    expect(sandbox.change(number)).toMatchObject({
      on_hold: 'true',
      on_hold_reason: 'Waiting for the vendor'
    })
    expect((await job.pass('update-change', hold)).outputs.changed).toBe('false')
    const release = { 'change-number': number, 'on-hold': 'false' }
    expect((await job.pass('update-change', release)).outputs.changed).toBe('true')
    expect(sandbox.change(number)?.on_hold).toBe('false')
    expect((await job.pass('update-change', release)).outputs.changed).toBe('false')
    expect(writes(sandbox)).toHaveLength(2)
  })

  scenario('a note is written once, however often the step runs', { api }, async world => {
    const { sandbox, newJob, plant } = world
    const { number } = plant(SCHEDULED)
    const inputs = {
      'change-number': number,
      state: 'closed',
      'close-code': 'successful',
      'work-notes': 'Deployed by the pipeline.\nAll well.',
      comments: 'The shop is back.'
    }
    await newJob({ GITHUB_RUN_ATTEMPT: '1' }).pass('update-change', inputs)
    const again = await newJob({ GITHUB_RUN_ATTEMPT: '2' }).pass('update-change', inputs)
    expect(again.outputs.changed).toBe('false')
    expect(sandbox.journal(number).map(note => note.text)).toEqual([
      expect.stringMatching(
        /^Deployed by the pipeline\.\nAll well\.\nDeployment ended: successful\.\n[\s\S]*\n\[gha [0-9a-f]{12}\]$/
      ),
      expect.stringMatching(/^Claimed by run 1001\./)
    ])
    expect(sandbox.journal(number, 'comments').map(note => note.text)).toEqual([
      expect.stringMatching(/^The shop is back\.\n/)
    ])
  })

  scenario('two steps that say the same say it twice', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(IMPLEMENT)
    const inputs = { 'change-number': number, 'work-notes': 'Still deploying.' }
    await job.pass('update-change', inputs)
    await job.pass('update-change', inputs)
    expect(sandbox.journal(number)).toHaveLength(2)
  })

  scenario('a note on a closed change is not lost in silence', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant({ state: '3', close_code: 'successful', close_notes: 'Done' })
    const step = await job.fail('update-change', { 'change-number': number, 'work-notes': 'One more thing' })
    expect(step.error.title).toBe(`Change ${number}: work note not stored`)
    expect(sandbox.journal(number)).toEqual([])
  })

  scenario('fields the instance does not know are named', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(IMPLEMENT)
    const fields = 'u_pipeline: github\nu_risk_score: 3\njustification: New prices'
    const step = await job.pass('update-change', { 'change-number': number, fields })
    expect(step.warnings).toHaveLength(2)
    expect(step.warnings.join('\n')).toMatch(/u_pipeline.*does not know it[\s\S]*u_risk_score/)
    expect(sandbox.change(number)?.justification).toBe('New prices')
    const created = await job.pass('create-change', {
      'short-description': 'Deploy the shop',
      'assignment-group': 'DevOps Team',
      fields: 'u_pipeline: github'
    })
    expect(created.warnings).toEqual([expect.stringContaining('u_pipeline')])
  })

  scenario(
    'a rule that empties a field: a warning',
    {
      api,
      sandbox: { blankFields: ['justification'] }
    },
    async ({ job, plant }) => {
      const { number } = plant(IMPLEMENT)
      const step = await job.pass('update-change', { 'change-number': number, fields: 'justification: x' })
      expect(step.warnings).toEqual([expect.stringContaining('justification was sent as "x"')])
    }
  )

  scenario(
    'a rule that empties the group: an error',
    {
      api,
      sandbox: { blankFields: ['assignment_group'] }
    },
    async ({ sandbox, job }) => {
      const step = await job.fail('create-change', {
        'short-description': 'Deploy the shop',
        'assignment-group': 'DevOps Team'
      })
      const [change] = sandbox.rows('change_request')
      expect(step.error.title).toBe(`Change ${change?.number}: field values not applied`)
      expect(step.error.message).toContain('assignment_group')
      // No approval is requested for a change that lost its group.
      expect(change?.state).toBe('-5')
      expect(step.outputs['change-number']).toBe(change?.number)
    }
  )

  scenario('a field can be emptied', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant({ justification: 'Old' })
    const step = await job.pass('update-change', { 'change-number': number, fields: 'justification: ""' })
    expect(step.warnings).toEqual([])
    expect(sandbox.change(number)?.justification).toBe('')
  })

  const CODES = {
    'Successful with issues': 'successful_issues',
    SUCCESSFUL_ISSUES: 'successful_issues',
    Unsuccessful: 'unsuccessful'
  }
  scenarios(
    'close-code: %s',
    { api },
    Object.fromEntries(Object.entries(CODES).map(one => [one[0], one])),
    async ({ sandbox, job, plant }, [code, value]) => {
      const { number } = plant(REVIEW)
      await job.pass('update-change', { 'change-number': number, state: 'closed', 'close-code': code })
      expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: value })
    }
  )

  scenario('a close code nobody has', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(IMPLEMENT)
    const inputs = { 'change-number': number, state: 'closed', 'close-code': 'fine' }
    const step = await job.fail('update-change', inputs)
    expect(step.error.message).toContain('Successful with issues')
    expect(sandbox.change(number)?.state).toBe('-1')
    const own = { name: 'change_request', element: 'close_code', value: 'u_partial', label: 'Partial' }
    sandbox.insert('sys_choice', { ...own, language: 'en', inactive: 'false' })
    await job.pass('update-change', { ...inputs, 'close-code': 'partial' })
    expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: 'u_partial' })
  })

  const RESULTS = {
    'success before Implement, not approved': [{ state: '-2', approval: 'requested' }, 'success', 'error'],
    'success before Implement, approved': [SCHEDULED, 'success', 'successful'],
    'failure before Implement, approved': [SCHEDULED, 'failure', 'unsuccessful'],
    'cancelled before Implement, approved': [SCHEDULED, 'cancelled', 'unsuccessful'],
    'failure while approval is requested': [{ state: '-3', approval: 'requested' }, 'failure', 'canceled'],
    'success in Implement': [IMPLEMENT, 'success', 'successful'],
    'failure in Implement': [IMPLEMENT, 'failure', 'unsuccessful'],
    'cancelled in Implement': [IMPLEMENT, 'cancelled', 'unsuccessful'],
    'skipped in Implement': [IMPLEMENT, 'skipped', 'unsuccessful'],
    'success in Review': [REVIEW, 'success', 'successful'],
    'failure in Review': [REVIEW, 'failure', 'unsuccessful']
  } as const
  scenarios('by job status: %s', { api }, RESULTS, async ({ sandbox, job, plant }, [fields, status, end]) => {
    const { number } = plant(fields)
    const inputs = { 'change-number': number, state: 'by-job-status', 'job-status': status }
    const step = await job.run('update-change', inputs)
    if (end === 'error') {
      expect(step.error.title).toBe(`Change ${number}: not closed`)
      expect(sandbox.change(number)?.state).toBe('-2')
      expect(writes(sandbox)).toEqual([])
    } else if (end === 'canceled') {
      expect(sandbox.change(number)).toMatchObject({ state: '4', close_code: '' })
      expect(sandbox.journal(number)).toEqual([
        expect.objectContaining({
          text: expect.stringMatching(/^Canceled: .*\/runs\/1001: (?:failure|cancelled)/)
        })
      ])
    } else {
      expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: end })
      expect(sandbox.change(number)?.close_notes).toMatch(/\/runs\/1001: (?:success|failure|cancelled)$/)
    }
    expect(step.code).toBe(end === 'error' ? 1 : 0)
  })

  const needs = (...results: string[]) =>
    JSON.stringify(Object.fromEntries(results.map((result, n) => [`job${n}`, { result, outputs: {} }])))
  const NEEDS = {
    'all succeeded': [needs('success', 'success'), 'successful'],
    'one was skipped': [needs('success', 'skipped'), 'unsuccessful'],
    'one failed': [needs('cancelled', 'failure', 'success'), 'unsuccessful']
  } as const
  scenarios('by the results of jobs: %s', { api }, NEEDS, async ({ sandbox, job, plant }, [status, code]) => {
    const { number } = plant(IMPLEMENT)
    await job.pass('update-change', {
      'change-number': number,
      state: 'by-job-status',
      'job-status': status
    })
    expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: code })
  })

  scenario("this job's own status counts for its own change alone", { api }, async world => {
    const { sandbox, job, newJob, plant } = world
    const own = await approved(world)
    await job.pass('update-change', { state: 'implement' })
    const other = plant(IMPLEMENT)
    const refused = await job.fail('update-change', {
      'change-number': other.number,
      state: 'by-job-status'
    })
    expect(refused.error.title).toBe('Input error')
    expect(refused.error.message).toContain('`job-status`')
    expect(sandbox.change(other.number)?.state).toBe('-1')
    const closing = newJob({ GITHUB_JOB: 'close' })
    await closing.fail('update-change', { 'change-number': own, state: 'by-job-status' })
    expect(sandbox.change(own)?.state).toBe('-1')
    job.status = 'cancelled'
    await job.pass('update-change', { 'change-number': own, state: 'by-job-status' })
    expect(sandbox.change(own)).toMatchObject({ state: '3', close_code: 'unsuccessful' })
  })

  scenario('closing twice by the same result is no error', { api }, async ({ sandbox, job, plant }) => {
    const { number } = plant(IMPLEMENT)
    const inputs = { 'change-number': number, state: 'by-job-status', 'job-status': 'success' }
    await job.pass('update-change', inputs)
    const again = await job.pass('update-change', inputs)
    expect(again.outputs).toMatchObject({ changed: 'false', 'change-state': 'closed' })
    expect(sandbox.change(number)?.close_code).toBe('successful')
  })
})
