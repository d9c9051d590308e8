/** Rate limits, ETags and pages. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Github, startGithub } from './github.ts'
import { client, ROUTES, type Stage, stage } from './kit.ts'
import type { GithubOptions } from './settings.ts'

const started: Github[] = []
afterEach(async () => {
  for (const github of started.splice(0)) await github.stop()
})

async function limited(
  rateLimits: GithubOptions['rateLimits'] = {},
  more: GithubOptions = {}
): Promise<Stage> {
  const made = await stage({ rateLimits, ...more })
  started.push(made.github)
  return made
}

const REPOSITORY = 'GET /repos/{owner}/{repo}'

describe('the primary limit', () => {
  it('is counted for each owner, and told in every response', async () => {
    const { github, shop, token, app } = await limited()
    const headersOf = async (auth?: string) => (await client(github, auth)(REPOSITORY)).headers
    const job = github.token({ kind: 'job', repository: shop, permissions: {} })
    const first = github.token({ kind: 'fine-grained', user: 'anna', permissions: {} })
    const second = github.token({ kind: 'classic', user: 'anna', scopes: ['repo'] })
    expect(await headersOf(token)).toMatchObject({
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4999'
    })
    expect(await headersOf(app.install('acme').token())).toMatchObject({ 'x-ratelimit-used': '1' })
    expect(await headersOf(job)).toMatchObject({
      'x-ratelimit-limit': '1000',
      'x-ratelimit-resource': 'core'
    })
    expect(await headersOf()).toMatchObject({ 'x-ratelimit-limit': '60' })
    await headersOf(first)
    expect(await headersOf(second)).toMatchObject({ 'x-ratelimit-used': '2' })
  })

  it.each([403, 429] as const)(
    'refuses with %i and the time of the reset, and without retry-after',
    async status => {
      const { github, token } = await limited({ primary: 2, status })
      const call = client(github, token)
      expect([(await call(REPOSITORY)).status, (await call(REPOSITORY)).status]).toEqual([200, 200])
      const refused = await call(REPOSITORY)
      expect(refused.status).toBe(status)
      expect(refused.data.message).toContain('API rate limit exceeded')
      expect(refused.headers['x-ratelimit-remaining']).toBe('0')
      expect(refused.headers['retry-after']).toBeUndefined()
      const reset = Number(refused.headers['x-ratelimit-reset']) * 1000
      expect(reset - github.now()).toBeGreaterThan(3_590_000)
    }
  )

  it('ends with its hour, can be read at no cost, and can be used up by a test', async () => {
    const { github, shop } = await limited()
    const token = github.token({ kind: 'job', repository: shop, permissions: {} })
    const call = client(github, token)
    github.exhaust(token)
    expect((await call(REPOSITORY)).status).toBe(403)
    expect((await call('GET /rate_limit')).data.rate).toMatchObject({ limit: 1000, remaining: 0 })
    github.advance({ hours: 1 })
    expect((await call('GET /rate_limit')).data.rate).toMatchObject({ remaining: 1000 })
    expect((await call(REPOSITORY)).status).toBe(200)
  })

  it('is more for an installation with many repositories, and none on a GHES', async () => {
    const { github, token } = await limited()
    for (let n = 0; n < 21; n += 1) github.repository(`acme/r${n}`)
    expect((await client(github, token)(REPOSITORY)).headers['x-ratelimit-limit']).toBe('5100')
    const ghes = await startGithub({ edition: 'ghes' })
    started.push(ghes)
    ghes.repository('acme/shop', { private: false })
    const call = client(ghes, ghes.token({ kind: 'classic', user: 'anna', scopes: [] }))
    expect((await call(REPOSITORY)).headers['x-ratelimit-limit']).toBeUndefined()
    expect((await call('GET /rate_limit')).status).toBe(404)
  })
})

describe('the secondary limit', () => {
  const comment = ['POST /repos/{owner}/{repo}/dispatches', { event_type: 'go' }] as const

  it('refuses what writes too much in a minute, with retry-after', async () => {
    const { github, token } = await limited({ contentPerMinute: 2 })
    const call = client(github, token)
    expect([(await call(...comment)).status, (await call(...comment)).status]).toEqual([204, 204])
    const refused = await call(...comment)
    expect([refused.status, refused.headers['retry-after']]).toEqual([403, '60'])
    expect(refused.data.message).toContain('secondary rate limit')
    expect((await call(REPOSITORY)).status).toBe(200)
    github.advance({ seconds: 60 })
    expect((await call(...comment)).status).toBe(204)
  })

  it.each([
    [{ contentPerHour: 1 }, {}],
    [{ pointsPerMinute: 9 }, { writesAreContent: false }]
  ])('counts %j', async (limits, undocumented) => {
    const { github, token } = await limited({ ...limits, status: 429, retryAfter: false }, { undocumented })
    const call = client(github, token)
    expect((await call(...comment)).status).toBe(204)
    const refused = await call(...comment)
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, undefined])
  })

  it('refuses more requests at once than it allows', async () => {
    const { github, token } = await limited({ concurrent: 1 })
    const held = github.fault({ kind: 'held' })
    const first = client(github, token)(REPOSITORY)
    await github.waitFor(() => held.hits === 1)
    expect((await client(github, token)(REPOSITORY)).data.message).toContain('secondary rate limit')
    held.remove()
    expect((await first).status).toBe(200)
  })

  it('does not count decisions where they are no content', async () => {
    const { github, token } = await limited(
      { contentPerMinute: 0 },
      { undocumented: { writesAreContent: false } }
    )
    expect((await client(github, token)(...comment)).status).toBe(204)
  })
})

describe('an ETag', () => {
  it('makes a request cost nothing while nothing has changed', async () => {
    const { github, shop, token } = await limited()
    const run = shop.run('check.yml')
    const call = client(github, token)
    const first = await call(ROUTES.run, { run_id: run.id })
    const again = await call(ROUTES.run, { run_id: run.id, headers: { 'if-none-match': first.headers.etag } })
    expect([again.status, again.data]).toEqual([304, ''])
    expect([first, again].map(({ headers }) => headers['x-ratelimit-used'])).toEqual(['1', '1'])
    run.start('check')
    const changed = await call(ROUTES.run, {
      run_id: run.id,
      headers: { 'if-none-match': first.headers.etag }
    })
    expect([changed.status, changed.data.status]).toEqual([200, 'in_progress'])
  })

  it.each([
    [true, 200],
    [false, 304]
  ])('is different for another token: %s', async (etagPerToken, status) => {
    const { github, token, app } = await limited(false, { undocumented: { etagPerToken } })
    const { etag } = (await client(github, token)(REPOSITORY)).headers
    const other = client(github, app.install('acme').token())
    expect((await other(REPOSITORY, { headers: { 'if-none-match': etag } })).status).toBe(status)
  })
})

describe('a list', () => {
  it('comes in pages whose links lead to this server', async () => {
    const { github, shop, token } = await limited(false)
    for (let n = 0; n < 35; n += 1) shop.run('check.yml')
    const call = client(github, token)
    const first = await call(ROUTES.runs, { status: 'queued' })
    expect(first.data).toMatchObject({ total_count: 35, workflow_runs: { length: 30 } })
    const [, next = ''] = /<([^>]+)>; rel="next"/.exec(String(first.headers.link)) ?? []
    expect(next).toMatch(`${github.url}/repos/acme/shop/actions/runs?status=queued&page=2`)
    expect((await call(`GET ${next}`)).data.workflow_runs).toHaveLength(5)
    const all = await call(ROUTES.runs, { per_page: 500 })
    expect([all.data.workflow_runs.length, all.headers.link]).toEqual([35, undefined])
    expect((await call(ROUTES.runs, { per_page: 10, page: 4 })).headers.link).toMatch(
      /rel="prev".*rel="first"/
    )
  })
})
