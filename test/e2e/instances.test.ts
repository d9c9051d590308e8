/** Instances differ in how they are set up; a deployment must go through on each of them. */

import type { SandboxOptions } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { DEPLOYMENT, onBothApis, SOON, scenario } from './harness.ts'

const SETUPS: Readonly<Record<string, SandboxOptions>> = {
  'without change models': { changeModels: false },
  'with single results in a list': { singleResultsAsArray: true },
  'with templates that take any field': { templateTakesAnyField: true },
  'that lands beyond Assess': { landBeyond: true },
  'that moves to Scheduled a little later': { approvedMoveDelayMs: 300 },
  'that requests approval a little later': { approvalDelayMs: 600 },
  'that finds nothing for wrong queries': { invalidQueryReturnsNoRows: true },
  'that drops unknown choices': { dropUnknownChoices: true },
  'with tokens that live for a second': { tokenLifetimeSeconds: 1 },
  'far away': { latencyMs: 60 },
  'with few threads': { semaphore: { threads: 1, queue: 1 }, latencyMs: 20 },
  'whose clock is a day ahead': { now: () => Date.now() + 86_400_000 },
  'whose clock is an hour behind': { now: () => Date.now() - 3_600_000 }
}

onBothApis(api => {
  for (const [name, sandbox] of Object.entries(SETUPS)) {
    scenario(`a normal and a standard change on an instance ${name}`, { api, sandbox }, async world => {
      const { job, newJob } = world
      job.file('report.xml', '<testsuite/>\n')
      const normal = await job.pass('create-change', {
        ...DEPLOYMENT,
        'cmdb-ci': 'prod-k8s-cluster',
        risk: 'low',
        attachments: '- report.xml'
      })
      const number = normal.outputs['change-number'] ?? ''
      const waiting = job.start('wait-approval', SOON)
      await world.sandbox.waitFor(() => world.sandbox.approvers(number).length > 0, 10_000)
      world.sandbox.approve(number)
      expect((await waiting.done).outputs.outcome).toBe('approved')

      const quick = newJob({ GITHUB_JOB: 'quick' })
      const standard = await quick.pass('create-change', {
        'short-description': 'Deploy the shop',
        'standard-change-template': 'app-deployment-template',
        'cmdb-ci': 'prod-k8s-cluster'
      })
      for (const [one, step] of [
        [job, normal],
        [quick, standard]
      ] as const) {
        await one.pass('update-change', { state: 'implement', 'work-notes': 'Started.' })
        await one.pass('attach-evidence', { files: 'report.xml' })
        await one.pass('update-change', { state: 'by-job-status' })
        const change = world.sandbox.change(step.outputs['change-number'] ?? '')
        expect(change).toMatchObject({ state: '3', close_code: 'successful', approval: 'approved' })
        expect(world.sandbox.attachments(change?.sys_id ?? '')).toHaveLength(1)
      }
    })
  }

  scenario(
    'two stages of approval',
    { api, sandbox: { approvalPolicy: 'technical-and-cab' } },
    async world => {
      const { sandbox, job } = world
      const created = await job.pass('create-change', DEPLOYMENT)
      const number = created.outputs['change-number'] ?? ''
      const waiting = job.start('wait-approval', SOON)
      const stage = (who: string) =>
        sandbox.waitFor(() =>
          sandbox.approvers(number).some(row => row.approver_name === who && row.state === 'requested')
        )
      await stage('dora.devops')
      await waiting.prints(/Yet to approve: Dora Devops \(DevOps Team\)/)
      sandbox.approve(number, 'dora.devops')
      await stage('anna.approver')
      await waiting.prints(/Yet to approve: Anna Approver \(CAB Approval\)/)
      sandbox.approve(number)
      const { outputs } = await waiting.done
      expect(outputs.outcome).toBe('approved')
      // By the second of their rows, then by name.
      expect(outputs['approved-by']?.split('; ').sort()).toEqual(['Anna Approver', 'Dora Devops'])
    }
  )

  scenario('nobody needs to approve', { api, sandbox: { approvalPolicy: 'none' } }, async ({ job }) => {
    await job.pass('create-change', DEPLOYMENT)
    const step = await job.pass('wait-approval', SOON)
    expect(step.outputs).toMatchObject({ outcome: 'approved', 'approved-by': '', approvals: '[]' })
  })

  scenario(
    'a priority that the instance computes',
    { api, sandbox: { computedPriority: true } },
    async world => {
      const { sandbox, job } = world
      const step = await job.pass('create-change', { ...DEPLOYMENT, priority: '1 - Critical' })
      expect(step.warnings).toEqual([expect.stringMatching(/priority was sent as "1" and reads "4"/)])
      expect(sandbox.change(step.outputs['change-number'] ?? '')?.state).not.toBe('-5')
    }
  )
})
