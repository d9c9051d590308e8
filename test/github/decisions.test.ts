/** Gates: what waits, who may decide, and how often. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Github } from './github.ts'
import { client, ROUTES, type Stage, stage } from './kit.ts'
import type { Undocumented } from './settings.ts'

let world: Stage
const others: Github[] = []
beforeEach(async () => {
  world = await stage()
})
afterEach(async () => {
  for (const github of [world.github, ...others.splice(0)]) await github.stop()
})

/** A GitHub with other choices where nothing is documented. */
async function stageWith(undocumented: Partial<Undocumented>): Promise<Stage> {
  const made = await stage({ undocumented })
  others.push(made.github)
  return made
}

const waitingRun = ({ shop }: Stage) => shop.run('deploy.yml').finish('build')
const production = { environment_name: 'production' }

describe('a job at an environment with a rule', () => {
  it('waits, is listed as pending, and goes on when the App approves', async () => {
    const run = waitingRun(world)
    const call = client(world.github, world.token)
    expect((await call(ROUTES.runs, { status: 'waiting' })).data.workflow_runs).toMatchObject([
      { id: run.id }
    ])
    const pending = (await call(ROUTES.pending, { run_id: run.id })).data
    expect(pending).toMatchObject([{ environment: { name: 'production' }, current_user_can_approve: false }])
    const comment = 'CHG0030001 approved'
    expect(
      (await call(ROUTES.decide, { run_id: run.id, ...production, state: 'approved', comment })).status
    ).toBe(204)
    expect((await call(ROUTES.pending, { run_id: run.id })).data).toEqual([])
    expect(run.job('deploy').status).toBe('queued')
    expect((await call(ROUTES.approvals, { run_id: run.id })).data).toMatchObject([
      { state: 'approved', comment, user: { login: 'latch[bot]' }, environments: [{ name: 'production' }] }
    ])
    run.finish('deploy')
    expect([run.status, run.conclusion]).toEqual(['completed', 'success'])
    expect(world.shop.deployments[0]?.statuses.map(({ state }) => state)).toEqual([
      'success',
      'in_progress',
      'queued',
      'waiting'
    ])
  })

  it('fails when the App rejects, and what needs it is skipped', async () => {
    const run = world.shop.run('check.yml').finish('check')
    const decision = { run_id: run.id, ...production, state: 'rejected', comment: 'CHG0030001 was rejected' }
    expect((await client(world.github, world.token)(ROUTES.decide, decision)).status).toBe(204)
    expect([run.status, run.conclusion]).toEqual(['completed', 'failure'])
    expect(run.jobs.map(({ key, conclusion }) => [key, conclusion])).toEqual([
      ['check', 'success'],
      ['deploy', 'failure'],
      ['notify', 'skipped']
    ])
  })

  it('waits for every App that has a rule, and for the timer', async () => {
    const second = world.github.app('scanner', { deployments: 'write' })
    world.shop.environment('production', { rules: [world.app, second], waitMinutes: 30 })
    const run = waitingRun(world)
    const approve = (token: string) =>
      client(world.github, token)(ROUTES.decide, { run_id: run.id, ...production, state: 'approved' })
    await approve(world.token)
    expect(run.gate('production')).toMatchObject({ state: 'waiting', undecided: ['scanner'] })
    await approve(second.install('acme').token())
    expect(run.gate('production')).toMatchObject({ state: 'waiting', undecided: [] })
    world.github.advance({ minutes: 30 })
    expect(run.job('deploy').status).toBe('queued')
  })

  it('fails after thirty days', () => {
    const run = waitingRun(world)
    world.github.advance({ days: 30 })
    expect(run.status).toBe('waiting')
    world.github.advance({ seconds: 1 })
    expect(run.conclusion).toBe('failure')
  })

  it('is decided once for all jobs of the run that wait there', async () => {
    const text = 'on: push\njobs:\n  a: { environment: production }\n  b: { environment: Production }\n'
    world.shop.commit({ files: { '.github/workflows/two.yml': text } })
    const run = world.shop.run('two.yml')
    const call = client(world.github, world.token)
    expect((await call(ROUTES.pending, { run_id: run.id })).data).toHaveLength(1)
    await call(ROUTES.decide, { run_id: run.id, ...production, state: 'approved' })
    expect(run.jobs.map(({ status }) => status)).toEqual(['queued', 'queued'])
  })

  it('that is unknown is created without protection', () => {
    world.shop.commit({
      files: { '.github/workflows/typo.yml': 'on: push\njobs:\n  a: { environment: producton }\n' }
    })
    expect(world.shop.run('typo.yml').job('a').status).toBe('queued')
    expect(world.shop.record.environments.get('producton')?.rules).toEqual([])
  })

  it('fails at once where the branch may not deploy, and where it wants no deployment', () => {
    world.shop
      .environment('production', { branches: ['main', 'release/*', 'tag:v*'] })
      .branch('feature')
      .branch('release/1')
      .tag('v1')
    const statusAt = (ref: string) =>
      world.shop.run('deploy.yml', { ref }).finish('build').job('deploy').conclusion
    expect(['main', 'release/1', 'v1'].map(statusAt)).toEqual([null, null, null])
    expect(statusAt('feature')).toBe('failure')
    world.shop.environment('guarded', { rules: [world.app] })
    const text = 'on: push\njobs:\n  a: { environment: { name: guarded, deployment: false } }\n'
    world.shop.commit({ files: { '.github/workflows/none.yml': text } })
    expect(world.shop.run('none.yml').conclusion).toBe('failure')
  })
})

describe('the decision of an App', () => {
  const decide = (stage: Stage, runId: number, body: object, token = stage.token) =>
    client(stage.github, token)(ROUTES.decide, { run_id: runId, ...production, ...body })

  it('is refused to an App without a rule there, to the built-in token and to people', async () => {
    const { github, shop } = world
    const run = waitingRun(world)
    const permissions = { deployments: 'write', actions: 'write' } as const
    const tokens = [
      github.app('other', permissions).install('acme').token(),
      github.token({ kind: 'job', repository: shop, permissions }),
      github.token({ kind: 'fine-grained', user: 'anna', permissions }),
      github.token({ kind: 'classic', user: 'olivia', scopes: ['repo'] })
    ]
    for (const token of tokens)
      expect((await decide(world, run.id, { state: 'approved' }, token)).status).toBe(403)
    expect(run.gate('production')?.state).toBe('waiting')
  })

  it('is refused without deployments: write, and the response names the right', async () => {
    const run = waitingRun(world)
    const token = world.app.install('acme').token({ permissions: { deployments: 'read', actions: 'read' } })
    const refused = await decide(world, run.id, { state: 'approved' }, token)
    expect([refused.status, refused.headers['x-accepted-github-permissions']]).toEqual([
      403,
      'deployments=write'
    ])
  })

  it.each([422, 404] as const)('is made once; a second one gets %i', async status => {
    const made = await stageWith({ secondDecision: status })
    const run = waitingRun(made)
    expect((await decide(made, run.id, { state: 'approved' })).status).toBe(204)
    expect((await decide(made, run.id, { state: 'rejected' })).status).toBe(status)
    expect(run.job('deploy').status).toBe('queued')
  })

  it.each([422, 404] as const)('that nothing waits for gets %i', async status => {
    const made = await stageWith({ nothingWaiting: status, unknownEnvironment: status })
    const run = made.shop.run('deploy.yml')
    expect((await decide(made, run.id, { state: 'approved' })).status).toBe(status)
    expect((await decide(made, run.id, { state: 'approved', environment_name: 'nowhere' })).status).toBe(
      status
    )
    expect((await decide(made, 4711, { state: 'approved' })).status).toBe(404)
  })

  it.each([
    ['neither state nor comment', {}],
    ['an unknown state', { state: 'maybe' }],
    ['a note of 1025 characters', { comment: 'a'.repeat(1025) }]
  ])('with %s gets 422', async (_, body) => {
    expect((await decide(world, waitingRun(world).id, body)).status).toBe(422)
  })

  it('may be preceded by ten status notes and no more', async () => {
    const run = waitingRun(world)
    const statuses: number[] = []
    for (let n = 0; n < 11; n += 1)
      statuses.push((await decide(world, run.id, { comment: `waiting ${n}` })).status)
    expect(statuses).toEqual([...Array(10).fill(204), 422])
    expect(run.gate('production')?.notes).toHaveLength(10)
    expect((await decide(world, run.id, { comment: 'a'.repeat(1024), state: 'approved' })).status).toBe(204)
  })

  it('is not in the list of approvals where the settings say so', async () => {
    const made = await stageWith({ rulesInApprovals: false })
    const run = waitingRun(made)
    await decide(made, run.id, { state: 'approved' })
    expect((await client(made.github, made.token)(ROUTES.approvals, { run_id: run.id })).data).toEqual([])
  })
})

describe('a review', () => {
  const prepare = () => {
    const team = world.github.team('approvers', ['anna', 'bot-user'])
    world.shop
      .environment('production', { reviewers: [team], preventSelfReview: true })
      .person('bot-user', 'write')
    const run = world.shop.run('deploy.yml', { actor: 'anna' }).finish('build')
    const id = world.shop.record.environments.get('production')?.id
    const body = { run_id: run.id, environment_ids: [id], state: 'approved', comment: 'ok' }
    const as = (user: string) =>
      client(
        world.github,
        world.github.token({
          kind: 'fine-grained',
          user,
          permissions: { deployments: 'write', actions: 'read' }
        })
      )
    return { run, body, as }
  }

  it('is closed to every token of an App', async () => {
    const { run, body } = prepare()
    const job = world.github.token({
      kind: 'job',
      repository: world.shop,
      permissions: { deployments: 'write' }
    })
    for (const token of [world.token, job]) {
      const refused = await client(world.github, token)(ROUTES.review, body)
      expect([refused.status, refused.data.message]).toEqual([403, 'Resource not accessible by integration'])
    }
    expect(run.gate('production')?.state).toBe('waiting')
  })

  it('by a member of the team lets the job go on', async () => {
    const { run, body, as } = prepare()
    const bot = as('bot-user')
    expect((await bot(ROUTES.pending, { run_id: run.id })).data).toMatchObject([
      { current_user_can_approve: true, reviewers: [{ type: 'Team' }] }
    ])
    const done = await bot(ROUTES.review, body)
    expect(done.data).toMatchObject([{ environment: 'production', sha: run.sha }])
    expect(run.job('deploy').status).toBe('queued')
  })

  it('is refused to others, and to who started the run', async () => {
    const { run, body, as } = prepare()
    for (const user of ['anna', 'olivia']) {
      expect((await as(user)(ROUTES.pending, { run_id: run.id })).data[0].current_user_can_approve).toBe(
        false
      )
      expect((await as(user)(ROUTES.review, body)).status).toBe(403)
    }
  })

  it('needs a comment, and environments that wait', async () => {
    const { body, as } = prepare()
    const { comment: _, ...without } = body
    expect((await as('bot-user')(ROUTES.review, without)).status).toBe(422)
    expect((await as('bot-user')(ROUTES.review, { ...body, environment_ids: [4711] })).status).toBe(422)
  })

  it('of an administrator can pass over the rules, unless the environment forbids it', () => {
    expect(waitingRun(world).bypass('production', 'olivia').job('deploy').status).toBe('queued')
    world.shop.environment('production', { rules: [world.app], adminsCanBypass: false })
    expect(() => waitingRun(world).bypass('production', 'olivia')).toThrow('may not bypass')
  })
})

describe('what nothing documents', () => {
  const text =
    'on: push\njobs:\n  first: { environment: production }\n  other: {}\n  later: { needs: first, environment: production }\n'

  it.each(['waiting', 'in_progress'] as const)(
    'a run with a waiting and a running job is %s',
    async status => {
      const made = await stageWith({ statusWithWaitingJob: status })
      made.shop.commit({ files: { '.github/workflows/two.yml': text } })
      const run = made.shop.run('two.yml').start('other')
      expect((await client(made.github, made.token)(ROUTES.run, { run_id: run.id })).data.status).toBe(status)
    }
  )

  it.each([
    [true, 'waiting'],
    [false, 'queued']
  ])('a later job at a passed environment waits: %s', async (laterJobWaits, status) => {
    const made = await stageWith({ laterJobWaits })
    made.shop.commit({ files: { '.github/workflows/two.yml': text } })
    const run = made.shop.run('two.yml')
    await client(made.github, made.token)(ROUTES.decide, { run_id: run.id, ...production, state: 'approved' })
    expect(run.finish('first').job('later').status).toBe(status)
  })
})
