/** The audit of a step: GitHub as it is imitated in test/github, ServiceNow as the sandbox. */
import { readFileSync } from 'node:fs'
import { bindingFor } from '@change-actions/change-operations'
import { readRuntime } from '@change-actions/github-actions'
import { deploymentOf } from '@change-actions/github-actions/change'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type Github, type RepositoryHandle, startGithub } from '../../../test/github/github.ts'
import { inWorld, type Performed, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const DEPLOY = 'name: Deploy\non: [push]\njobs:\n  deploy: { environment: production }\n'
const READER = { username: 'gha.reader', password: 'reader-password', 'trusted-accounts': 'gha.deployer' }

let github: Github
let shop: RepositoryHandle

beforeEach(async () => {
  github = await startGithub({ rateLimits: false })
  shop = repository('acme/shop')
})
afterEach(() => github.stop())

function repository(name: string, files: Readonly<Record<string, string>> = {}): RepositoryHandle {
  const made = github.repository(name, { files: { '.github/workflows/deploy.yml': DEPLOY, ...files } })
  made.environment('production')
  return made
}

/** The audit of an account that only reads, with the job's token for acme/shop. */
function audit(world: World, inputs: Readonly<Record<string, string>> = {}): Promise<Performed> {
  const token = github.token({
    kind: 'job',
    repository: shop,
    permissions: { contents: 'read', deployments: 'read', actions: 'read' }
  })
  const env = { GITHUB_API_URL: github.url, RUNNER_TEMP: world.workspace, SERVICENOW_INSTANCE: '' }
  const given = { instance: world.sandbox.url, ...READER, 'github-token': token, ...inputs }
  return world.perform(definition, { inputs: given, env })
}

/** A run that deployed, and its change: approved before it started, and closed by its result. */
function deployed(world: World, of = shop): { readonly number: string; readonly sysId: string } {
  const run = of.run('deploy.yml')
  const planted = changeOf(world, run, of)
  run.finish('deploy')
  return planted
}

function changeOf(
  world: World,
  run: { readonly id: number; readonly sha: string },
  of = shop,
  fields: Readonly<Record<string, string>> = {}
) {
  const name = `${of.record.owner.login}/${of.record.name}`
  const runtime = readRuntime({
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: name,
    GITHUB_RUN_ID: String(run.id),
    GITHUB_SHA: run.sha
  })
  const planted = world.plantOwn({
    state: '3',
    approval: 'approved',
    type: 'normal',
    close_code: 'successful',
    correlation_display: bindingFor(deploymentOf(runtime, { environment: 'production' })),
    ...fields
  })
  const anna = world.sandbox.rows('sys_user').find(row => row.user_name === 'anna.approver')?.sys_id ?? ''
  world.sandbox.insert('sysapproval_approver', {
    sysapproval: planted.sysId,
    approver: anna,
    state: 'approved'
  })
  return planted
}

const json = (step: Performed) => JSON.parse(readFileSync(step.outputs['report-json'] ?? '', 'utf8'))
const csv = (step: Performed) => readFileSync(step.outputs['report-csv'] ?? '', 'utf8')
const SCOPE = 'Jobs without a GitHub environment are outside what is audited.'

describe('the audit', () => {
  it('passes where each deployment went under a change, and lists it all the same', () =>
    inWorld({}, async world => {
      // The approval must be older than the start: both clocks count seconds.
      const run = shop.run('deploy.yml')
      const { number } = changeOf(world, run)
      github.advance({ minutes: 1 })
      run.finish('deploy')
      const step = await audit(world)
      expect(step.failure).toBeUndefined()
      expect(step.outputs.findings).toBe('0')
      expect(json(step)).toMatchObject({
        scope: SCOPE,
        complete: true,
        repositories: [{ repository: 'acme/shop', deployments: 1 }],
        rows: [{ change: number, result: 'success', findings: [], 'cannot-be-told': [] }]
      })
      expect(csv(step).split('\r\n')[0]).toBe(`"${SCOPE}"`)
      expect(csv(step)).toContain(`"${number}"`)
      expect(step.summary).toContain(SCOPE)
      expect(step.info).toContain(SCOPE)
      expect(world.sandbox.requests.filter(one => one.method !== 'GET')).toEqual([])
    }))

  it('finds a deployment without a change, and fails when it is asked to', () =>
    inWorld({}, async world => {
      const run = shop.run('deploy.yml').finish('deploy')
      const step = await audit(world)
      expect(step.failure).toBeUndefined()
      expect(step.outputs.findings).toBe('1')
      expect(step.summary).toContain('no-change')
      expect(step.summary).toContain(`/acme/shop/actions/runs/${run.id}`)
      const failing = await audit(world, { 'fail-on': 'left-open, no-change' })
      expect(failing.failure?.title).toBe('ServiceNow deployment audit: no-change')
      expect(failing.outputs.findings).toBe('1')
      expect((await audit(world, { 'fail-on': 'left-open' })).failure).toBeUndefined()
    }))

  it('finds what the policy of its commit frees', () =>
    inWorld({}, async world => {
      shop.commit({
        files: {
          '.github/servicenow-change.yml': 'environments:\n  production: { change-controlled: false }\n'
        }
      })
      shop.run('deploy.yml').finish('deploy')
      const step = await audit(world)
      expect(json(step).findings).toEqual({ 'freed-by-policy': 1 })
      shop.commit({ files: { '.github/servicenow-change.yml': 'environments: 7' } })
      shop.run('deploy.yml').finish('deploy')
      expect(json(await audit(world))).toMatchObject({
        findings: { 'freed-by-policy': 1, 'no-change': 1 },
        'cannot-be-told': 1
      })
    }))

  it('finds a change that was left open by a run without a deployment', () =>
    inWorld({}, async world => {
      shop.commit({ files: { '.github/workflows/ask.yml': 'on: [push]\njobs:\n  ask: {}\n' } })
      const [over, going] = [shop.run('ask.yml').finish('ask'), shop.run('ask.yml').start('ask')]
      const { number } = changeOf(world, over, shop, { state: '-2', close_code: '' })
      changeOf(world, going, shop, { state: '-2', close_code: '' })
      expect(json(await audit(world)).rows).toMatchObject([
        { deployment: null, change: number, findings: [{ code: 'left-open' }] }
      ])
    }))

  it('names creators that are not trusted instead of an empty result', () =>
    inWorld({}, async world => {
      deployed(world)
      const step = await audit(world, { 'trusted-accounts': '' })
      expect(step.failure?.title).toBe('ServiceNow changes: creators that are not trusted')
      expect(step.failure?.text).toContain('gha.deployer: 1')
      expect(json(step)).toMatchObject({ complete: false, findings: { 'no-change': 1 } })
    }))

  it('reads the other repositories when one cannot be read, and fails', () =>
    inWorld({}, async world => {
      const secret = github.repository('acme/secret', { private: true, files: {} })
      deployed(world)
      const step = await audit(world, { repositories: `acme/${secret.record.name}\nthis` })
      expect(step.failure?.title).toBe('ServiceNow deployment audit: incomplete')
      expect(step.failure?.text).toMatch(/acme\/secret: not-found/)
      expect(json(step)).toMatchObject({
        complete: false,
        repositories: [{ repository: 'acme/shop', deployments: 1 }],
        'not-audited': [{ repository: 'acme/secret' }]
      })
      expect(csv(step)).toMatch(/"acme\/secret",.*"not audited: not-found/)
    }))

  it('reads all repositories of an installation, and says of an environment that nothing went there', () =>
    inWorld({}, async world => {
      repository('acme/web').run('deploy.yml').finish('deploy')
      const app = github.app('auditor', {
        contents: 'read',
        deployments: 'read',
        actions: 'read',
        metadata: 'read'
      })
      const token = app.install('acme').token()
      const inputs = { repositories: 'installation', 'github-token': token, environments: 'production, prod' }
      const step = await audit(world, inputs)
      expect(json(step)).toMatchObject({
        findings: { 'no-change': 1 },
        'environments-without-deployments': ['prod']
      })
      expect(json(step).repositories).toHaveLength(2)
      expect(step.warnings).toEqual([expect.stringContaining('prod')])
    }))

  it('waits for a rate limit that ends soon', () =>
    inWorld({}, async world => {
      github.fault({ kind: 'secondary-limit', operation: 'graphql' })
      expect((await audit(world)).failure).toBeUndefined()
    }))

  it('has no text from outside that is a formula, a link or a command', () =>
    inWorld({}, async world => {
      const name = '=HYPERLINK(1)[x](https://evil.example)<b>'
      const workflow = `on: [push]\njobs:\n  deploy: { environment: '${name}' }\n`
      shop.commit({ files: { '.github/workflows/evil.yml': workflow } })
      shop.run('evil.yml').finish('deploy')
      const step = await audit(world)
      expect(step.outputs.findings).toBe('1')
      expect(csv(step)).toContain(`"'=HYPERLINK(1)`)
      expect(step.summary).not.toMatch(/\]\(https:\/\/evil|<b>/)
    }))
})

describe('inputs', () => {
  it.each([
    [{ repositories: 'acme' }, /`repositories` holds an item it cannot take/],
    [{ repositories: 'installation, this' }, /give it alone/],
    [{ since: 'yesterday' }, /`since` must be a date .* or a duration back from now/],
    [{ since: '1d', until: '2d' }, /`since` must be before `until`/],
    [{ since: '2026-01-01' }, /`since` needs a time and a zone/],
    [{ 'fail-on': 'no-chang' }, /`fail-on` holds an item it cannot take/]
  ])('%o is refused', (inputs, message) =>
    inWorld({}, async world => {
      const step = await audit(world, inputs as Readonly<Record<string, string>>)
      expect(step.failure?.text).toMatch(message)
      expect(github.requests).toEqual([])
    })
  )
})
