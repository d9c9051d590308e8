/**
 * Every action once, with everything that the bundles load on demand: the policy, YAML, the texts of errors, uploads.
 * It is what runs on Node 20 too, where a runtime of another age could lack something.
 */
import { expect } from '@jest/globals'
import { gateScenario } from './gate/gate-harness.ts'
import { DEPLOYMENT, onBothApis, SOON, scenario, submit } from './harness.ts'

const POLICY = `defaults: { assignment-group: DevOps Team, timeout: 40, poll-interval: 1 }
environments:
  production: { cmdb-ci: prod-k8s-cluster, attachments: [{ name: plan.md, file: plan.md }] }
`

onBothApis(api => {
  scenario('each action, from the creation to the close', { api }, async world => {
    const { sandbox, job } = world
    const checked = await job.pass('check-connection', { 'assignment-group': 'DevOps Team' })
    expect(checked.outputs.ok).toBe('true')
    job.file('plan.md', '# Plan\n')
    const number = await submit(world, { attachments: '- name: plan.md\n  file: plan.md\n', risk: 'low' })
    const waiting = job.start('wait-approval', SOON)
    await waiting.prints(/waiting for approval/)
    sandbox.approve(number)
    expect((await waiting.done).outputs).toMatchObject({ approved: 'true', outcome: 'approved' })
    await job.pass('update-change', { state: 'implement' })
    job.file('junit.xml', '<testsuite name="shop"><testcase name="buys"/></testsuite>\n')
    expect((await job.pass('attach-evidence', { files: '*.xml' })).outputs['attached-count']).toBe('1')
    await job.pass('update-change', { state: 'by-job-status', 'change-tasks': 'close' })
    expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: 'successful' })
    expect(sandbox.attachments(number).map(one => one.name)).toEqual(['plan.md', 'junit.xml'])
  })

  gateScenario(
    'the root action with a policy, and its post step',
    { api, sandbox: { autoApproveAfterMs: 30 } },
    async ({ sandbox, gate }) => {
      const job = gate()
      job.policy(POLICY)
      job.file('plan.md', '# Plan\n')
      const main = await job.pass({ environment: 'production' })
      expect(main.outputs).toMatchObject({
        approved: 'true',
        outcome: 'approved',
        'change-state': 'implement'
      })
      await job.post(main, 'success')
      expect(sandbox.change(main.outputs['change-number'] ?? '')).toMatchObject({
        state: '3',
        close_code: 'successful'
      })
    }
  )
})

scenario('a wrong input, and an instance that refuses', {}, async ({ sandbox, job }) => {
  const wrong = await job.fail('create-change', { ...DEPLOYMENT, type: 'normal-ish' })
  expect(wrong.error.message).toContain('`type`')
  expect(sandbox.requests).toEqual([])
  const refused = await job.fail('create-change', {
    ...DEPLOYMENT,
    'client-id': 'github-actions',
    'client-secret': 'wrong-on-purpose'
  })
  expect(refused.error.message).toContain('Fix: ')
})

scenario('a canceled wait', {}, async world => {
  await submit(world)
  const waiting = world.job.start('wait-approval', { timeout: '1h' })
  await waiting.prints(/waiting for approval/)
  waiting.kill('SIGTERM')
  const step = await waiting.done
  expect(step.code).toBe(130)
  expect(step.outputs).toMatchObject({ approved: 'false', outcome: 'interrupted' })
})
