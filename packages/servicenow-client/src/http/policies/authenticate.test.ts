import { describe, expect, it } from '@jest/globals'
import { json, type Seen } from '../../testing/loopback.ts'
import { problemOf } from '../../testing/options.ts'
import { get, OAUTH, patch, type Respond, usePipelines } from '../../testing/pipelines.ts'
import type { PipelineOptions } from '../options.ts'

const pipelineTo = usePipelines()

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
    const told: unknown[] = []
    const { pipeline, seen, options } = await withTokens(
      ({ headers }, tokens) => headers.authorization === `Bearer token-${tokens}` && (tokens > 1 || !revoked),
      { onEvent: event => event.type === 'attempt-ended' && void told.push([event.attempt, event.resigned]) }
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
    expect(told).toEqual([
      [1, undefined],
      [1, undefined],
      [1, undefined],
      [1, undefined],
      [1, true]
    ])
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
