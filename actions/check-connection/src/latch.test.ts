/** The GitHub side of resume-deployments, on the GitHub of test/github. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { DEPLOY, type Stage, stage } from '../../../test/github/kit.ts'
import { report, row } from '../../testing/check-report.ts'
import { inWorld, type Performed } from '../../testing/perform.ts'
import { definition } from './main.ts'

let set: Stage

beforeEach(async () => {
  set = await stage()
  set.github.repository('acme/secret', { private: true })
})
afterEach(() => set.github.stop())

/** The step with these inputs; the token is the App's unless another is given. */
async function check(inputs: Readonly<Record<string, string>>): Promise<Performed> {
  let step: Performed | undefined
  await inWorld({ readableJournal: true }, async world => {
    const { sysId } = world.plant()
    world.sandbox.set('change_request', sysId, { work_notes: 'A note.' })
    const given = { latch: 'protection-rule', 'github-token': set.token, ...inputs }
    step = await world.perform(definition, { inputs: given, env: { GITHUB_API_URL: set.github.url } })
  })
  return step as Performed
}

const rowsOf = (step: Performed, name: string) => report(step).filter(one => one.check === name)

describe('latch: protection-rule', () => {
  it('is all right: token, repository, rights, environment and rule are named', async () => {
    set.shop.environment('production', { rules: [set.app], adminsCanBypass: false })
    const step = await check({ environments: 'production' })
    expect(step.failure).toBeUndefined()
    expect(step.warnings).toEqual([])
    expect(report(step).slice(-6)).toEqual([
      { check: 'GitHub token', result: 'ok', detail: 'of the GitHub App latch', fix: '' },
      { check: 'GitHub repository', result: 'ok', detail: 'acme/shop can be read', fix: '' },
      {
        check: 'GitHub permissions',
        result: 'ok',
        detail: 'acme/shop: actions: read, deployments: write',
        fix: ''
      },
      { check: 'GitHub environment', result: 'ok', detail: 'acme/shop: production', fix: '' },
      {
        check: 'Protection rule',
        result: 'ok',
        detail: 'acme/shop, production: the rule of latch holds deployments',
        fix: ''
      },
      {
        check: 'Administrators',
        result: 'ok',
        detail: 'acme/shop, production: they cannot pass the rule',
        fix: ''
      }
    ])
  })

  it('writes nothing at GitHub', async () => {
    const run = set.shop.run('deploy.yml').finish('build')
    await check({})
    expect(run.gate('production')).toMatchObject({ state: 'waiting', notes: [] })
    const writes = set.github.requests.filter(one => one.method !== 'get' && one.path !== '/graphql')
    expect(writes.filter(one => one.committed)).toEqual([])
  })

  it('administrators may pass the rule: a warning', async () => {
    const step = await check({})
    expect(step.failure).toBeUndefined()
    expect(row(step, 'Administrators')).toMatchObject({
      result: 'warn',
      fix: expect.stringContaining('Allow administrators to bypass')
    })
  })

  it('an environment that nobody protects', async () => {
    set.shop.environment('staging')
    const step = await check({ environments: 'staging' })
    expect(step.failure?.title).toBe('ServiceNow connection: Protection rule')
    expect(row(step, 'Protection rule')).toMatchObject({
      result: 'fail',
      detail: 'acme/shop, staging: nothing protects it; a job that names it starts at once',
      fix: expect.stringContaining('tick latch there')
    })
  })

  it('without names one environment with the rule is enough', async () => {
    set.shop.environment('staging')
    const step = await check({})
    expect(step.failure).toBeUndefined()
    expect(rowsOf(step, 'Protection rule').map(one => one.result)).toEqual(['ok', 'warn'])
  })

  it('an App that owns no rule', async () => {
    const other = set.github.app('other', { actions: 'read', deployments: 'write' })
    const token = other.install('acme').token()
    const step = await check({ 'github-token': token, environments: 'production' })
    expect(row(step, 'GitHub token').detail).toBe('of the GitHub App other')
    expect(row(step, 'Protection rule')).toMatchObject({
      result: 'fail',
      detail: 'acme/shop, production: other owns no rule there; it has a rule of latch',
      fix: expect.stringContaining('Deployment protection rule')
    })
  })

  it('a rule that is not enabled', async () => {
    const [rule] = set.shop.record.environments.get('production')?.rules ?? []
    Object.assign(rule as object, { enabled: false })
    const step = await check({ environments: 'production' })
    expect(row(step, 'Protection rule').detail).toBe(
      'acme/shop, production: nothing protects it; a job that names it starts at once'
    )
  })

  it('an environment that is not there is not created by looking', async () => {
    const step = await check({ environments: 'prodution' })
    expect(row(step, 'GitHub environment')).toMatchObject({
      result: 'fail',
      detail: 'acme/shop has no environment prodution; it has production'
    })
    expect([...set.shop.record.environments.keys()]).toEqual(['production'])
  })

  it('a right that is missing is named', async () => {
    const reader = set.github.app('reader', { actions: 'read' })
    const step = await check({ 'github-token': reader.install('acme').token() })
    expect(row(step, 'GitHub permissions')).toMatchObject({
      result: 'fail',
      detail: expect.stringMatching(/^acme\/shop, deployments: write: no-permission \(403\)/),
      fix: expect.stringContaining('the permission deployments: write')
    })
  })

  it("the job's own token owns no rule", async () => {
    const token = set.github.token({ kind: 'job', repository: set.shop, permissions: { actions: 'write' } })
    const step = await check({ 'github-token': token })
    expect(row(step, 'GitHub token')).toMatchObject({
      result: 'fail',
      detail: "it is the job's own token, which owns no protection rule"
    })
  })

  it('a token that is none: the only row', async () => {
    const step = await check({ 'github-token': 'ghs_made_up' })
    expect(row(step, 'GitHub token')).toMatchObject({
      result: 'fail',
      fix: expect.stringContaining('ends after an hour')
    })
    expect(report(step).at(-1)?.check).toBe('GitHub token')
    expect(JSON.stringify(step)).not.toContain('ghs_made_up')
  })

  it('a repository that is not there, or where the App is not installed', async () => {
    const token = set.app.install('acme', { repositories: [set.shop] }).token()
    const step = await check({ 'github-token': token, repositories: 'acme/shop\nacme/secret' })
    expect(rowsOf(step, 'GitHub repository').map(one => [one.result, one.detail.slice(0, 11)])).toEqual([
      ['ok', 'acme/shop c'],
      ['fail', 'acme/secret']
    ])
    expect(rowsOf(step, 'GitHub repository')[1]?.fix).toContain('install the GitHub App on the repository')
  })

  it('many repositories: rows without a finding become one', async () => {
    for (let number = 1; number <= 6; number += 1)
      set.github.repository(`acme/app-${number}`).environment('production', { rules: [set.app] })
    const step = await check({ repositories: 'installation', environments: 'production' })
    expect(rowsOf(step, 'Protection rule')).toEqual([
      expect.objectContaining({
        result: 'ok',
        detail: expect.stringMatching(/^7 without a finding; the first: acme\/shop, production/)
      })
    ])
    // acme/secret has no environment.
    expect(rowsOf(step, 'GitHub environment').filter(one => one.result === 'fail')).toHaveLength(1)
  })

  it('GitHub that cannot be reached is a row, and the rows of ServiceNow stay', async () => {
    await inWorld({}, async world => {
      const env = { GITHUB_API_URL: 'http://127.0.0.1:9' }
      const step = await world.perform(definition, {
        inputs: { latch: 'rerun', 'github-token': set.token },
        env
      })
      expect(row(step, 'GitHub token').fix).toContain("the runner reaches GitHub's API")
      expect(row(step, 'Sign-in').result).toBe('ok')
    })
  })
})

describe('latch: rerun and dispatch', () => {
  const jobToken = (permissions: { readonly [name: string]: 'read' | 'write' }) =>
    set.github.token({ kind: 'job', repository: set.shop, permissions })

  it("rerun: the job's own token is enough", async () => {
    const step = await check({ latch: 'rerun', 'github-token': jobToken({ actions: 'write' }) })
    expect(step.failure).toBeUndefined()
    expect(row(step, 'GitHub permissions').detail).toBe('acme/shop: actions: write')
  })

  it('rerun: actions: write is missing', async () => {
    const step = await check({ latch: 'rerun', 'github-token': jobToken({ actions: 'read' }) })
    expect(row(step, 'GitHub permissions').fix).toContain('the permission actions: write')
  })

  it('dispatch: contents: read is missing, with and without a workflow', async () => {
    const starter = set.github.app('starter', { actions: 'write' })
    const token = starter.install('acme').token()
    for (const workflow of ['', 'deploy.yml']) {
      const given = { latch: 'dispatch', 'github-token': token, repositories: 'acme/secret', workflow }
      const step = await check(given)
      expect(rowsOf(step, 'GitHub permissions')).toEqual([
        expect.objectContaining({
          result: 'fail',
          detail: expect.stringMatching(/^acme\/secret, contents: read: no-permission \(403\)/),
          fix: expect.stringContaining('the permission contents: read')
        })
      ])
    }
  })

  it('dispatch: contents: read is there, and in the row', async () => {
    const step = await check({ latch: 'dispatch' })
    expect(row(step, 'GitHub permissions')).toMatchObject({
      result: 'ok',
      detail: 'acme/shop: actions: write, contents: read'
    })
  })

  it('dispatch: a repository that has no commit yet is no missing right', async () => {
    set.github.repository('acme/empty', { private: true }).record.branches.clear()
    const step = await check({ latch: 'dispatch', repositories: 'acme/empty' })
    expect(row(step, 'GitHub permissions').result).toBe('ok')
  })

  it('dispatch: the workflow takes what it is given', async () => {
    const text = DEPLOY.replace('required: true, ', '').replace(
      'environment: {',
      'change-sys-id: { type: string }\n      environment: {'
    )
    set.shop.commit({ files: { '.github/workflows/deploy.yml': text } })
    const step = await check({ latch: 'dispatch', workflow: 'deploy.yml' })
    expect(step.failure).toBeUndefined()
    expect(row(step, 'Workflow')).toMatchObject({
      result: 'ok',
      detail: expect.stringContaining('acme/shop, deploy.yml takes change-number')
    })
  })

  it.each([
    ['an input is not declared', DEPLOY, 'does not declare the input change-sys-id'],
    ['it has no such trigger', 'name: x\non: push\njobs: {}\n', 'cannot be started by workflow_dispatch'],
    ['it is no YAML', 'on: [', 'cannot be started by workflow_dispatch'],
    [
      'it does not name the change',
      'on:\n  workflow_dispatch:\n    inputs: { change-number: , change-sys-id: , environment: }\njobs: {}\n',
      'does not name the change in its `run-name`'
    ],
    [
      'it requires more',
      'on:\n  workflow_dispatch:\n    inputs: { change-number: , change-sys-id: , environment: , who: { required: true } }\n',
      'requires the input who'
    ]
  ])('dispatch: %s', async (_, text, detail) => {
    set.shop.commit({ files: { '.github/workflows/deploy.yml': text } })
    const step = await check({ latch: 'dispatch', workflow: 'deploy.yml' })
    expect(row(step, 'Workflow')).toMatchObject({ result: 'fail', detail: expect.stringContaining(detail) })
  })

  it('dispatch: there is no such workflow, or none was named', async () => {
    expect(row(await check({ latch: 'dispatch', workflow: 'deplyo.yml' }), 'Workflow')).toMatchObject({
      result: 'fail',
      fix: expect.stringContaining('.github/workflows of the default branch')
    })
    expect(row(await check({ latch: 'dispatch' }), 'Workflow').result).toBe('skipped')
  })
})

describe('inputs', () => {
  it('nothing is asked of GitHub without a latch', async () => {
    const step = await check({ latch: '' })
    expect(step.failure).toBeUndefined()
    expect(set.github.requests).toEqual([])
  })

  it.each([
    [{ latch: '', environments: 'production' }, '`environments` is for the check of the GitHub side'],
    [{ latch: 'rerun', workflow: 'deploy.yml' }, '`workflow` is for `latch: dispatch` alone'],
    [{ latch: 'rule' }, '`protection-rule`'],
    [{ repositories: 'installation\nacme/shop' }, 'give it alone']
  ])('%j', async (inputs, text) => {
    const step = await check(inputs)
    expect(step.failure?.title).toBe('Input error')
    expect(step.failure?.text).toContain(text)
  })
})
