/** What an audit costs: requests to GitHub and to ServiceNow together. */
import { readFileSync } from 'node:fs'
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { expect, it } from '@jest/globals'
import { type RepositoryHandle, startGithub } from '../../../test/github/github.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DAY = 86_400_000

/** For a machine with other work; alone it takes two seconds. */
const TIMEOUT_MS = 60_000

/** Deployments with their statuses, each of a run of its own; the newest first. */
function addDeployments({ record }: RepositoryHandle, count: number, sha: (n: number) => string): void {
  const begin = Date.now() - DAY
  for (let n = 0; n < count; n += 1) {
    const at = begin + n * 1000
    const id = record.id * 100_000 + n
    const logUrl = `https://github.com/acme/${record.name}/actions/runs/${runOf(n)}/job/1`
    const status = {
      description: '',
      logUrl,
      environmentUrl: '',
      environment: 'production',
      creator: record.owner
    }
    record.deployments.unshift({
      id,
      sha: sha(n),
      ref: 'main',
      task: 'deploy',
      environment: 'production',
      description: null,
      payload: {},
      transient: false,
      production: true,
      creator: record.owner,
      at,
      statuses: [
        { ...status, id: id * 10 + 1, state: 'success', at: at + 60_000 },
        { ...status, id: id * 10, state: 'in_progress', at }
      ]
    })
  }
}

const runOf = (n: number) => 5_000_000 + n

/** Changes for the first runs, made and approved before. */
function addChanges({ sandbox, plantOwn }: World, repository: string, shas: readonly string[]): void {
  const anna = sandbox.rows('sys_user').find(row => row.user_name === 'anna.approver')?.sys_id ?? ''
  shas.forEach((sha, n) => {
    const runtime = readRuntime({
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: repository,
      GITHUB_RUN_ID: String(runOf(n)),
      GITHUB_SHA: sha
    })
    const { sysId } = plantOwn({
      state: '3',
      approval: 'approved',
      type: 'normal',
      close_code: 'successful',
      correlation_display: bindingFor(deploymentOf(runtime, { environment: 'production' }))
    })
    sandbox.insert('sysapproval_approver', { sysapproval: sysId, approver: anna, state: 'approved' })
  })
}

const shaOf = (n: number) => n.toString(16).padStart(40, 'a')

/** Half of the deployments have a change, and the commits of the others have policies to be read. */
it(
  '1,000 deployments of one repository cost at most 60 requests, two more for each further repository',
  () =>
    inWorld({}, async world => {
      const github = await startGithub({ rateLimits: false })
      const repositories = ['shop', 'web', 'api'].map(name =>
        github.repository(`acme/${name}`, { files: {} })
      )
      const [shop] = repositories
      if (shop === undefined) throw new Error('no repository')
      addDeployments(shop, 1_000, shaOf)
      for (const one of repositories.slice(1)) addDeployments(one, 50, shaOf)
      addChanges(
        world,
        'acme/shop',
        Array.from({ length: 500 }, (_, n) => shaOf(n))
      )
      const app = github.app('auditor', {
        contents: 'read',
        deployments: 'read',
        actions: 'read',
        metadata: 'read'
      })
      const audit = async (names: string) => {
        const before = github.requests.length + world.sandbox.requests.length
        const step = await world.perform(definition, {
          inputs: {
            instance: world.sandbox.url,
            username: 'gha.reader',
            password: 'reader-password',
            'trusted-accounts': 'gha.deployer',
            'github-token': app.install('acme').token(),
            repositories: names
          },
          env: { GITHUB_API_URL: github.url, RUNNER_TEMP: world.workspace, SERVICENOW_INSTANCE: '' }
        })
        expect(step.failure).toBeUndefined()
        const report = JSON.parse(readFileSync(step.outputs['report-json'] ?? '', 'utf8'))
        return { report, cost: github.requests.length + world.sandbox.requests.length - before }
      }
      const one = await audit('acme/shop')
      expect(one.report.rows).toHaveLength(1_000)
      expect(one.report.findings['no-change']).toBe(500)
      expect(one.cost).toBeLessThanOrEqual(60)
      const three = await audit('acme/shop, acme/web, acme/api')
      expect(three.report.rows).toHaveLength(1_100)
      expect(three.cost).toBeLessThanOrEqual(one.cost + 4)
      await github.stop()
    }),
  TIMEOUT_MS
)
