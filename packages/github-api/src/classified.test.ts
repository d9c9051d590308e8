import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import { API, AT, approve, expectNoToken, github, problemOf, RUN, readRun } from './testing/github.ts'

describe('a response that is no success', () => {
  const forbidden = (headers: Record<string, string>, message = 'no') =>
    [403, { message }, headers] as [number, object, Record<string, string>]
  const reset = String(AT / 1_000 + 90)

  it.each<[string, [number, object | string, Record<string, string>?], object]>([
    ['a bad token', [401, { message: 'Bad credentials' }], { code: 'credentials' }],
    ['not there', [404, { message: 'Not Found' }], { code: 'not-found', facts: { message: 'Not Found' } }],
    [
      'a right that the token has not',
      forbidden(
        { 'x-accepted-github-permissions': 'actions=read' },
        'Resource not accessible by integration'
      ),
      {
        code: 'no-permission',
        facts: { accepted: 'actions=read', message: 'Resource not accessible by integration', status: 403 },
        retry: { temporary: false }
      }
    ],
    [
      'single sign-on',
      forbidden({ 'x-github-sso': 'required; url=https://github.com/orgs/acme/sso' }),
      { code: 'no-permission', facts: { sso: 'required; url=https://github.com/orgs/acme/sso' } }
    ],
    [
      'the limit of an hour, by the clock of GitHub',
      forbidden({
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': reset,
        date: 'Sat, 28 Nov 2026 10:01:00 GMT'
      }),
      { code: 'rate-limit', facts: { limit: 'primary' }, retry: { temporary: true, afterMs: 30_000 } }
    ],
    [
      'the limit of an hour, by the own clock',
      [429, { message: 'no' }, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }],
      { code: 'rate-limit', facts: { limit: 'primary' }, retry: { afterMs: 90_000 } }
    ],
    [
      'the secondary limit with a time',
      forbidden({ 'retry-after': '7', 'x-ratelimit-remaining': '4000' }),
      { code: 'rate-limit', facts: { limit: 'secondary' }, retry: { temporary: true, afterMs: 7_000 } }
    ],
    [
      'the secondary limit in words',
      forbidden({}, 'You have exceeded a secondary rate limit.'),
      { code: 'rate-limit', facts: { limit: 'secondary' }, retry: { afterMs: 60_000 } }
    ],
    [
      'a value that is not allowed',
      [422, { message: 'Validation Failed', errors: [{ message: 'state is unknown' }, 'no ref'] }],
      { code: 'rejected', facts: { message: 'Validation Failed; state is unknown; no ref' } }
    ],
    ['a request that is not one', [400, { message: 'Problems parsing JSON' }], { code: 'rejected' }],
    [
      'too many requests, no more said',
      [429, { message: 'no' }],
      { code: 'rate-limit', facts: { limit: 'secondary' }, retry: { afterMs: 60_000 } }
    ],
    ['an error of GitHub', [500, { message: 'no' }], { code: 'server' }],
    ['busy', [502, '<html>'], { code: 'server', retry: { temporary: true }, committed: 'no' }],
    [
      'down for a while',
      [503, { message: 'no' }, { 'retry-after': '5' }],
      { code: 'server', retry: { temporary: true, afterMs: 5_000 } }
    ]
  ])('%s', async (_, [status, body, headers = {}], expected) => {
    nock(API)
      .get(RUN)
      .reply(status, body, { 'x-github-request-id': 'A1:B2', ...headers })
    const problem = await problemOf(readRun())
    expect(problem).toMatchObject({ name: 'GitHubProblem', ...expected })
    expect(problem.facts).toMatchObject({
      operation: 'reading the workflow run 7',
      status,
      requestId: 'A1:B2'
    })
    expectNoToken(problem)
  })

  it('to a write that may have been carried out says so', async () => {
    nock(API).post(`${RUN}/deployment_protection_rule`).reply(502, 'Bad gateway')
    expect(await problemOf(approve())).toMatchObject({
      code: 'server',
      committed: 'maybe',
      facts: { operation: 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule' }
    })
    nock(API).post(`${RUN}/deployment_protection_rule`).reply(422, { message: 'no' })
    expect(await problemOf(approve())).toMatchObject({ code: 'rejected', committed: 'no' })
  })
})

describe('a success', () => {
  it.each<[string, string, string]>([
    ['a page', '<html>', 'text/html'],
    ['half of an object', '{"status":', 'application/json; charset=utf-8'],
    ['nothing', '', 'application/json'],
    ['null', 'null', 'application/json']
  ])('that is %s is not taken for one', async (_, body, type) => {
    nock(API).get(RUN).reply(200, body, { 'content-type': type })
    expect(await problemOf(readRun())).toMatchObject({
      code: 'not-github',
      facts: { status: 200, message: expect.stringContaining(type) },
      retry: { temporary: true },
      committed: 'no'
    })
  })

  it('of a read may have no body where GitHub says so', async () => {
    nock(API).get('/repos/acme/shop/collaborators/me').reply(204)
    const octokit = await github()
    const found = octokit.rest.repos.checkCollaborator({ owner: 'acme', repo: 'shop', username: 'me' })
    await expect(found).resolves.toMatchObject({ status: 204 })
  })

  it('of a write may have no body', async () => {
    nock(API).post(`${RUN}/deployment_protection_rule`).reply(204)
    await expect(approve()).resolves.toMatchObject({ status: 204 })
  })
})

describe('no response', () => {
  const failing = (code: string, message: string) => async (): Promise<Response> => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) })
  }

  it.each<[string, string, string, boolean, string]>([
    ['wrong name', 'ENOTFOUND', 'getaddrinfo ENOTFOUND api', false, 'no'],
    ['name server busy', 'EAI_AGAIN', 'getaddrinfo EAI_AGAIN api', true, 'no'],
    ['no connection in time', 'UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error', true, 'no'],
    ['nothing listens', 'ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', true, 'no'],
    ['cut', 'UND_ERR_SOCKET', 'other side closed', true, 'maybe'],
    ['certificate', 'SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate', false, 'no'],
    [
      'proxy wants a name',
      'UND_ERR_ABORTED',
      'Proxy response (407) !== 200 when HTTP Tunneling',
      false,
      'no'
    ],
    ['proxy is busy', 'UND_ERR_ABORTED', 'Proxy response (503) !== 200 when HTTP Tunneling', true, 'no']
  ])('%s', async (_, code, message, temporary, committed) => {
    const problem = await problemOf(approve({ fetch: failing(code, message) }))
    expect(problem).toMatchObject({ code: 'network', facts: { message }, retry: { temporary }, committed })
    expectNoToken(problem)
    expect(await problemOf(readRun({ fetch: failing(code, message) }))).toMatchObject({ committed: 'no' })
  })

  it('from any of several addresses', async () => {
    const message = 'connect ECONNREFUSED'
    const several = Object.assign(new AggregateError([new Error(message)]), { code: 'ECONNREFUSED' })
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: several }))
    const problem = await problemOf(approve({ fetch }))
    expect(problem).toMatchObject({ code: 'network', facts: { message: 'ECONNREFUSED' }, committed: 'no' })
  })

  it('in time: a write may have been carried out', async () => {
    const stalled = () => new Promise<Response>(() => undefined)
    const more = { fetch: stalled, sleep: async () => undefined, timeoutMs: 300 }
    expect(await problemOf(approve(more))).toMatchObject({
      code: 'timeout',
      facts: { operation: expect.stringContaining('POST /repos'), timeoutMs: 300 },
      retry: { temporary: true },
      committed: 'maybe'
    })
    expect(await problemOf(readRun(more))).toMatchObject({ code: 'timeout', committed: 'no' })
  })
})

describe('what is no problem of GitHub', () => {
  it('is thrown as it is: a request that its caller gave up, and a mistake', async () => {
    const octokit = await github()
    const request = { signal: AbortSignal.abort() }
    const run = { owner: 'acme', repo: 'shop', run_id: 7 }
    await expect(octokit.rest.actions.getWorkflowRun({ ...run, request })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' })
    )
    octokit.hook.before('request', () => {
      throw new TypeError('a mistake')
    })
    await expect(octokit.rest.actions.getWorkflowRun(run)).rejects.toThrow(new TypeError('a mistake'))
  })
})

describe('GraphQL', () => {
  const query = (text: string) => github().then(octokit => octokit.graphql(text))
  const errors = (type: string, more: object = {}) => ({
    data: null,
    errors: [{ type, message: 'no' }],
    ...more
  })

  it('goes to the API of the same server', async () => {
    nock('https://github.acme.test')
      .post('/api/graphql')
      .reply(200, { data: { viewer: { login: 'me' } } })
    const octokit = await github({ apiUrl: 'https://github.acme.test/api/v3' })
    expect(await octokit.graphql('{ viewer { login } }')).toEqual({ viewer: { login: 'me' } })
  })

  it.each<[string, object]>([
    ['NOT_FOUND', { code: 'not-found' }],
    ['FORBIDDEN', { code: 'no-permission' }],
    ['RATE_LIMITED', { code: 'rate-limit', retry: { temporary: true, afterMs: 60_000 } }],
    ['UNPROCESSABLE', { code: 'rejected' }]
  ])('says %s with status 200', async (type, expected) => {
    nock(API)
      .post('/graphql')
      .reply(200, errors(type, { data: { viewer: null } }))
    const problem = await problemOf(query('{ viewer { login } }'))
    expect(problem).toMatchObject({ ...expected, facts: { message: 'no', status: 200 }, committed: 'no' })
  })

  it('is in doubt only when it writes', async () => {
    nock(API).post('/graphql').twice().reply(502, 'no')
    expect(await problemOf(query('{ viewer { login } }'))).toMatchObject({ code: 'server', committed: 'no' })
    const write = query('mutation { deleteRef(input: {}) { clientMutationId } }')
    expect(await problemOf(write)).toMatchObject({ code: 'server', committed: 'maybe' })
  })
})
