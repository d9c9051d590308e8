import { describe, expect, it } from '@jest/globals'
import { problemOf } from '../../testing/options.ts'
import { failing, get, usePipelines } from '../../testing/pipelines.ts'

const pipelineTo = usePipelines()

describe('a rate limit', () => {
  it('that one request met holds back the others', async () => {
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

  it('that is longer than the maximum pause is not waited for', async () => {
    const pauses: number[] = []
    const { pipeline, seen } = await pipelineTo(failing(1, 429, { 'Retry-After': '3600' }), {
      maxRetries: 0,
      now: () => Date.UTC(2026, 10, 21, 12),
      sleep: async ms => void pauses.push(ms)
    })
    await problemOf('rate-limit', pipeline.request(get()))
    expect(await pipeline.request(get())).toEqual({ result: 'there' })
    expect({ pauses, sent: seen.length }).toEqual({ pauses: [], sent: 2 })
  })
})
