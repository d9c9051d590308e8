/** Re-runs and dispatches. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Github } from './github.ts'
import { client, DEPLOY, ROUTES, type Stage, stage } from './kit.ts'
import type { GithubOptions } from './settings.ts'

let world: Stage
const others: Github[] = []
beforeEach(async () => {
  world = await stage()
})
afterEach(async () => {
  for (const github of [world.github, ...others.splice(0)]) await github.stop()
})

async function stageWith(options: GithubOptions): Promise<Stage> {
  const made = await stage(options)
  others.push(made.github)
  return made
}

const call = (made: Stage = world) => client(made.github, made.token)

describe('re-running', () => {
  it('one job takes what needs it along, also when the job was green and the rest was skipped', async () => {
    const run = world.shop.run('check.yml').finish('check', 'success', { skips: ['deploy'] })
    expect(run.conclusion).toBe('success')
    const old = run.job('check').id
    expect((await call()(ROUTES.rerunJob, { job_id: old })).status).toBe(201)
    expect([run.attempt, run.status]).toEqual([2, 'queued'])
    expect(run.job('check').id).not.toBe(old)
    expect(run.finish('check').job('deploy').status).toBe('waiting')
    expect((await call()(ROUTES.rerunJob, { job_id: old })).status).toBe(404)
  })

  it('the failed jobs leaves the others as they were', async () => {
    const run = world.shop
      .run('deploy.yml')
      .finish('build')
      .bypass('production', 'olivia')
      .finish('deploy', 'failure')
    const build = run.job('build').id
    expect((await call()(ROUTES.rerunFailed, { run_id: run.id })).status).toBe(201)
    const jobs = (await call()(ROUTES.jobs, { run_id: run.id })).data.jobs
    expect(jobs).toMatchObject([
      { id: build, run_attempt: 1, status: 'completed' },
      { name: 'deploy', run_attempt: 2 }
    ])
    expect((await call()(ROUTES.jobs, { run_id: run.id, filter: 'all' })).data.total_count).toBe(3)
    expect((await call()(ROUTES.run, { run_id: run.id })).data.run_attempt).toBe(2)
  })

  it.each([
    ['passes', 'queued'],
    ['waits', 'waiting']
  ] as const)('some jobs: an environment that was passed %s', async (ruleOnRerun, status) => {
    const made = await stageWith({ undocumented: { ruleOnRerun } })
    const run = made.shop.run('deploy.yml').finish('build')
    await call(made)(ROUTES.decide, { run_id: run.id, environment_name: 'production', state: 'approved' })
    run.finish('deploy', 'failure')
    await call(made)(ROUTES.rerunFailed, { run_id: run.id })
    expect(run.job('deploy').status).toBe(status)
  })

  it('all jobs needs a new decision', async () => {
    const run = world.shop.run('deploy.yml').finish('build')
    await call()(ROUTES.decide, { run_id: run.id, environment_name: 'production', state: 'approved' })
    run.finish('deploy')
    expect((await call()(ROUTES.rerun, { run_id: run.id })).status).toBe(201)
    expect(run.finish('build').job('deploy').status).toBe('waiting')
  })

  it('is refused while a job waits at an environment', async () => {
    const run = world.shop.run('deploy.yml').finish('build')
    const refused = await call()(ROUTES.rerunJob, { job_id: run.job('build').id })
    expect([refused.status, refused.data.message]).toEqual([403, 'This workflow is already running'])
    expect((await call()(ROUTES.rerunFailed, { run_id: run.id })).status).toBe(403)
  })

  it('is refused thirty days after the first run', async () => {
    const run = world.shop.run('check.yml').finish('check', 'failure')
    world.github.advance({ days: 30 })
    const token = world.app.install('acme').token()
    expect((await client(world.github, token)(ROUTES.rerunFailed, { run_id: run.id })).status).toBe(201)
    run.finish('check', 'failure')
    world.github.advance({ seconds: 1 })
    expect((await client(world.github, token)(ROUTES.rerunFailed, { run_id: run.id })).status).toBe(403)
  })

  it('is possible fifty times', async () => {
    const run = world.shop.run('check.yml').finish('check', 'failure')
    for (let n = 0; n < 50; n += 1) {
      expect((await call()(ROUTES.rerun, { run_id: run.id })).status).toBe(201)
      run.finish('check', 'failure')
    }
    expect((await call()(ROUTES.rerun, { run_id: run.id })).status).toBe(403)
    expect(run.attempt).toBe(51)
  }, 20_000)

  it('failed jobs is refused when none has failed, and with too few rights', async () => {
    const run = world.shop.run('check.yml').finish('check', 'success', { skips: ['deploy'] })
    expect((await call()(ROUTES.rerunFailed, { run_id: run.id })).status).toBe(403)
    const token = world.app.install('acme').token({ permissions: { actions: 'read' } })
    const refused = await client(world.github, token)(ROUTES.rerun, { run_id: run.id })
    expect([refused.status, refused.headers['x-accepted-github-permissions']]).toEqual([403, 'actions=write'])
  })

  it.each([
    [{ jobTokenReruns: 'refused' }, 403],
    [{ jobTokenReruns: 'allowed' }, 201],
    [{ rerunSucceededJob: false }, 403]
  ] as const)('with the built-in token and %j gets %i', async (undocumented, status) => {
    const made = await stageWith({ undocumented })
    const run = made.shop.run('check.yml').finish('check', 'success', { skips: ['deploy'] })
    const token = made.github.token({ kind: 'job', repository: made.shop, permissions: { actions: 'write' } })
    expect((await client(made.github, token)(ROUTES.rerunJob, { job_id: run.job('check').id })).status).toBe(
      status
    )
  })
})

describe('a workflow dispatch', () => {
  const inputs = { 'change-number': 'CHG0030001', environment: 'staging' }
  const dispatch = (body: object, made: Stage = world) =>
    call(made)(ROUTES.dispatch, { workflow_id: 'deploy.yml', ref: 'main', inputs, ...body })

  it('starts a run, and tells which one where it is to', async () => {
    expect((await dispatch({})).status).toBe(204)
    const told = await dispatch({ return_run_details: true })
    const run = world.shop.runs.at(-1)
    expect([told.status, told.data.workflow_run_id]).toEqual([200, run?.id])
    expect(run).toMatchObject({ title: 'Deploy CHG0030001', event: 'workflow_dispatch', inputs })
    expect(world.shop.runs).toHaveLength(2)
  })

  it('runs on a tag as well as on a branch', async () => {
    world.shop.tag('v1').commit({ files: { 'b.txt': 'b' } })
    await dispatch({ ref: 'v1' })
    expect(world.shop.runs.at(-1)).toMatchObject({ ref: 'refs/tags/v1', sha: world.shop.sha('v1') })
  })

  it.each([
    ['an unknown ref', { ref: 'nowhere' }],
    ['an unexpected input', { inputs: { ...inputs, other: 'x' } }],
    ['a required input left out', { inputs: {} }],
    ['a value that is not among the options', { inputs: { ...inputs, environment: 'other' } }],
    ['a value that is no string', { inputs: { ...inputs, 'change-number': 7 } }],
    ['inputs of 65 536 characters', { inputs: { ...inputs, 'change-number': 'a'.repeat(65_536) } }],
    ['26 inputs', { inputs: Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`i${n}`, ''])) }],
    ['no ref', { ref: undefined }]
  ])('with %s gets 422', async (_, body) => {
    expect((await dispatch(body)).status).toBe(422)
    expect(world.shop.runs).toHaveLength(0)
  })

  it('needs the file on the default branch, and the trigger on the ref', async () => {
    world.shop.branch('feature').commit({ branch: 'feature', files: { '.github/workflows/new.yml': DEPLOY } })
    expect((await dispatch({ workflow_id: 'new.yml', ref: 'feature' })).status).toBe(404)
    world.shop.commit({ branch: 'feature', files: { '.github/workflows/deploy.yml': null } })
    expect((await dispatch({ ref: 'feature' })).status).toBe(422)
    expect((await dispatch({ workflow_id: 'check.yml', inputs: {} })).status).toBe(422)
  })

  it('on a GHES takes ten inputs and tells no run', async () => {
    const made = await stageWith({ edition: 'ghes' })
    expect(made.github.url).toMatch(/\/api\/v3$/)
    expect((await dispatch({ return_run_details: true }, made)).status).toBe(204)
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`i${n}`, 'x']))
    expect((await dispatch({ inputs: eleven }, made)).status).toBe(422)
    const strict = await stageWith({ edition: 'ghes', undocumented: { unknownDispatchMember: 'refused' } })
    expect((await dispatch({ return_run_details: true }, strict)).status).toBe(422)
  })

  it('can be missing from lists for a time', async () => {
    const made = await stageWith({ undocumented: { listLagMs: 5000 } })
    await dispatch({}, made)
    expect((await call(made)(ROUTES.runs)).data.total_count).toBe(0)
    made.github.advance({ seconds: 5 })
    expect((await call(made)(ROUTES.runs)).data.total_count).toBe(1)
  })
})

describe('a repository dispatch', () => {
  const LISTEN =
    'on: { repository_dispatch: { types: [approved] } }\nrun-name: For ${{ github.event.client_payload.change }}\njobs: { a: {} }\n'

  it('starts what listens for the type on the default branch, and tells nothing', async () => {
    world.shop.commit({ files: { '.github/workflows/listen.yml': LISTEN } })
    const body = { event_type: 'approved', client_payload: { change: 'CHG0030001' } }
    expect((await call()(ROUTES.dispatchEvent, body)).status).toBe(204)
    expect((await call()(ROUTES.dispatchEvent, { ...body, event_type: 'other' })).status).toBe(204)
    expect(world.shop.runs.map(({ title, sha }) => [title, sha])).toEqual([
      ['For CHG0030001', world.shop.sha()]
    ])
  })

  it.each([
    ['101 characters of the type', { event_type: 'a'.repeat(101) }],
    ['an empty type', { event_type: '' }],
    [
      'eleven keys',
      { client_payload: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, n])) }
    ],
    ['65 536 characters', { client_payload: { a: 'a'.repeat(65_536) } }]
  ])('with %s gets 422', async (_, body) => {
    expect((await call()(ROUTES.dispatchEvent, { event_type: 'approved', ...body })).status).toBe(422)
  })

  it('needs contents: write', async () => {
    const token = world.app.install('acme').token({ permissions: { actions: 'write', contents: 'read' } })
    const refused = await client(world.github, token)(ROUTES.dispatchEvent, { event_type: 'approved' })
    expect([refused.status, refused.headers['x-accepted-github-permissions']]).toEqual([
      403,
      'contents=write'
    ])
  })
})

describe('lists of runs', () => {
  it('can be filtered, and refuse what is no status', async () => {
    world.shop.run('deploy.yml').finish('build')
    const checked = world.shop.run('check.yml').finish('check', 'failure')
    const total = async (query: object) => (await call()(ROUTES.runs, { ...query })).data.total_count
    expect(await total({ status: 'waiting' })).toBe(1)
    expect(await total({ status: 'failure' })).toBe(1)
    expect(await total({ head_sha: checked.sha, branch: 'main', event: 'push', actor: 'olivia' })).toBe(2)
    expect(await total({ created: `>${new Date(world.github.now() + 60_000).toISOString()}` })).toBe(0)
    expect((await call()(ROUTES.runs, { status: 'sleeping' })).status).toBe(422)
    expect((await call()(ROUTES.runs, { status: 'startup_failure' })).status).toBe(422)
  })

  it('lose a run that is deleted', async () => {
    const run = world.shop.run('check.yml')
    run.remove()
    expect((await call()(ROUTES.run, { run_id: run.id })).status).toBe(404)
  })

  it('refuse to cancel a run that is completed', async () => {
    const run = world.shop.run('check.yml')
    const cancel = () => call()('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel', { run_id: run.id })
    expect((await cancel()).status).toBe(202)
    expect(run.conclusion).toBe('cancelled')
    expect((await cancel()).status).toBe(409)
  })
})
