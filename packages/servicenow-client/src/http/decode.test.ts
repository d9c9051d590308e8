import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/options.ts'
import { get, patch, usePipelines } from '../testing/pipelines.ts'

const pipelineTo = usePipelines()
const BODY = Buffer.from(JSON.stringify({ result: 'grün '.repeat(5_000) }))

const answer = (response: ServerResponse, encoding: string, body: Buffer, status = 200) =>
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Encoding': encoding }).end(body)

describe('a response that something on the way compressed', () => {
  it.each([
    ['gzip', gzipSync(BODY)],
    ['x-gzip', gzipSync(BODY)],
    ['GZIP', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['deflate', deflateRawSync(BODY)],
    ['br', brotliCompressSync(BODY)],
    ['gzip, br', brotliCompressSync(gzipSync(BODY))],
    ['identity', BODY],
    ['identity, gzip', gzipSync(BODY)]
  ])('with %s is read', async (encoding, body) => {
    const { pipeline, seen } = await pipelineTo((_, response) => answer(response, encoding, body))
    expect(await pipeline.request(get())).toEqual(JSON.parse(BODY.toString()))
    expect(seen[0]?.headers['accept-encoding']).toBeUndefined()
  })

  it('is judged like any other: an error has its own words', async () => {
    const error = gzipSync(JSON.stringify({ error: { message: 'No Record found' }, status: 'failure' }))
    const { pipeline } = await pipelineTo((_, response) => answer(response, 'gzip', error, 404))
    expect((await problemOf('not-found', pipeline.request(get()))).facts.message).toBe('No Record found')
  })

  it('that is an error and cannot be read is judged by its status', async () => {
    const { pipeline, seen } = await pipelineTo(
      (_, response, before) => answer(response, 'zstd', BODY, before === 0 ? 503 : 403),
      { maxRetries: 1 }
    )
    const { facts } = await problemOf('forbidden', pipeline.request(get()))
    expect(facts.message).toContain('Content-Encoding "zstd"')
    expect(seen).toHaveLength(2)
  })

  it('may have no body', async () => {
    const { pipeline } = await pipelineTo((_, response) =>
      response.writeHead(204, { 'Content-Encoding': 'gzip' }).end()
    )
    expect(await pipeline.request(get())).toBeUndefined()
  })

  it.each([
    ['gzip', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['br', brotliCompressSync(BODY)]
  ])('with %s, and cut short, is tried again', async (encoding, body) => {
    const { pipeline, seen } = await pipelineTo(
      (_, response, before) =>
        answer(response, encoding, before === 0 ? body.subarray(0, body.length - 9) : body),
      { maxRetries: 1 }
    )
    await pipeline.request(get())
    expect(seen).toHaveLength(2)
  })

  it.each([
    ['zstd', BODY, /has the Content-Encoding "zstd", which no request asks for/],
    ['constructor', BODY, /has the Content-Encoding "constructor"/],
    ['gzip', BODY, /has the Content-Encoding "gzip", and its body is something else/],
    ['gzip, gzip, gzip, gzip', BODY, /is compressed 4 times/]
  ])('with %s that cannot be read says so, once', async (encoding, body, message) => {
    const { pipeline, seen } = await pipelineTo((_, response) => answer(response, encoding, body), {
      maxRetries: 2
    })
    const problem = await problemOf('unexpected', pipeline.request(patch()))
    expect(problem.facts).toMatchObject({ status: 200, message: expect.stringMatching(message) })
    // The write itself may have been carried out.
    expect(problem.committed).toBe('maybe')
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['gzip', gzipSync(Buffer.alloc(17 * 1024 * 1024))],
    ['br', brotliCompressSync(Buffer.alloc(17 * 1024 * 1024))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(17 * 1024 * 1024)))]
  ])('with %s that is too long when it is decompressed is a problem of its own', async (encoding, body) => {
    const { pipeline, seen } = await pipelineTo((_, response) => answer(response, encoding, body), {
      maxRetries: 2
    })
    const problem = await problemOf('response-too-long', pipeline.request(patch()))
    expect(problem.facts).toMatchObject({ status: 200, message: 'the response is longer than 16 MiB' })
    expect(problem.committed).toBe('maybe')
    expect(seen).toHaveLength(1)
  })

  it('that is an error, and too long, is judged by its status', async () => {
    const { pipeline } = await pipelineTo((_, response) =>
      answer(response, 'gzip', gzipSync(Buffer.alloc(17 * 1024 * 1024)), 403)
    )
    expect((await problemOf('forbidden', pipeline.request(get()))).facts.message).toContain('16 MiB')
  })
})
