/** Instances with a life cycle of their own: states of a change model, and those from before the state model. */
import type { LifeCycle } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { DEPLOYMENT, onBothApis, SOON, scenario, writes } from './harness.ts'

/** Draft before New, Ready to deploy in place of Scheduled, and Verify between Implement and Review. */
const MODEL: LifeCycle = {
  states: [
    { value: '-6', label: 'Draft' },
    { value: '-5', label: 'New', like: 'new' },
    { value: '-4', label: 'Assess', like: 'assess' },
    { value: '-3', label: 'Authorize', like: 'authorize' },
    { value: '12', label: 'Ready to deploy', like: 'scheduled' },
    { value: '-1', label: 'Implement', like: 'implement' },
    { value: '10', label: 'Verify' },
    { value: '0', label: 'Review', like: 'review' },
    { value: '3', label: 'Closed', like: 'closed' },
    { value: '4', label: 'Canceled', like: 'canceled' }
  ],
  transitions: [
    { from: '-6', to: '-5' },
    { from: '-5', to: '-4' },
    { from: '12', to: '-1' },
    { from: '-1', to: '10' },
    { from: '10', to: '0' },
    { from: '0', to: '3' },
    { from: '-6', to: '4' }
  ]
}
const MODEL_STATES = { states: 'draft: new\nReady to deploy: scheduled\n"10": review' }

const LEGACY: LifeCycle = {
  states: [
    { value: '1', label: 'Open', like: 'authorize' },
    { value: '2', label: 'Work in Progress', like: 'implement' },
    { value: '3', label: 'Closed', like: 'closed' }
  ]
}
const LEGACY_STATES = { states: '{"1": "scheduled", "work in progress": "implement"}' }

onBothApis(api => {
  const model = { api, sandbox: { lifeCycle: MODEL, autoApproveAfterMs: 50 } }
  const legacy = { api, sandbox: { lifeCycle: LEGACY, changeModels: false, autoApproveAfterMs: 50 } }

  scenario('from a draft to Closed, by the moves of the model', model, async ({ sandbox, job }) => {
    const made = await job.pass('create-change', { ...DEPLOYMENT, ...MODEL_STATES })
    const number = made.outputs['change-number'] ?? ''
    expect(made.outputs).toMatchObject({ created: 'true', 'change-state': expect.stringMatching(/^a/) })
    const waited = await job.pass('wait-approval', { ...SOON, ...MODEL_STATES })
    expect(waited.outputs).toMatchObject({ approved: 'true', 'change-state': 'scheduled' })
    await job.pass('update-change', { ...MODEL_STATES, state: 'implement' })
    expect(sandbox.change(number)?.state).toBe('-1')
    const reviewed = await job.pass('update-change', { ...MODEL_STATES, state: '10' })
    expect(reviewed.outputs).toMatchObject({ 'change-state': 'review', transitions: 'review' })
    expect(sandbox.change(number)?.state).toBe('10')
    const closed = await job.pass('update-change', { ...MODEL_STATES, state: 'by-job-status' })
    expect(closed.outputs).toMatchObject({ 'previous-state': 'review', 'change-state': 'closed' })
    expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: 'successful' })
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  scenario('a draft is found again by a re-run', model, async ({ sandbox, job, newJob }) => {
    const held = { ...DEPLOYMENT, ...MODEL_STATES, 'request-approval': 'false' }
    const first = await job.pass('create-change', held)
    expect(sandbox.change(first.outputs['change-number'] ?? '')?.state).toBe('-6')
    const again = await newJob({ GITHUB_RUN_ATTEMPT: '2' }).pass('create-change', {
      ...DEPLOYMENT,
      ...MODEL_STATES
    })
    expect(again.outputs).toMatchObject({ created: 'false', 'change-number': first.outputs['change-number'] })
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })

  scenario(
    'without a map, a draft stays this deployment’s change',
    model,
    async ({ sandbox, job, newJob }) => {
      const first = await job.pass('create-change', DEPLOYMENT)
      expect(first.outputs).toMatchObject({ created: 'true', 'change-state': 'Draft' })
      expect(first.warnings.join()).toMatch(/is in "Draft", a state of this instance's own: .* `states`/)
      const again = await newJob({ GITHUB_RUN_ATTEMPT: '2' }).pass('create-change', DEPLOYMENT)
      expect(again.outputs.created).toBe('false')
      const waiting = { timeout: '0', 'wait-states': 'new, DRAFT' }
      expect((await job.fail('wait-approval', waiting)).outputs.outcome).toBe('timeout')
      const stopped = await job.fail('wait-approval', { timeout: '0' })
      expect(stopped.outputs).toMatchObject({ outcome: 'unexpected-state', 'change-state': 'Draft' })
      expect(stopped.error.message).toMatch(/state Draft.*`states`/is)
      expect(sandbox.rows('change_request')).toHaveLength(1)
    }
  )

  scenario('from Open to Closed, without a state model', legacy, async ({ sandbox, job }) => {
    const made = await job.pass('create-change', { ...DEPLOYMENT, ...LEGACY_STATES })
    const number = made.outputs['change-number'] ?? ''
    expect(sandbox.change(number)?.state).toBe('1')
    const waited = await job.pass('wait-approval', { ...SOON, ...LEGACY_STATES })
    expect(waited.outputs).toMatchObject({ approved: 'true', 'change-state': 'scheduled' })
    await job.pass('update-change', { ...LEGACY_STATES, state: 'Work in Progress' })
    expect(sandbox.change(number)?.state).toBe('2')
    const closed = await job.pass('update-change', { ...LEGACY_STATES, state: 'by-job-status' })
    expect(closed.outputs).toMatchObject({ 'previous-state': 'implement', transitions: 'closed' })
    expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: 'successful' })
  })

  scenario('a map that is wrong stops the step before anything is sent', legacy, async ({ sandbox, job }) => {
    for (const action of ['create-change', 'wait-approval', 'update-change', 'check-connection'] as const) {
      const step = await job.fail(action, { states: 'open: new\nOpen: review' })
      expect(step.error).toMatchObject({
        title: 'Input error',
        message: expect.stringContaining('two meanings')
      })
    }
    expect(writes(sandbox)).toEqual([])
    expect(sandbox.requests).toEqual([])
  })
})
