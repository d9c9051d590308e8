/** The audit of deployments by its bundle: against a GitHub and an instance, as an account that only reads. */
import { readFileSync } from 'node:fs'
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { expect } from '@jest/globals'
import { startGithub } from '../github/github.ts'
import { scenario, writes } from './harness.ts'

const REPOSITORY = 'change-actions/servicenow'
const DEPLOY = 'name: Deploy\non: [push]\njobs:\n  deploy: { environment: production }\n'
const READER = { SERVICENOW_USERNAME: 'gha.reader', SERVICENOW_PASSWORD: 'reader-password' }

scenario('the audit reports, and fails on the findings that it lists', { env: READER }, async world => {
  const { sandbox, newJob, plant } = world
  const github = await startGithub({ rateLimits: false })
  const repository = github.repository(REPOSITORY, { files: { '.github/workflows/deploy.yml': DEPLOY } })
  const permissions = { actions: 'read', contents: 'read', deployments: 'read' } as const
  const token = github.token({ kind: 'job', repository, permissions })
  const job = newJob({ GITHUB_API_URL: github.url })
  const inputs = { 'github-token': token, 'trusted-accounts': 'gha.deployer' }

  const [under, without] = [repository.run('deploy.yml'), repository.run('deploy.yml')]
  const runtime = readRuntime({
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_RUN_ID: String(under.id),
    GITHUB_SHA: under.sha
  })
  const { sysId } = plant({
    state: '-1',
    approval: 'approved',
    correlation_display: bindingFor(deploymentOf(runtime, { environment: 'production' }))
  })
  sandbox.set('change_request', sysId, { sys_created_by: 'gha.deployer' })
  for (const run of [under, without]) run.finish('deploy')

  const step = await job.fail('audit-deployments', { ...inputs, 'fail-on': 'no-change, left-open' })
  expect(step.error.title).toBe('ServiceNow deployment audit: no-change, left-open')
  const report = JSON.parse(readFileSync(step.outputs['report-json'] ?? '', 'utf8'))
  expect(report.complete).toBe(true)
  expect(report.findings).toMatchObject({ 'no-change': 1, 'left-open': 1 })
  expect(readFileSync(step.outputs['report-csv'] ?? '', 'utf8')).toContain('no-change')
  expect(step.summary).toContain('Jobs without a GitHub environment are outside what is audited.')

  const passing = await job.pass('audit-deployments', inputs)
  expect(passing.outputs.findings).toBe(step.outputs.findings)
  expect(writes(sandbox)).toEqual([])
  await github.stop()
})
