import { describe, expect, it } from '@jest/globals'
import { json } from '../../testing/loopback.ts'
import { get, usePipelines } from '../../testing/pipelines.ts'
import type { PipelineOptions } from '../options.ts'

const pipelineTo = usePipelines()

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
    const { pipeline } = await pipelineTo(
      (_, response) => {
        now += 11_000
        json(response, 200, {}, { Date: new Date(now + 600_000).toUTCString() })
      },
      { now: () => now }
    )
    await pipeline.request(get())
    expect(pipeline.instanceNow()).toBe(now)
  })
})
