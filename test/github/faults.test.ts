/** Faults, the log of requests, and what fails a test loudly. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startGithub } from './github.ts'
import { client, ROUTES, type Stage, stage } from './kit.ts'

let world: Stage
beforeEach(async () => {
  world = await stage()
})
afterEach(() => world.github.stop())

const dispatch = () =>
  client(world.github, world.token)(ROUTES.dispatch, {
    workflow_id: 'deploy.yml',
    ref: 'main',
    inputs: { 'change-number': 'CHG1' }
  })
const OPERATION = 'actions/create-workflow-dispatch'

describe('a fault', () => {
  it.each([
    [{ kind: 'lost-response' }, 1],
    [{ kind: 'cut' }, 0]
  ] as const)('%j cuts the connection; runs started: %i', async (effect, runs) => {
    const fault = world.github.fault({ ...effect, operation: OPERATION })
    await expect(dispatch()).rejects.toThrow()
    expect(world.shop.runs).toHaveLength(runs)
    expect(fault.hits).toBe(1)
    expect((await dispatch()).status).toBe(204)
    expect(world.github.requests).toMatchObject([
      { status: 0, committed: runs === 1, fault: effect.kind },
      { status: 204, committed: true, fault: undefined }
    ])
  })

  it.each([
    [{ kind: 'unavailable' }, 502, 0, {}],
    [{ kind: 'unavailable', committed: true }, 502, 1, {}],
    [{ kind: 'unavailable', status: 503 }, 503, 0, {}],
    [
      { kind: 'forbidden', accepted: 'actions=write' },
      403,
      0,
      { 'x-accepted-github-permissions': 'actions=write' }
    ],
    [{ kind: 'primary-limit' }, 403, 0, { 'x-ratelimit-remaining': '0', 'retry-after': undefined }],
    [{ kind: 'secondary-limit', status: 429, retryAfterSeconds: 7 }, 429, 0, { 'retry-after': '7' }],
    [{ kind: 'secondary-limit', status: 429, retryAfterSeconds: null }, 429, 0, { 'retry-after': undefined }],
    [{ kind: 'vanished' }, 404, 0, {}]
  ] as const)('%j gets %i; runs started: %i', async (effect, status, runs, headers) => {
    world.github.fault({ ...effect, operation: OPERATION })
    const reply = await dispatch()
    expect(reply.status).toBe(status)
    for (const [name, value] of Object.entries(headers)) expect(reply.headers[name]).toBe(value)
    expect(world.shop.runs).toHaveLength(runs)
  })

  it('affects the requests that it is aimed at, and as many as it says', async () => {
    const call = client(world.github, world.token)
    world.github.fault({
      kind: 'vanished',
      operation: /rerun|get-workflow-run$/,
      when: ({ path }) => path.endsWith('/1'),
      nth: 2,
      times: 2
    })
    const statuses: number[] = []
    for (let n = 0; n < 5; n += 1) statuses.push((await call(ROUTES.run, { run_id: 1 })).status)
    expect(statuses).toEqual([404, 404, 404, 404, 404])
    expect(world.github.requests.map(({ fault }) => fault)).toEqual([
      undefined,
      'vanished',
      'vanished',
      undefined,
      undefined
    ])
  })

  it('can be removed', async () => {
    world.github.fault({ kind: 'vanished', times: Number.POSITIVE_INFINITY }).remove()
    expect((await dispatch()).status).toBe(204)
  })

  it('can hold a request until the test lets it go on, or make it slow', async () => {
    const held = world.github.fault({ kind: 'held', operation: OPERATION })
    const reply = dispatch()
    await world.github.waitFor(() => held.hits === 1)
    expect(world.shop.runs).toHaveLength(0)
    held.release()
    expect((await reply).status).toBe(204)
    world.github.fault({ kind: 'slow', ms: 20 })
    expect((await dispatch()).status).toBe(204)
  })
})

describe('the log of requests', () => {
  it('has operation, kind of the token and status, and never the token', async () => {
    const { github, token, app } = world
    await client(github, token)(ROUTES.runs)
    await client(github)(ROUTES.runs)
    await client(github, app.jwt())('GET /app')
    await client(github, 'ghs_wrong')(ROUTES.runs)
    expect(github.requests.map(({ operationId, caller, status }) => [operationId, caller, status])).toEqual([
      ['actions/list-workflow-runs-for-repo', 'installation', 200],
      ['actions/list-workflow-runs-for-repo', 'none', 404],
      ['apps/get-authenticated', 'app', 200],
      ['actions/list-workflow-runs-for-repo', 'none', 401]
    ])
    expect(JSON.stringify(github.requests)).not.toContain(token)
  })
})

describe('a defect', () => {
  /** Sends one request to a GitHub of its own, and returns what its end says. */
  async function defectOf(route: string, parameters: object): Promise<{ status: number; text: string }> {
    const { github, token } = await stage()
    const { status } = await client(github, token)(route, { ...parameters })
    const text = await github.stop().then(
      () => '',
      (error: Error) => error.message
    )
    return { status, text }
  }

  it.each([
    ['an operation that is not imitated', 'GET /repos/{owner}/{repo}/topics', {}, 'not imitated'],
    ['a query parameter that GitHub has not', ROUTES.runs, { state: 'waiting' }, 'no query parameter state'],
    [
      'a member of a body that GitHub has not',
      ROUTES.decide,
      { run_id: 1, environment_name: 'a', state: 'approved', reason: 'x' },
      'no body .reason'
    ]
  ])('is %s', async (_, route, parameters, message) => {
    const { status, text } = await defectOf(route, parameters)
    expect(status).toBe(501)
    expect(text).toContain(message)
  })

  it('is a response that does not fit the description', async () => {
    const github = await startGithub()
    const shop = github.repository('acme/shop', {
      private: false,
      files: { '.github/workflows/a.yml': 'on: push\njobs: { a: {} }\n' }
    })
    const run = shop.run('a.yml')
    Object.assign(run.job('a'), { conclusion: 'unknown' })
    expect((await client(github)(ROUTES.jobs, { run_id: run.id })).status).toBe(200)
    expect(github.defects).toEqual([
      expect.stringContaining('/jobs/0/conclusion must be equal to one of the allowed values')
    ])
    await expect(github.stop()).rejects.toThrow('defects')
  })

  it('is an expression in a workflow that is not imitated', () => {
    world.shop.commit({
      files: { '.github/workflows/a.yml': "on: push\nrun-name: ${{ format('a') }}\njobs: { a: {} }\n" }
    })
    expect(() => world.shop.run('a.yml')).toThrow('not imitated')
  })
})
