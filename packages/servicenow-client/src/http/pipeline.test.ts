import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import nock from 'nock'
import { ServiceNowError } from '../problems/problem.ts'
import { json, type Loopback, type Seen, serve } from '../testing/loopback.ts'
import { failure, testOptions } from '../testing/options.ts'
import { type AttemptEvent, type Call, Pipeline, type PipelineOptions, type RetryEvent } from './pipeline.ts'
import { Interrupted } from './transport.ts'

const OAUTH = { scheme: 'oauth-client-credentials', clientId: 'id', clientSecret: 'secret' } as const
const open: (() => Promise<void>)[] = []

beforeAll(() => nock.restore())
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

type Answer = (request: Seen, response: ServerResponse, before: number) => void

/** A pipeline to a loopback server that answers as told. */
async function pipelineTo(answer: Answer, more: Partial<PipelineOptions> = {}) {
  const server: Loopback = await serve(answer)
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
  /** An instance that accepts only the token it made last, and makes one a sign-in. */
  function withTokens(
    accept: (request: Seen, tokens: number) => boolean,
    more: Partial<PipelineOptions> = {}
  ) {
    let tokens = 0
    const answer: Answer = (request, response) => {
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
    return pipelineTo(answer, { credentials: OAUTH, maxRetries: 3, ...more })
  }

  it('in the middle is renewed by one fresh sign-in, even for a write', async () => {
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

  it('that is refused again ends it: the credentials are wrong', async () => {
    const { pipeline, seen } = await withTokens(() => false)
    const error = await failure(ServiceNowError, pipeline.request(get()))
    expect(error).toMatchObject({ code: 'credentials', title: 'ServiceNow 401: credentials refused' })
    expect(seen.map(one => one.path)).toEqual([
      '/oauth_token.do',
      '/api/thing',
      '/oauth_token.do',
      '/api/thing'
    ])
  })

  it('of a bearer cannot be renewed and is refused at once', async () => {
    const { pipeline, seen } = await withTokens(() => false, {
      credentials: { scheme: 'bearer', token: 'old' }
    })
    expect((await failure(ServiceNowError, pipeline.request(get()))).code).toBe('credentials')
    expect(seen).toHaveLength(1)
  })

  it('is fetched once for requests side by side', async () => {
    const { pipeline, seen } = await withTokens(() => true)
    await Promise.all([pipeline.request(get()), pipeline.request(get()), pipeline.request(get())])
    expect(seen.filter(one => one.path === '/oauth_token.do')).toHaveLength(1)
  })
})

describe('signing in', () => {
  it.each([400, 401, 403])(
    'that is refused with %s is about the OAuth application, and not retried',
    async status => {
      const { pipeline, seen } = await pipelineTo(
        (_, response) =>
          json(response, status, { error_description: 'access_denied', error: 'server_error' }),
        { credentials: OAUTH, maxRetries: 3 }
      )
      const error = await failure(ServiceNowError, pipeline.request(get()))
      expect(error).toMatchObject({ code: 'sign-in', title: `ServiceNow ${status}: OAuth sign-in refused` })
      expect(error.message).toMatch(/signing in at 127\.0\.0\.1:\d+\/oauth_token\.do/)
      expect(error.message).toContain('server_error: access_denied')
      expect(error.fix).toContain('glide.oauth.inbound.client.credential.grant_type.enabled')
      expect(seen).toHaveLength(1)
    }
  )

  it('at a sleeping instance says so', async () => {
    const { pipeline } = await pipelineTo(
      (_, response) =>
        response
          .writeHead(200, { 'Content-Type': 'text/html' })
          .end('<title>Instance Hibernating page</title>'),
      { credentials: OAUTH, maxRetries: 3 }
    )
    expect((await failure(ServiceNowError, pipeline.request(get()))).code).toBe('hibernating')
  })

  it('without a token in the answer is no success', async () => {
    const { pipeline } = await pipelineTo((_, response) => json(response, 200, { expires_in: 1799 }), {
      credentials: OAUTH
    })
    const error = await failure(ServiceNowError, pipeline.request(get()))
    expect(error.message).toContain('the answer holds no access token')
  })

  it('that fails in passing is tried again', async () => {
    const { pipeline } = await pipelineTo(
      (request, response, before) => {
        if (before === 0) return json(response, 503, { error: { message: 'starting' } })
        json(response, 200, request.path === '/oauth_token.do' ? { access_token: 't' } : { result: 1 })
      },
      { credentials: OAUTH, maxRetries: 1 }
    )
    expect(await pipeline.request(get())).toEqual({ result: 1 })
  })
})

describe('a request', () => {
  it('goes out on connections that are there already', async () => {
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

  it('keeps no cookies: a session would mix accounts', async () => {
    const { pipeline, seen } = await pipelineTo((_, response) =>
      json(response, 200, {}, { 'Set-Cookie': 'JSESSIONID=1; Path=/; HttpOnly' })
    )
    await pipeline.request(get())
    await pipeline.request(get())
    expect(seen.map(one => one.headers.cookie)).toEqual([undefined, undefined])
  })

  it('encodes its query so that nothing in it can be read otherwise', async () => {
    const { pipeline, seen } = await pipelineTo((_, response) => json(response, 200, {}))
    const query = { sysparm_query: 'name=R&D + Größe #1?^active=true', file: 'a/b%20c.txt' }
    await pipeline.request(get({ query }))
    expect(Object.fromEntries(seen[0]?.query ?? [])).toEqual(query)
    expect(seen[0]?.url).toBe(
      '/api/thing?sysparm_query=name%3DR%26D%20%2B%20Gr%C3%B6%C3%9Fe%20%231%3F%5Eactive%3Dtrue&file=a%2Fb%2520c.txt'
    )
  })

  it('that gets no answer in time says which host and how long', async () => {
    const { pipeline, server } = await pipelineTo(() => undefined, { requestTimeoutMs: 50 })
    const error = await failure(ServiceNowError, pipeline.request(get()))
    expect(error).toMatchObject({ code: 'timeout', title: 'ServiceNow timeout: no answer in time' })
    expect(error.answer).toBe(`127.0.0.1:${server.port}: no complete answer within 0.05 s`)
  })

  it('in a dry run is refused before it is sent when it writes', async () => {
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

  it('ends with the signal of its caller, and is not sent again', async () => {
    const stop = new AbortController()
    const { pipeline, seen } = await pipelineTo(() => stop.abort(), { signal: stop.signal, maxRetries: 3 })
    await expect(pipeline.request(get())).rejects.toBeInstanceOf(Interrupted)
    expect(seen).toHaveLength(1)
  })
})

describe('retries', () => {
  const failing =
    (times: number, status: number, headers: Record<string, string> = {}): Answer =>
    (_, response, before) =>
      before < times
        ? json(response, status, { error: { message: 'x', detail: 'y' } }, headers)
        : json(response, 200, { result: 'there' })

  it('are told, counted, and reported without query, headers or bodies', async () => {
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
    expect(retries.map(({ error, ...rest }) => ({ ...rest, code: error.code }))).toEqual([
      { operation: 'reading a thing', attempt: 1, of: 5, pauseMs: 500, code: 'unavailable' },
      { operation: 'reading a thing', attempt: 2, of: 5, pauseMs: 1_000, code: 'unavailable' }
    ])
  })

  it('wait as long as the instance asks', async () => {
    const { pipeline, options } = await pipelineTo(failing(1, 429, { 'Retry-After': '7' }), { maxRetries: 1 })
    await pipeline.request(patch())
    expect(options.pauses).toEqual([7_000])
  })

  it('of one request hold back the others, which would be refused as well', async () => {
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
    await failure(ServiceNowError, pipeline.request(get()))
    await pipeline.request(get())
    await pipeline.request(get())
    expect(pauses).toEqual([7_000])
    expect(seen).toHaveLength(3)
  })

  it('do not wait longer than a minute: the error says when the limit resets', async () => {
    const now = Date.UTC(2026, 10, 21, 12)
    const { pipeline, options } = await pipelineTo(failing(9, 429, { 'Retry-After': '3600' }), {
      maxRetries: 4,
      now: () => now
    })
    const error = await failure(ServiceNowError, pipeline.request(get()))
    expect(error.title).toBe('ServiceNow 429: rate limit reached')
    expect(error.fix).toContain('resets at 2026-11-21T13:00:00Z')
    expect(options.pauses).toEqual([])
  })

  it('of one call can be fewer, as a wait needs it', async () => {
    const { pipeline, seen } = await pipelineTo(failing(9, 503), { maxRetries: 4 })
    expect((await failure(ServiceNowError, pipeline.request(get({ maxRetries: 0 })))).code).toBe(
      'unavailable'
    )
    expect(seen).toHaveLength(1)
  })

  it('of uploads that ran out of time together go out one at a time', async () => {
    let [now, most, first] = [0, 0, 4]
    const { pipeline, seen } = await pipelineTo(
      (_, response) => {
        // The first four get no answer, as over a line too slow for all of them.
        if (first-- > 0) return
        now += 1
        most = Math.max(most, now)
        // Long enough for the others to come as well, if they were let.
        setTimeout(() => {
          now -= 1
          json(response, 201, {})
        }, 20)
      },
      { maxRetries: 4, requestTimeoutMs: 500 }
    )
    const upload = (): Call<unknown> =>
      get({
        method: 'POST',
        stream: { size: 3, open: () => Readable.from([Buffer.from('abc')]) },
        look: async () => undefined
      })
    await Promise.all([upload(), upload(), upload(), upload()].map(call => pipeline.request(call)))
    expect({ most, sent: seen.length }).toEqual({ most: 1, sent: 8 })
  })

  it('are not made of a write that may have happened and cannot be looked for', async () => {
    const { pipeline, seen } = await pipelineTo(failing(9, 503), { maxRetries: 4 })
    await failure(ServiceNowError, pipeline.request(patch()))
    expect(seen).toHaveLength(1)
  })

  it('open a file anew', async () => {
    const { pipeline, seen } = await pipelineTo(failing(1, 503), { maxRetries: 1 })
    let opened = 0
    const stream = {
      size: 4,
      open: () => {
        opened += 1
        return Readable.from([Buffer.from('data')])
      }
    }
    const look = async () => undefined
    const call = get({ method: 'POST', stream, contentType: 'text/plain', look })
    expect(await pipeline.request(call)).toEqual({ result: 'there' })
    expect(opened).toBe(2)
    expect(seen.map(one => one.body.toString())).toEqual(['data', 'data'])
    expect(seen[1]?.headers['content-type']).toBe('text/plain')
  })

  it('follow an answer that broke off', async () => {
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
  const ticking = (date: Date, more: Partial<PipelineOptions> = {}) =>
    pipelineTo((_, response) => json(response, 200, {}, { Date: date.toUTCString() }), {
      now: () => NOW,
      ...more
    })

  it('is ours until it has answered', async () => {
    const { pipeline } = await ticking(new Date(NOW))
    expect(pipeline.instanceNow()).toBe(NOW)
  })

  it.each([600_000, -600_000])('is followed when it is %d ms away', async away => {
    const { pipeline } = await ticking(new Date(NOW + away))
    await pipeline.request(get())
    expect(pipeline.instanceNow()).toBe(NOW + away)
  })

  it('is ours within its resolution', async () => {
    const { pipeline } = await ticking(new Date(NOW - 1_000))
    await pipeline.request(get())
    expect(pipeline.instanceNow()).toBe(NOW)
  })

  it('is not read off an answer that took long', async () => {
    let now = NOW
    const { pipeline } = await ticking(new Date(NOW + 600_000), { now: () => (now += 11_000) })
    await pipeline.request(get())
    expect(pipeline.instanceNow()).toBeLessThan(NOW + 60_000)
  })
})
