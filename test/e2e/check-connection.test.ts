/** The connection check: what it finds, what it says to do, and that it writes nothing. */
import { expect } from '@jest/globals'
import { startGithub } from '../github/github.ts'
import { onBothApis, scenario, scenarios, writes } from './harness.ts'
import type { Step } from './job.ts'

const BARE = { SERVICENOW_CLIENT_ID: '' }
const NAMES = {
  'assignment-group': 'DevOps Team',
  'cmdb-ci': 'prod-k8s-cluster',
  'standard-change-template': 'app-deployment-template'
}

const report = (step: Step) =>
  JSON.parse(step.outputs.report ?? '') as { check: string; result: string; detail: string; fix: string }[]

const results = (step: Step, result: string) => report(step).filter(one => one.result === result)

onBothApis(api => {
  scenario('everything is there', { api }, async ({ sandbox, job }) => {
    const step = await job.pass('check-connection', NAMES)
    expect(step.outputs.ok).toBe('true')
    expect(results(step, 'fail')).toEqual([])
    for (const { check, detail } of report(step)) {
      expect(detail).not.toBe('')
      expect(step.log).toContain(check)
      expect(step.summary).toContain(check)
    }
    expect(writes(sandbox)).toEqual([])
  })

  const FAILURES = {
    'wrong credentials': { username: 'gha.deployer', password: 'not-the-password' },
    'an account without roles': { username: 'no.roles', password: 'no-roles-password' },
    'a group that is not there': { 'api-key': 'sandbox-api-key', 'assignment-group': 'DevOps Taem' }
  }
  scenarios(
    '%s: fails, with a fix in each failing row',
    { api, env: BARE },
    FAILURES,
    async (world, inputs) => {
      // An empty list cannot be told from a hidden one: there must be a change.
      world.plant()
      const step = await world.job.fail('check-connection', inputs)
      expect(step.outputs.ok).toBe('false')
      const failing = results(step, 'fail')
      expect(failing.length).toBeGreaterThan(0)
      for (const { check, fix } of failing) {
        expect(fix).not.toBe('')
        expect(step.error.message).toContain(check)
      }
      // It is about no change, and says nothing of one.
      expect(step.error.message).not.toMatch(/^Current status: /m)
      expect(writes(world.sandbox)).toEqual([])
    }
  )

  scenario('an account with too much power is pointed out', { api, env: BARE }, async ({ job }) => {
    const admin = { username: 'admin', password: 'admin-password' }
    const step = await job.pass('check-connection', admin)
    expect(
      results(step, 'warn')
        .map(one => one.detail)
        .join(' ')
    ).toContain('admin')
    // Nobody reads the table of a step that passed.
    expect(step.warnings).toEqual([expect.stringContaining('admin')])
  })

  scenario(
    'a clock that is far off is pointed out',
    {
      api,
      sandbox: { now: () => Date.now() + 3_600_000 }
    },
    async ({ job }) => {
      const step = await job.pass('check-connection', { 'binding-key': 'key-of-the-organisation' })
      expect(results(step, 'warn')).toEqual([
        expect.objectContaining({ check: expect.stringMatching(/clock/i) })
      ])
    }
  )

  scenario('nobody listens', { api }, async ({ sandbox, job }) => {
    await sandbox.stop()
    const step = await job.fail('check-connection', { 'max-retries': '0' })
    expect(step.outputs.ok).toBe('false')
    expect(step.error.message).toContain('connection refused')
  })
})

scenario('the API is missing', { sandbox: { changeManagementApi: false } }, async ({ job }) => {
  const step = await job.fail('check-connection')
  expect(
    results(step, 'fail')
      .map(one => one.fix)
      .join(' ')
  ).toContain('api: table')
})

scenario('the GitHub side of resume-deployments is told with the rest', {}, async world => {
  const github = await startGithub()
  try {
    const job = world.newJob({ GITHUB_API_URL: github.url })
    const step = await job.fail('check-connection', {
      latch: 'protection-rule',
      'github-token': 'ghs_that-has-ended'
    })
    expect(step.error.title).toContain('GitHub token')
    expect(results(step, 'fail').map(({ check }) => check)).toEqual(['GitHub token'])
    expect(report(step).find(({ check }) => check === 'Sign-in')?.result).toBe('ok')
    expect(step.summary).not.toContain('ghs_that-has-ended')
    expect(github.requests.map(({ operationId, status }) => [operationId, status])).toEqual([
      ['graphql', 401]
    ])
  } finally {
    await github.stop()
  }
})
