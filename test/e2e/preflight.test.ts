/** What is missing is found before the change is made, or the change is not left behind. */
import { expect } from '@jest/globals'
import { DEPLOYMENT, onBothApis, scenario, writes } from './harness.ts'

const WITHOUT_GROUP = { 'short-description': 'Deploy the shop' }
const FIX = /Fix: give `assignment-group`/

onBothApis(api => {
  scenario('a change without an assignment group is not left open', { api }, async ({ sandbox, job }) => {
    const dry = await job.pass('create-change', { ...WITHOUT_GROUP, 'dry-run': 'true' })
    expect(dry.warnings).toEqual([
      expect.stringMatching(/^Not checked: No assignment group is given, .*`assignment-group`\.$/)
    ])
    const step = await job.fail('create-change', WITHOUT_GROUP)
    expect(step.error.message).toMatch(FIX)
    expect(step.outputs).toMatchObject({ created: 'true', 'change-state': 'canceled' })
    expect(sandbox.rows('change_request').map(row => row.state)).toEqual(['4'])
  })

  scenario('a text that is too long is refused with both lengths', { api }, async ({ sandbox, job }) => {
    const inputs = { ...DEPLOYMENT, 'test-plan': 'x'.repeat(4_001) }
    for (const more of [{ 'dry-run': 'true' }, {}]) {
      const step = await job.fail('create-change', { ...inputs, ...more })
      expect(step.error.message).toContain('test_plan has 4001 characters, and the instance keeps 4000')
    }
    expect(writes(sandbox)).toEqual([])
  })

  scenario('calls of one workflow do not share an approval', { api }, async ({ sandbox, job, newJob }) => {
    await job.pass('create-change', { ...DEPLOYMENT, 'short-description': 'Deploy the shop to eu' })
    const us = { ...DEPLOYMENT, 'short-description': 'Deploy the shop to us' }
    const other = await newJob().fail('create-change', us)
    expect(other.error.title).toBe('Change CHG0030001: another short description')
    expect(other.error.message).toContain('`correlation-scope`')
    const called = newJob({ GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/release.yml@refs/heads/main' })
    const inputs = { ...us, 'own-workflow-ref': 'acme/flows/.github/workflows/deploy.yml@v3' }
    const step = await called.fail('create-change', inputs)
    expect(step.error).toMatchObject({
      title: 'Input error',
      message: expect.stringContaining('`correlation-scope` is required in a called workflow')
    })
    expect(sandbox.rows('change_request')).toHaveLength(1)
    await called.pass('create-change', { ...inputs, 'correlation-scope': 'us' })
    expect(sandbox.rows('change_request')).toHaveLength(2)
  })

  scenario('outside of GitHub Actions the identity is given', { api }, async ({ newJob, sandbox }) => {
    const job = newJob({ GITHUB_RUN_ID: '', GITHUB_JOB: '' })
    const step = await job.fail('create-change', DEPLOYMENT)
    expect(step.error.message).toMatch(/GITHUB_JOB, GITHUB_RUN_ID are not set, .*give `correlation-id`/)
    await job.pass('create-change', { ...DEPLOYMENT, 'correlation-id': 'shop-42' })
    expect(sandbox.rows('change_request')).toHaveLength(1)
  })
})

scenario('an instance that can tell is asked before a change is made', {}, async ({ sandbox, job }) => {
  sandbox.insert('change_request', { short_description: 'A draft of somebody', assignment_group: '' })
  for (const more of [{ 'dry-run': 'true' }, {}]) {
    const step = await job.fail('create-change', { ...WITHOUT_GROUP, ...more })
    expect(step.error).toMatchObject({
      title: 'Change: mandatory fields missing',
      message: expect.stringMatching(FIX)
    })
  }
  expect(sandbox.rows('change_request')).toHaveLength(1)
  expect(writes(sandbox)).toEqual([])
})
