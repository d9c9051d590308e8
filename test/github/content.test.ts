/** Files, commits, pull requests, deployments, environments, checks and comments. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { client, type Stage, stage } from './kit.ts'

let world: Stage
beforeEach(async () => {
  world = await stage()
})
afterEach(() => world.github.stop())

const R = '/repos/{owner}/{repo}'
const call = (token = world.token) => client(world.github, token)

describe('files at a commit', () => {
  const read = (path: string, more: object = {}) => call()(`GET ${R}/contents/{path}`, { path, ...more })

  it('come as base64 with line breaks, or raw', async () => {
    world.shop.commit({ files: { 'long.txt': 'a'.repeat(100) } })
    const { data } = await read('long.txt')
    expect(data).toMatchObject({ type: 'file', encoding: 'base64', size: 100 })
    expect(data.content).toContain('\n')
    expect(Buffer.from(data.content, 'base64').toString()).toBe('a'.repeat(100))
    const raw = await read('long.txt', { mediaType: { format: 'raw' } })
    expect([raw.data, raw.headers['content-type']]).toEqual(['a'.repeat(100), expect.stringContaining('raw')])
  })

  it('are those of the branch, tag or commit in `ref`', async () => {
    const before = world.shop.sha()
    world.shop.tag('v1').commit({ files: { 'README.md': 'New\n' } })
    const text = async (ref: string) =>
      Buffer.from((await read('README.md', { ref })).data.content, 'base64').toString()
    expect([
      await text('main'),
      await text('v1'),
      await text(before),
      await text(before.slice(0, 8))
    ]).toEqual(['New\n', 'Shop\n', 'Shop\n', 'Shop\n'])
    expect((await read('README.md', { ref: 'nowhere' })).status).toBe(404)
    expect((await read('nothing.md')).status).toBe(404)
  })

  it('of a folder are listed; those of more than a megabyte have no content', async () => {
    expect((await read('.github/workflows')).data.map(({ name }: { name: string }) => name)).toEqual([
      'check.yml',
      'deploy.yml'
    ])
    world.shop.commit({ files: { 'big.bin': 'a'.repeat(1_048_577) } })
    expect((await read('big.bin')).data).toMatchObject({ encoding: 'none', content: '' })
  })
})

describe('commits', () => {
  it('are compared', async () => {
    const { shop } = world
    shop
      .tag('v1')
      .branch('feature')
      .commit({ message: 'One', files: { 'a.txt': 'a' } })
    shop.commit({ message: 'Two', files: { 'a.txt': 'b' } })
    shop.commit({ branch: 'feature', files: { 'c.txt': 'c' } })
    const compare = async (basehead: string) =>
      (await call()(`GET ${R}/compare/{basehead}`, { basehead })).data
    const ahead = await compare('v1...main')
    expect(ahead).toMatchObject({
      status: 'ahead',
      ahead_by: 2,
      behind_by: 0,
      total_commits: 2,
      files: [{ filename: 'a.txt', status: 'added' }]
    })
    expect(ahead.commits.map(({ commit }: { commit: { message: string } }) => commit.message)).toEqual([
      'One',
      'Two'
    ])
    expect(await compare('main...feature')).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 2 })
    expect(await compare('main...v1')).toMatchObject({ status: 'behind' })
    expect((await call()(`GET ${R}/compare/{basehead}`, { basehead: 'v1...nowhere' })).status).toBe(404)
  })

  it('know their pull requests', async () => {
    const { shop } = world
    shop.branch('feature').commit({ branch: 'feature', files: { 'a.txt': 'a' } })
    shop.pull({ title: 'Add a', head: 'feature', reviews: [{ by: 'anna', state: 'APPROVED' }], merge: true })
    for (const sha of [shop.sha('feature'), shop.sha('main')]) {
      const { data } = await call()(`GET ${R}/commits/{commit_sha}/pulls`, { commit_sha: sha })
      expect(data).toMatchObject([{ number: 1, state: 'closed', merge_commit_sha: shop.sha('main') }])
    }
    expect((await call()(`GET ${R}/pulls`, {})).data).toEqual([])
    expect((await call()(`GET ${R}/pulls/{pull_number}/files`, { pull_number: 1 })).data).toMatchObject([
      { filename: 'a.txt' }
    ])
  })

  it('know their checks and statuses', async () => {
    const { shop } = world
    shop.status('main', 'ci', 'failure').status('main', 'ci', 'success').check('main', 'lint', 'failure')
    const all = client(
      world.github,
      world.github.token({ kind: 'classic', user: 'olivia', scopes: ['repo'] })
    )
    const statuses = await all(`GET ${R}/commits/{ref}/status`, { ref: 'main' })
    expect(statuses.data).toMatchObject({ state: 'success', total_count: 1 })
    const checks = await all(`GET ${R}/commits/{ref}/check-runs`, { ref: 'main' })
    expect(checks.data.check_runs).toMatchObject([
      { name: 'lint', conclusion: 'failure', app: { slug: 'github-actions' } }
    ])
    expect((await all(`POST ${R}/check-runs`, { name: 'a', head_sha: shop.sha() })).status).toBe(403)
  })
})

describe('deployments', () => {
  const status = (body: object) =>
    call()(`POST ${R}/deployments/{deployment_id}/statuses`, {
      deployment_id: world.shop.deployments[0]?.id,
      ...body
    })

  it('are filtered, and an earlier one becomes inactive', async () => {
    for (const environment of ['staging', 'staging', 'production'])
      await call()(`POST ${R}/deployments`, { ref: 'main', environment })
    const [, second, first] = world.shop.deployments
    for (const one of [first, second])
      await call()(`POST ${R}/deployments/{deployment_id}/statuses`, {
        deployment_id: one?.id,
        state: 'success'
      })
    expect([first, second].map(one => one?.statuses[0]?.state)).toEqual(['inactive', 'success'])
    expect((await call()(`GET ${R}/deployments`, { environment: 'staging' })).data).toHaveLength(2)
    expect(
      (await call()(`GET ${R}/deployments`, { sha: world.shop.sha(), task: 'other' })).data
    ).toHaveLength(0)
  })

  it('take a description of 140 characters and no more, and no state that is made up', async () => {
    await call()(`POST ${R}/deployments`, { ref: 'main' })
    expect((await status({ state: 'success', description: 'ü'.repeat(140) })).status).toBe(201)
    const refused = await status({ state: 'success', description: 'ü'.repeat(141) })
    expect([refused.status, refused.data.errors[0].field]).toEqual([422, 'description'])
    expect((await status({ state: 'waiting' })).status).toBe(422)
  })

  it('need a ref that is there, and statuses that are green unless none is demanded', async () => {
    expect((await call()(`POST ${R}/deployments`, { ref: 'nowhere' })).status).toBe(422)
    world.shop.status('main', 'ci', 'pending')
    expect((await call()(`POST ${R}/deployments`, { ref: 'main' })).status).toBe(409)
    expect((await call()(`POST ${R}/deployments`, { ref: 'main', required_contexts: [] })).status).toBe(201)
  })
})

describe('environments', () => {
  const admin = () =>
    client(world.github, world.github.token({ kind: 'classic', user: 'olivia', scopes: ['repo'] }))
  const put = (body: object) =>
    admin()(`PUT ${R}/environments/{environment_name}`, { environment_name: 'new', ...body })

  it('show their rules; those of Apps are listed apart', async () => {
    world.shop.environment('production', {
      rules: [world.app],
      reviewers: ['anna'],
      waitMinutes: 5,
      branches: ['main', 'tag:v*']
    })
    const environment = { environment_name: 'production' }
    const { data } = await call()(`GET ${R}/environments/{environment_name}`, environment)
    expect(data.protection_rules.map(({ type }: { type: string }) => type)).toEqual([
      'wait_timer',
      'required_reviewers',
      'branch_policy'
    ])
    expect(data.deployment_branch_policy).toEqual({ protected_branches: false, custom_branch_policies: true })
    const rules = await call()(
      `GET ${R}/environments/{environment_name}/deployment_protection_rules`,
      environment
    )
    expect(rules.data.custom_deployment_protection_rules).toMatchObject([
      { enabled: true, app: { slug: 'latch' } }
    ])
    const policies = await call()(
      `GET ${R}/environments/{environment_name}/deployment-branch-policies`,
      environment
    )
    expect(policies.data.branch_policies).toMatchObject([
      { name: 'main', type: 'branch' },
      { name: 'v*', type: 'tag' }
    ])
    expect(
      (await call()(`GET ${R}/environments/{environment_name}`, { environment_name: 'nowhere' })).status
    ).toBe(404)
  })

  it.each([
    [
      'seven reviewers',
      () => ({ reviewers: Array.from({ length: 7 }, () => ({ type: 'User', id: reviewerId('anna') })) })
    ],
    ['an App as a reviewer', () => ({ reviewers: [{ type: 'User', id: world.app.app.bot.id }] })],
    ['a reviewer of the type App', () => ({ reviewers: [{ type: 'App', id: world.app.id }] })],
    ['a timer of more than thirty days', () => ({ wait_timer: 43_201 })],
    [
      'both kinds of branch policy',
      () => ({ deployment_branch_policy: { protected_branches: true, custom_branch_policies: true } })
    ]
  ])('refuse %s', async (_, body) => {
    expect((await put(body())).status).toBe(422)
  })

  const reviewerId = (login: string) => {
    world.shop.environment('helper', { reviewers: [login] })
    return world.shop.record.environments.get('helper')?.reviewers[0]?.id
  }

  it('take six rules and no more, and only of Apps that are installed', async () => {
    const add = (id: number) =>
      admin()(`POST ${R}/environments/{environment_name}/deployment_protection_rules`, {
        environment_name: 'production',
        integration_id: id
      })
    world.shop.environment('production', { rules: [world.app], waitMinutes: 5 })
    const apps = Array.from({ length: 5 }, (_, n) => world.github.app(`app-${n}`, {}))
    expect((await add(apps[0]?.id ?? 0)).status).toBe(422)
    for (const app of apps) app.install('acme')
    const statuses: number[] = []
    for (const { id } of apps) statuses.push((await add(id)).status)
    expect(statuses).toEqual([201, 201, 201, 201, 422])
    expect((await add(world.app.id)).status).toBe(422)
  })

  it('are changed by administrators alone', async () => {
    expect(
      (await call()(`PUT ${R}/environments/{environment_name}`, { environment_name: 'new' })).status
    ).toBe(403)
    expect((await put({ wait_timer: 10 })).data.protection_rules).toMatchObject([
      { type: 'wait_timer', wait_timer: 10 }
    ])
  })
})

describe('comments', () => {
  it('are written on pull requests that are there, and changed by who wrote them', async () => {
    world.shop.branch('feature').commit({ branch: 'feature', files: { 'a.txt': 'a' } })
    world.shop.pull({ title: 'Add a', head: 'feature' })
    const app = world.github.app('commenter', { pull_requests: 'write' })
    const own = call(app.install('acme').token())
    const made = await own(`POST ${R}/issues/{issue_number}/comments`, { issue_number: 1, body: 'Preview' })
    expect(made.data).toMatchObject({ body: 'Preview', user: { login: 'commenter[bot]', type: 'Bot' } })
    const update = (token: typeof own) =>
      token(`PATCH ${R}/issues/comments/{comment_id}`, { comment_id: made.data.id, body: 'New' })
    expect((await update(own)).data.body).toBe('New')
    const other = world.github.app('other', { pull_requests: 'write' }).install('acme').token()
    expect((await update(call(other))).status).toBe(403)
    expect(
      (await own(`POST ${R}/issues/{issue_number}/comments`, { issue_number: 2, body: 'x' })).status
    ).toBe(404)
    expect(
      (await own(`POST ${R}/issues/{issue_number}/comments`, { issue_number: 1, body: 'x'.repeat(65_537) }))
        .status
    ).toBe(422)
  })
})
