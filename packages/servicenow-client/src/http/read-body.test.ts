import type { ServerResponse } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { problemOf } from '../testing/options.ts'
import { get, patch, type Respond, usePipelines } from '../testing/pipelines.ts'

const pipelineTo = usePipelines()
const CHUNK = Buffer.alloc(1024 * 1024, 'x')

/** Sends for as long as anybody reads. @returns told when the connection has ended */
function endless(response: ServerResponse, status: number): Promise<void> {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  const more = () => {
    while (!response.destroyed && response.write(CHUNK));
  }
  response.on('drain', more)
  response.on('error', () => undefined)
  more()
  return new Promise(resolve => void response.on('close', resolve))
}

describe('a response that never ends', () => {
  it('is read to 16 MiB and ended, once: another attempt would get the same', async () => {
    let ended: Promise<void> | undefined
    const respond: Respond = (_, response) => {
      ended = endless(response, 200)
    }
    const { pipeline, seen } = await pipelineTo(respond, { maxRetries: 2 })
    const { facts } = await problemOf('response-too-long', pipeline.request(get()))
    expect(facts).toMatchObject({ status: 200, message: 'the response is longer than 16 MiB' })
    expect(seen).toHaveLength(1)
    await ended
  })

  it('leaves open whether a write was carried out', async () => {
    const { pipeline } = await pipelineTo((_, response) => void endless(response, 201))
    expect((await problemOf('response-too-long', pipeline.request(patch()))).committed).toBe('maybe')
  })

  it('and is an error is judged by its status, and its beginning', async () => {
    const { pipeline, seen } = await pipelineTo((_, response) => void endless(response, 503), {
      maxRetries: 1
    })
    const { facts } = await problemOf('unavailable', pipeline.request(get()))
    expect(facts.message).toHaveLength(300)
    expect(seen).toHaveLength(2)
  })
})

it('a response just below the limit is read', async () => {
  const text = 'y'.repeat(16 * 1024 * 1024 - 100)
  const { pipeline } = await pipelineTo((_, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ result: text }))
  )
  expect(await pipeline.request(get())).toEqual({ result: text })
})
