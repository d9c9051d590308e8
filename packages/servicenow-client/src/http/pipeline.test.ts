import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import nock from 'nock'
import { json, type Loopback, type Seen, serve } from '../testing/loopback.ts'
import { problemOf, testOptions } from '../testing/options.ts'
import { type AttemptEvent, type Call, Pipeline, type PipelineOptions, type RetryEvent } from './pipeline.ts'
import { Interrupted } from './transport.ts'

const OAUTH = { scheme: 'oauth-client-credentials', clientId: 'id', clientSecret: 'secret' } as const
const open: (() => Promise<void>)[] = []

beforeAll(() => nock.restore())
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

type Respond = (request: Seen, response: ServerResponse, before: number) => void

/** A pipeline to a loopback server that calls `respond` for each request. */
async function pipelineTo(respond: Respond, more: Partial<PipelineOptions> = {}) {
  const server: Loopback = await serve(respond)
  open.push(server.close)
  const options = testOptions(server.origin, more)
  const pipeline = new Pipeline(options)
  open.push(() => pipeline.close())
  return { server, options, pipeline, seen: server.seen }
}

function get(more: Partial<Call<unknown>> = {}): Call<unknown> {
  return { operation: 'reading a thing', method: 'GET', path: '/api/thing', read: body => body, ...more }
}

const patch = (more: Partial<Call<unknown>> = {}) => get({ method: 'PATCH', json: { a: 1 }, ...more })

describe('an expired token', () => {
  /** An instance that makes a token with each sign-in, and accepts requests by `accept`. */
  function withTokens(
    accept: (request: Seen, tokens: number) => boolean,
    more: Partial<PipelineOptions> = {}
  ) {
    let tokens = 0
    const respond: Respond = (request, response) => {
      if (request.path === '/oauth_token.do') {
        tokens += 1
        return json(response, 200, {
          access_token: `token-${tokens}`,
          expires_in: 1799,
          token_type: 'Bearer'
        })
      }
      if (accept(request, tokens)) return json(response, 200, { result: request.headers.authorization })
      json(response, 401, { error: { message: 'User Not Authenticated', detail: null }, status: 'failure' })
    }
    return pipelineTo(respond, { credentials: OAUTH, maxRetries: 3, ...more })
  }

  it('is renewed by one sign-in, also for a write', async () => {
    let revoked = false
    const { pipeline, seen, options } = await withTokens(
      ({ headers }, tokens) => headers.authorization === `Bearer token-${tokens}` && (tokens > 1 || !revoked)
    )
    expect(await pipeline.request(get())).toEqual({ result: 'Bearer token-1' })
    revoked = true
    expect(await pipeline.request(patch())).toEqual({ result: 'Bearer token-2' })
    expect(seen.map(one => `${one.method} ${one.path}`)).toEqual([
      'POST /oauth_token.do',
      'GET /api/thing',
      'PATCH /api/thing',
      'POST /oauth_token.do',
      'PATCH /api/thing'
    ])
    expect(options.pauses).toEqual([])
    expect(options.secrets).toEqual(['token-1', 'token-2'])
  })

  it('that is refused again after a sign-in means that the credentials are wrong', async () => {
    const { pipeline, seen } = await withTokens(() => false)
    const problem = await problemOf('credentials', pipeline.request(get()))
    expect(problem.facts).toMatchObject({ operation: 'reading a thing', status: 401 })
    expect(seen.map(one => one.path)).toEqual([
      '/oauth_token.do',
      '/api/thing',
      '/oauth_token.do',
      '/api/thing'
    ])
  })

  it('of the scheme bearer cannot be renewed and fails at once', async () => {
    const { pipeline, seen } = await withTokens(() => false, {
      credentials: { scheme: 'bearer', token: 'old' }
    })
    await problemOf('credentials', pipeline.request(get()))
    expect(seen).toHaveLength(1)
  })

  it('is fetched once for requests in parallel', async () => {
    const { pipeline, seen } = await withTokens(() => true)
    await Promise.all([pipeline.request(get()), pipeline.request(get()), pipeline.request(get())])
    expect(seen.filter(one => one.path === '/oauth_token.do')).toHaveLength(1)
  })
})

describe('signing in', () => {
  it.each([400, 401, 403])('that is refused with %s is not retried', async status => {
    const { pipeline, seen, server } = await pipelineTo(
      (_, response) => json(response, status, { error_description: 'access_denied', error: 'server_error' }),
      { credentials: OAUTH, maxRetries: 3 }
    )
    const problem = await problemOf('sign-in', pipeline.request(get()))
    expect(problem.facts).toEqual({
      operation: `signing in at 127.0.0.1:${server.port}/oauth_token.do`,
      status,
      message: 'server_error: access_denied'
    })
    expect(problem.retry.temporary).toBe(false)
    expect(problem.cause).toMatchObject({ name: 'Problem', facts: { status } })
    expect(seen).toHaveLength(1)
  })

  it.each<[string, Respond]>([
    ['JSON', (_, response) => json(response, 404, { error: { message: 'No such path' } })],
    ['a page', (_, response) => response.writeHead(404, { 'Content-Type': 'text/html' }).end('none')]
  ])('where the token endpoint is missing (404 as %s) is a problem of its own', async (_, respond) => {
    const { pipeline, seen } = await pipelineTo(respond, { credentials: OAUTH, maxRetries: 3 })
    const problem = await problemOf('sign-in-missing', pipeline.request(get()))
    expect(problem).toMatchObject({ facts: { status: 404 }, retry: { temporary: false }, committed: 'no' })
    expect(seen).toHaveLength(1)
  })

  it('from an address that is not allowed says so', async () => {
    const { pipeline } = await pipelineTo(
      (_, response) => json(response, 403, { error: { message: 'Your IP address is not allowed' } }),
      { credentials: OAUTH }
    )
    expect((await problemOf('ip-list', pipeline.request(get()))).committed).toBe('no')
  })

  it('at a sleeping instance says so', async () => {
    const { pipeline } = await pipelineTo(
      (_, response) =>
        response
          .writeHead(200, { 'Content-Type': 'text/html' })
          .end('<title>Instance Hibernating page</title>'),
      { credentials: OAUTH, maxRetries: 3 }
    )
    await problemOf('hibernating', pipeline.request(get()))
  })

  it('without a token in the response is not a success', async () => {
    const { pipeline } = await pipelineTo((_, response) => json(response, 200, { expires_in: 1799 }), {
      credentials: OAUTH
    })
    const problem = await problemOf('unexpected', pipeline.request(get()))
    expect(problem.facts).toMatchObject({ status: 200, message: 'the response holds no access token' })
  })

  it('with a temporary error is tried again', async () => {
    const { pipeline } = await pipelineTo(
      (request, response, before) => {
        if (before === 0) return json(response, 503, { error: { message: 'starting' } })
        json(response, 200, request.path === '/oauth_token.do' ? { access_token: 't' } : { result: 1 })
      },
      { credentials: OAUTH, maxRetries: 1 }
    )
    expect(await pipeline.request(get())).toEqual({ result: 1 })
  })

  it('with a temporary error has sent nothing, so that even a write is tried again', async () => {
    const { pipeline, options } = await pipelineTo(
      (_, response) => json(response, 503, { error: { message: 'starting' } }, { 'Retry-After': '2' }),
      { credentials: OAUTH, maxRetries: 1 }
    )
    const problem = await problemOf('unavailable', pipeline.request(patch()))
    expect(problem).toMatchObject({ retry: { temporary: true, afterMs: 2_000 }, committed: 'no' })
    expect(problem.cause).toMatchObject({ code: 'unavailable', committed: 'maybe' })
    expect(options.pauses).toEqual([2_000])
  })
})

describe('a request', () => {
  it('uses open connections again', async () => {
    const ports = new Set<number | undefined>()
    const { pipeline } = await pipelineTo((_, response) => {
      ports.add(response.socket?.remotePort)
      json(response, 200, { result: 'there' })
    })
    for (let n = 0; n < 5; n += 1) await pipeline.request(get())
    expect(ports.size).toBe(1)
    await Promise.all(Array.from({ length: 4 }, () => pipeline.request(get())))
    await Promise.all(Array.from({ length: 4 }, () => pipeline.request(get())))
    expect(ports.size).toBeLessThanOrEqual(4)
  })

  it('keeps no cookies, because a session would mix accounts', async () => {
    const { pipeline, seen } = await pipelineTo((_, response) =>
      json(response, 200, {}, { 'Set-Cookie': 'JSESSIONID=1; Path=/; HttpOnly' })
    )
    await pipeline.request(get())
    await pipeline.request(get())
    expect(seen.map(one => one.headers.cookie)).toEqual([undefined, undefined])
  })

  it('encodes its query', async () => {
    const { pipeline, seen } = await pipelineTo((_, response) => json(response, 200, {}))
    const query = { sysparm_query: 'name=R&D + Größe #1?^active=true', file: 'a/b%20c.txt' }
    await pipeline.request(get({ query }))
    expect(Object.fromEntries(seen[0]?.query ?? [])).toEqual(query)
    expect(seen[0]?.url).toBe(
      '/api/thing?sysparm_query=name%3DR%26D%20%2B%20Gr%C3%B6%C3%9Fe%20%231%3F%5Eactive%3Dtrue&file=a%2Fb%2520c.txt'
    )
  })

  it('that gets no response in time says which host and how long', async () => {
    const { pipeline, server } = await pipelineTo(() => undefined, { requestTimeoutMs: 50 })
    const problem = await problemOf('request-timeout', pipeline.request(get()))
    expect(problem.facts).toEqual({
      operation: 'reading a thing',
      status: 'timeout',
      message: `127.0.0.1:${server.port}: no complete response within 0.05 s`
    })
  })

  it('that writes is refused before it is sent in a dry run', async () => {
    const { pipeline, seen } = await pipelineTo((_, response) => json(response, 200, { result: 1 }), {
      readOnly: true
    })
    await expect(pipeline.request(patch())).rejects.toThrow('a dry run must not write')
    await expect(pipeline.request(patch({ method: 'POST', idempotent: true }))).rejects.toThrow(
      'must not write'
    )
    expect(await pipeline.request(get())).toEqual({ result: 1 })
    expect(seen).toHaveLength(1)
  })

  it('ends with the signal of its caller and is not sent again', async () => {
    const stop = new AbortController()
    const { pipeline, seen } = await pipelineTo(() => stop.abort(), { signal: stop.signal, maxRetries: 3 })
    await expect(pipeline.request(get())).rejects.toBeInstanceOf(Interrupted)
    expect(seen).toHaveLength(1)
  })
})

describe('retries', () => {
  const failing =
    (times: number, status: number, headers: Record<string, string> = {}): Respond =>
    (_, response, before) =>
      before < times
        ? json(response, status, { error: { message: 'x', detail: 'y' } }, headers)
        : json(response, 200, { result: 'there' })

  it('are counted, and reported without query, headers or bodies', async () => {
    const attempts: AttemptEvent[] = []
    const retries: RetryEvent[] = []
    let clock = 0
    const { pipeline, options } = await pipelineTo(failing(2, 503), {
      maxRetries: 4,
      now: () => (clock += 5),
      onAttempt: event => void attempts.push(event),
      onRetry: event => void retries.push(event)
    })
    expect(await pipeline.request(get({ query: { secret: 'x' } }))).toEqual({ result: 'there' })
    expect(options.pauses).toEqual([500, 1_000])
    expect(pipeline.stats).toEqual({ requests: 3, requestErrors: 2 })
    expect(attempts.map(({ ms: _, ...rest }) => rest)).toEqual([
      { method: 'GET', path: '/api/thing', status: 503, attempt: 1 },
      { method: 'GET', path: '/api/thing', status: 503, attempt: 2 },
      { method: 'GET', path: '/api/thing', status: 200, attempt: 3 }
    ])
    expect(attempts.every(({ ms }) => ms > 0)).toBe(true)
    expect(retries.map(({ problem, ...rest }) => ({ ...rest, code: problem.code }))).toEqual([
      { operation: 'reading a thing', attempt: 1, of: 5, pauseMs: 500, code: 'unavailable' },
      { operation: 'reading a thing', attempt: 2, of: 5, pauseMs: 1_000, code: 'unavailable' }
    ])
  })

  it('wait as long as the instance asks', async () => {
    const { pipeline, options } = await pipelineTo(failing(1, 429, { 'Retry-After': '7' }), { maxRetries: 1 })
    await pipeline.request(patch())
    expect(options.pauses).toEqual([7_000])
  })

  it('of one request hold back the others', async () => {
    let now = Date.UTC(2026, 10, 21, 12)
    const pauses: number[] = []
    const sleep = async (ms: number) => {
      pauses.push(ms)
      now += ms
    }
    const { pipeline, seen } = await pipelineTo(failing(1, 429, { 'Retry-After': '7' }), {
      maxRetries: 0,
      now: () => now,
      sleep
    })
    await problemOf('rate-limit', pipeline.request(get()))
    await pipeline.request(get())
    await pipeline.request(get())
    expect(pauses).toEqual([7_000])
    expect(seen).toHaveLength(3)
  })

  it('do not wait longer than a minute; the problem says when the limit resets', async () => {
    const now = Date.UTC(2026, 10, 21, 12)
    const { pipeline, options } = await pipelineTo(failing(9, 429, { 'Retry-After': '3600' }), {
      maxRetries: 4,
      now: () => now
    })
    const problem = await problemOf('rate-limit', pipeline.request(get()))
    expect(problem.facts).toMatchObject({ status: 429, resetsAt: Date.UTC(2026, 10, 21, 13) })
    expect(problem.retry).toEqual({ temporary: true, afterMs: 3_600_000 })
    expect(options.pauses).toEqual([])
  })

  it('of one call can be fewer', async () => {
    const { pipeline, seen } = await pipelineTo(failing(9, 503), { maxRetries: 4 })
    await problemOf('unavailable', pipeline.request(get({ maxRetries: 0 })))
    expect(seen).toHaveLength(1)
  })

  it('of uploads that timed out together go out one at a time', async () => {
    let [current, max, slow] = [0, 0, 4]
    const { pipeline, seen } = await pipelineTo(
      (_, response) => {
        // The first four get no response, as over a line too slow for all of them.
        if (slow-- > 0) return
        current += 1
        max = Math.max(max, current)
        // Long enough for the others to come as well, if they were sent.
        setTimeout(() => {
          current -= 1
          json(response, 201, {})
        }, 20)
      },
      { maxRetries: 4, requestTimeoutMs: 500 }
    )
    const upload = (): Call<unknown> =>
      get({
        method: 'POST',
        stream: { size: 3, open: () => Readable.from([Buffer.from('abc')]) },
        check: async () => undefined
      })
    await Promise.all([upload(), upload(), upload(), upload()].map(call => pipeline.request(call)))
    expect({ max, sent: seen.length }).toEqual({ max: 1, sent: 8 })
  })

  it('are not made of a write that may have been carried out and cannot be checked', async () => {
    const { pipeline, seen } = await pipelineTo(failing(9, 503), { maxRetries: 4 })
    expect((await problemOf('unavailable', pipeline.request(patch()))).committed).toBe('maybe')
    expect(seen).toHaveLength(1)
  })

  it('open a file again', async () => {
    const { pipeline, seen } = await pipelineTo(failing(1, 503), { maxRetries: 1 })
    let opened = 0
    const stream = {
      size: 4,
      open: () => {
        opened += 1
        return Readable.from([Buffer.from('data')])
      }
    }
    const check = async () => undefined
    const call = get({ method: 'POST', stream, contentType: 'text/plain', check })
    expect(await pipeline.request(call)).toEqual({ result: 'there' })
    expect(opened).toBe(2)
    expect(seen.map(one => one.body.toString())).toEqual(['data', 'data'])
    expect(seen[1]?.headers['content-type']).toBe('text/plain')
  })

  it('follow a response that was cut short', async () => {
    const { pipeline } = await pipelineTo(
      (_, response, before) => {
        if (before > 0) return json(response, 200, { result: 'whole' })
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '500' })
        response.write('{"result":[', () => response.destroy())
      },
      { maxRetries: 1 }
    )
    expect(await pipeline.request(get())).toEqual({ result: 'whole' })
  })
})

describe('the clock of the instance', () => {
  const NOW = Date.UTC(2026, 10, 21, 12)
  const pipelineAt = (date: Date, more: Partial<PipelineOptions> = {}) =>
    pipelineTo((_, response) => json(response, 200, {}, { Date: date.toUTCString() }), {
      now: () => NOW,
      ...more
    })

  it('is the runner’s until the first response', async () => {
    const { pipeline } = await pipelineAt(new Date(NOW))
    expect(pipeline.instanceNow()).toBe(NOW)
  })

  it.each([600_000, -600_000])('is used when it differs by %d ms', async away => {
    const { pipeline } = await pipelineAt(new Date(NOW + away))
    await pipeline.request(get())
    expect(pipeline.instanceNow()).toBe(NOW + away)
  })

  it('is the runner’s when it differs by less than its resolution', async () => {
    const { pipeline } = await pipelineAt(new Date(NOW - 1_000))
    await pipeline.request(get())
    expect(pipeline.instanceNow()).toBe(NOW)
  })

  it('is not taken from a slow response', async () => {
    let now = NOW
    const { pipeline } = await pipelineAt(new Date(NOW + 600_000), { now: () => (now += 11_000) })
    await pipeline.request(get())
    expect(pipeline.instanceNow()).toBeLessThan(NOW + 60_000)
  })
})
