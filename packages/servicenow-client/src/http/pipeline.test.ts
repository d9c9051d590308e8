import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { json } from '../testing/loopback.ts'
import { problemOf } from '../testing/options.ts'
import { failing, get, patch, usePipelines } from '../testing/pipelines.ts'
import { Interrupted } from './transport.ts'

const pipelineTo = usePipelines()

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
  it('wait as long as the instance asks', async () => {
    const { pipeline, options } = await pipelineTo(failing(1, 429, { 'Retry-After': '7' }), { maxRetries: 1 })
    await pipeline.request(patch())
    expect(options.pauses).toEqual([7_000])
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
