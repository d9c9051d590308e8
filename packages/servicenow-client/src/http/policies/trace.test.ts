import { describe, expect, it } from '@jest/globals'
import { json } from '../../testing/loopback.ts'
import { failing, get, OAUTH, usePipelines } from '../../testing/pipelines.ts'
import type { RequestEvent } from '../events.ts'
import { Interrupted } from '../transport.ts'

const pipelineTo = usePipelines()

/** An event in a line, without its time. */
function line(event: RequestEvent): string {
  switch (event.type) {
    case 'attempt-started':
      return `${event.method} ${event.path} #${event.attempt}`
    case 'attempt-ended':
      return `#${event.attempt} ${event.status} ${event.problem?.code ?? 'ok'}`
    case 'retry':
      return `retry after ${event.attempt} of ${event.of} in ${event.pauseMs} ms: ${event.problem.code}`
  }
}

describe('attempts', () => {
  it('are counted, and reported without query, headers or bodies', async () => {
    const events: RequestEvent[] = []
    let clock = 0
    const { pipeline, options } = await pipelineTo(failing(2, 503), {
      maxRetries: 4,
      now: () => (clock += 5),
      onEvent: event => void events.push(event)
    })
    expect(await pipeline.request(get({ query: { secret: 'x' } }))).toEqual({ result: 'there' })
    expect(options.pauses).toEqual([500, 1_000])
    expect(pipeline.stats).toEqual({ requests: 3, requestErrors: 2 })
    expect(events.map(line)).toEqual([
      'GET /api/thing #1',
      '#1 503 unavailable',
      'retry after 1 of 5 in 500 ms: unavailable',
      'GET /api/thing #2',
      '#2 503 unavailable',
      'retry after 2 of 5 in 1000 ms: unavailable',
      'GET /api/thing #3',
      '#3 200 ok'
    ])
    const ended = events.filter(event => event.type === 'attempt-ended')
    expect(ended.every(({ ms }) => ms > 0)).toBe(true)
    expect(events.every(({ operation }) => operation === 'reading a thing')).toBe(true)
    expect(Object.keys(ended[2] ?? {}).sort()).toEqual(
      ['attempt', 'method', 'ms', 'operation', 'path', 'problem', 'status', 'type'].sort()
    )
  })

  it('of a sign-in are reported too', async () => {
    const events: string[] = []
    const { pipeline } = await pipelineTo(
      ({ path }, response) =>
        json(response, 200, path === '/oauth_token.do' ? { access_token: 't' } : { result: 1 }),
      { credentials: OAUTH, onEvent: event => void events.push(line(event)) }
    )
    await pipeline.request(get())
    expect(events).toEqual(['POST /oauth_token.do #1', '#1 200 ok', 'GET /api/thing #1', '#1 200 ok'])
    expect(pipeline.stats).toEqual({ requests: 2, requestErrors: 0 })
  })

  it('that got no response are reported with the layer that failed', async () => {
    const events: string[] = []
    const { pipeline } = await pipelineTo(() => undefined, {
      requestTimeoutMs: 50,
      onEvent: event => void events.push(line(event))
    })
    await expect(pipeline.request(get())).rejects.toThrow('request-timeout')
    expect(events.at(-1)).toBe('#1 timeout request-timeout')
  })

  it('that the caller ended are no errors', async () => {
    const events: string[] = []
    const stop = new AbortController()
    const { pipeline } = await pipelineTo(() => stop.abort(), {
      signal: stop.signal,
      onEvent: event => void events.push(line(event))
    })
    await expect(pipeline.request(get())).rejects.toBeInstanceOf(Interrupted)
    expect(events).toEqual(['GET /api/thing #1', '#1 interrupted ok'])
    expect(pipeline.stats).toEqual({ requests: 1, requestErrors: 0 })
  })
})
