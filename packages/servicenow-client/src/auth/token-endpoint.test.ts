import { describe, expect, it } from '@jest/globals'
import { json } from '../testing/loopback.ts'
import { problemOf } from '../testing/options.ts'
import { get, OAUTH, patch, type Respond, usePipelines } from '../testing/pipelines.ts'

const pipelineTo = usePipelines()

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
