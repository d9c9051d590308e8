/** Tokens and rights: who gets 401, 403 and 404. */

import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { client, ROUTES, type Stage, stage } from './kit.ts'

let world: Stage
beforeAll(async () => {
  world = await stage()
})
afterAll(() => world.github.stop())

const TOKENS = 'POST /app/installations/{installation_id}/access_tokens'
const REPOSITORY = 'GET /repos/{owner}/{repo}'

describe('an App', () => {
  it('gets a token for an hour with its JWT, narrowed as the request says', async () => {
    const { github, app, shop } = world
    github.repository('acme/other')
    const { id } = app.install('acme')
    const made = await client(github, app.jwt())(TOKENS, {
      installation_id: id,
      repositories: ['shop'],
      permissions: { actions: 'read' }
    })
    expect(made.status).toBe(201)
    expect(made.data.permissions).toEqual({ actions: 'read', metadata: 'read' })
    expect(Date.parse(made.data.expires_at) - github.now()).toBeGreaterThan(3_590_000)
    const call = client(github, made.data.token)
    expect((await call('GET /installation/repositories')).data.repositories).toMatchObject([
      { full_name: 'acme/shop' }
    ])
    expect((await call(REPOSITORY, { repo: 'other' })).status).toBe(404)
    const run = shop.run('check.yml')
    expect((await call(ROUTES.run, { run_id: run.id })).status).toBe(200)
    const refused = await call('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel', { run_id: run.id })
    expect(refused.status).toBe(403)
    expect(refused.data.message).toBe('Resource not accessible by integration')
    expect(refused.headers['x-accepted-github-permissions']).toBe('actions=write')
  })

  it('gets tokens of several hundred characters, or of forty where a test wants those', async () => {
    const { github, app } = world
    const installation = app.install('acme')
    const { data } = await client(github, app.jwt())(TOKENS, { installation_id: installation.id })
    expect(data.token).toMatch(new RegExp(`^ghs_${app.id}_[\\w-]+\\.[\\w-]+\\.[\\w-]+$`))
    expect(data.token.length).toBeGreaterThan(300)
    expect(installation.token()).toMatch(/^ghs_\w{36}$/)
    for (const token of [data.token, installation.token({ form: 'long' })]) {
      expect((await client(github, token)(REPOSITORY)).status).toBe(200)
    }
  })

  it.each([
    ['a permission that it has not', { permissions: { issues: 'write' } }],
    ['a higher level than it has', { permissions: { pull_requests: 'write' } }],
    ['a repository that it has not', { repositories: ['nowhere'] }],
    ['an unknown permission', { permissions: { actions: 'everything' } }],
    ['a repository id that it has not', { repository_ids: [1] }]
  ])('gets 422 for %s', async (_, body) => {
    const { github, app } = world
    const { id } = app.install('acme')
    expect((await client(github, app.jwt())(TOKENS, { installation_id: id, ...body })).status).toBe(422)
  })

  it('gets 404 for the installation of another App', async () => {
    const { github, app } = world
    const { id } = github.app('stranger', {}).install('acme')
    expect((await client(github, app.jwt())(TOKENS, { installation_id: id })).status).toBe(404)
  })

  const now = () => Math.floor(world.github.now() / 1000)
  it.each([
    ['expires in eleven minutes and more', () => ({ exp: now() + 700 })],
    ['has expired', () => ({ exp: now() - 1 })],
    ['was issued in the future', () => ({ iat: now() + 120 })],
    ['names an unknown App', () => ({ iss: 4711 })]
  ])('gets 401 for a JWT that %s', async (_, claims) => {
    const { github, app } = world
    expect((await client(github, app.jwt(claims()))('GET /app')).status).toBe(401)
  })

  it('may name itself by its id, and gets 401 for the signature of another key', async () => {
    const { github, app } = world
    expect((await client(github, app.jwt({ iss: app.id }))('GET /app')).data.slug).toBe('latch')
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    expect((await client(github, app.jwt({}, pem))('GET /app')).status).toBe(401)
  })

  it('cannot use its JWT for a repository, nor a token where the JWT is needed', async () => {
    const { github, app, token } = world
    expect((await client(github, app.jwt())(ROUTES.runs)).status).toBe(404)
    expect((await client(github, token)('GET /app')).status).toBe(401)
  })

  it('gets 403 for a token of a suspended installation', async () => {
    const { github, app } = world
    const installation = github.app('suspended', { actions: 'read' }).install('acme')
    installation.suspend()
    expect(() => installation.token()).toThrow('suspended')
    expect(app.install('acme').token()).toMatch(/^ghs_/)
  })
})

describe('a token', () => {
  it('expires after an hour', async () => {
    const { github, token } = await stage()
    const call = client(github, token)
    github.advance({ minutes: 59 })
    expect((await call(REPOSITORY)).status).toBe(200)
    github.advance({ minutes: 1 })
    const late = await call(REPOSITORY)
    expect([late.status, late.data.message]).toEqual([401, 'Bad credentials'])
    await github.stop()
  })

  it('is refused when it is unknown or revoked', async () => {
    const { github, app } = world
    const token = app.install('acme').token()
    expect((await client(github, 'ghs_unknown')(REPOSITORY)).status).toBe(401)
    expect((await client(github, token)('DELETE /installation/token')).status).toBe(204)
    expect((await client(github, token)(REPOSITORY)).status).toBe(401)
  })

  it('of a job has one repository and the permissions of its workflow', async () => {
    const { github, shop } = world
    github.repository('acme/other')
    const call = client(
      github,
      github.token({ kind: 'job', repository: shop, permissions: { contents: 'read' } })
    )
    expect((await call('GET /repos/{owner}/{repo}/commits')).status).toBe(200)
    expect((await call(REPOSITORY, { repo: 'other' })).status).toBe(404)
    const refused = await call(ROUTES.runs)
    expect([refused.status, refused.headers['x-accepted-github-permissions']]).toEqual([403, 'actions=read'])
    expect((await call('GET /user')).status).toBe(403)
  })

  it('of a person with chosen permissions has no more than the person', async () => {
    const { github } = world
    const permissions = { contents: 'write', actions: 'write', administration: 'write' } as const
    const reader = client(github, github.token({ kind: 'fine-grained', user: 'reader', permissions }))
    expect((await reader('GET /repos/{owner}/{repo}/commits')).status).toBe(200)
    const refused = await reader(ROUTES.dispatchEvent, { event_type: 'go' })
    expect([refused.status, refused.data.message]).toEqual([
      403,
      'Resource not accessible by personal access token'
    ])
    const stranger = client(github, github.token({ kind: 'fine-grained', user: 'stranger', permissions }))
    expect((await stranger(REPOSITORY)).status).toBe(404)
    const writer = client(github, github.token({ kind: 'fine-grained', user: 'anna', permissions }))
    expect(
      (await writer('PUT /repos/{owner}/{repo}/environments/{environment_name}', { environment_name: 'x' }))
        .status
    ).toBe(403)
  })

  it('of the classic kind needs the scope repo for a private repository', async () => {
    const { github } = world
    const withScope = client(github, github.token({ kind: 'classic', user: 'anna', scopes: ['repo'] }))
    const without = client(github, github.token({ kind: 'classic', user: 'anna', scopes: ['public_repo'] }))
    const seen = await withScope(REPOSITORY)
    expect([seen.status, seen.headers['x-oauth-scopes']]).toEqual([200, 'repo'])
    expect(seen.headers['github-authentication-token-expiration']).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/
    )
    expect((await without(REPOSITORY)).status).toBe(404)
  })
})

describe('a repository', () => {
  it('that is public can be read by everybody, and written by those with the right', async () => {
    const { github, app } = world
    const files = { 'a.txt': 'a' }
    const open = github.repository('acme/open', { private: false, files })
    const strange = client(github, github.app('reader', { actions: 'read' }).install('elsewhere').token())
    expect(
      (await strange('GET /repos/{owner}/{repo}/contents/{path}', { repo: 'open', path: 'a.txt' })).status
    ).toBe(200)
    expect((await client(github)('GET /repos/{owner}/{repo}/deployments', { repo: 'open' })).status).toBe(200)
    expect((await strange(ROUTES.dispatchEvent, { repo: 'open', event_type: 'go' })).status).toBe(403)
    const own = client(github, app.install('acme', { repositories: [open] }).token())
    expect((await own(ROUTES.dispatchEvent, { repo: 'open', event_type: 'go' })).status).toBe(204)
    expect((await own(REPOSITORY)).status).toBe(404)
  })

  it('that is not there looks the same as one that may not be seen', async () => {
    const call = client(world.github, world.token)
    expect((await call(REPOSITORY, { repo: 'nowhere' })).data).toEqual(
      (await call(REPOSITORY, { owner: 'x', repo: 'y' })).data
    )
    expect((await call(REPOSITORY, { repo: 'nowhere' })).status).toBe(404)
  })
})

describe('a request', () => {
  it('needs a user agent, a supported version of the API, and JSON', async () => {
    const { github, token } = world
    const url = `${github.url}/repos/acme/shop/dispatches`
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'test' }
    const status = async (init: RequestInit) => (await fetch(url, { method: 'POST', ...init })).status
    expect(await status({ headers: { ...headers, 'user-agent': '' } })).toBe(403)
    expect(await status({ headers: { ...headers, 'x-github-api-version': '2019-01-01' } })).toBe(400)
    expect(await status({ headers, body: '{' })).toBe(400)
    expect(await status({ headers, body: '{}' })).toBe(422)
  })
})
