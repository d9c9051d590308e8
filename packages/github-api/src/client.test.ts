import { describe, expect, it } from '@jest/globals'
import nock from '../../../test/nock.ts'
import type { GitHubEvent } from './client.ts'
import { API, approve, github, problemOf, RUN, readRun, TOKEN } from './testing/github.ts'

describe('a request', () => {
  it('has the token, the version of the API and the names of client and product', async () => {
    const headers: Record<string, string | undefined> = {}
    const scope = nock(API)
      .get(RUN)
      .reply(async (sent: Request) => {
        for (const name of ['authorization', 'accept', 'user-agent'])
          headers[name] = String(sent.headers.get(name))
        return [200, { status: 'queued' }]
      })
    expect(await readRun({ userAgent: 'change-actions/1.2.3' })).toEqual({ status: 'queued' })
    expect(headers).toEqual({
      authorization: `token ${TOKEN}`,
      accept: expect.stringMatching(/^application\/vnd\.github\.v3\+json/),
      'user-agent': expect.stringMatching(/^change-actions\/1\.2\.3 .*octokit-core/)
    })
    expect(scope.isDone()).toBe(true)
  })

  it('goes to the API of a GitHub Enterprise Server below its path', async () => {
    const scope = nock('https://github.acme.test').get(`/api/v3${RUN}`).reply(200, { status: 'completed' })
    await readRun({ apiUrl: 'https://github.acme.test/api/v3/' })
    expect(scope.isDone()).toBe(true)
  })

  it('is told to the listener, without query and token', async () => {
    const events: GitHubEvent[] = []
    nock(API)
      .get(`${RUN}?exclude_pull_requests=true`)
      .reply(200, {}, { 'x-ratelimit-remaining': '41', 'x-github-request-id': 'A1:B2' })
    const octokit = await github({ listen: event => void events.push(event) })
    const run = { owner: 'acme', repo: 'shop', run_id: 7, exclude_pull_requests: true }
    await octokit.rest.actions.getWorkflowRun(run)
    const event = { kind: 'request', method: 'GET', path: RUN, status: 200, ms: 0 }
    expect(events).toEqual([{ ...event, requestId: 'A1:B2', remaining: 41 }])
  })

  it('that GitHub will stop to support is told to the listener, not to the log', async () => {
    const events: GitHubEvent[] = []
    nock(API).get(RUN).reply(200, {}, { deprecation: 'true', sunset: 'Sat, 01 Jan 2028 00:00:00 GMT' })
    await readRun({ listen: event => void events.push(event) })
    expect(events).toContainEqual({ kind: 'notice', message: expect.stringContaining('is deprecated') })
  })
})

describe('a redirect', () => {
  it('of a read within the API is followed, with the token', async () => {
    const seen: (string | null)[] = []
    nock(API).get(RUN).reply(301, {}, { location: '/repositories/5/actions/runs/7' })
    nock(API)
      .get('/repositories/5/actions/runs/7')
      .reply(async (sent: Request) => {
        seen.push(sent.headers.get('authorization'))
        return [200, { status: 'completed' }]
      })
    expect(await readRun()).toEqual({ status: 'completed' })
    expect(seen).toEqual([`token ${TOKEN}`])
  })

  it('to another host, without end, or of a write is a problem', async () => {
    const elsewhere = nock('https://evil.test').get(/.*/).reply(200, { status: 'completed' })
    nock(API).get(RUN).reply(302, '', { location: 'https://evil.test/x' })
    expect(await problemOf(readRun())).toMatchObject({ code: 'redirect', facts: { status: 302 } })
    expect(elsewhere.isDone()).toBe(false)
    nock(API).get(RUN).times(9).reply(302, '', { location: RUN })
    expect(await problemOf(readRun())).toMatchObject({ code: 'redirect' })
    nock(API).post(`${RUN}/deployment_protection_rule`).reply(307, '', { location: '/elsewhere' })
    expect(await problemOf(approve())).toMatchObject({ code: 'redirect', committed: 'no' })
  })

  it('in the address of a request itself sends nothing', async () => {
    const elsewhere = nock('https://evil.test').get('/x').reply(200, {})
    const octokit = await github()
    const problem = await problemOf(octokit.request('GET https://evil.test/x'))
    expect(problem).toMatchObject({
      code: 'redirect',
      facts: { operation: 'GET https://evil.test/x', message: 'to https://evil.test' }
    })
    expect(elsewhere.isDone()).toBe(false)
  })
})

it('a response without end is read to 16 MiB, and is no response of the API', async () => {
  let sent = 0
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1
      controller.enqueue(new Uint8Array(1024 * 1024))
    }
  })
  const fetch = async () => new Response(endless, { headers: { 'content-type': 'application/json' } })
  expect(await problemOf(readRun({ fetch }))).toMatchObject({
    code: 'not-github',
    facts: { operation: 'reading the workflow run 7', message: 'a response longer than 16 MiB' }
  })
  expect(sent).toBeLessThan(20)
})
