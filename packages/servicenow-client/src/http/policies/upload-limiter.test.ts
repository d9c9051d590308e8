import { Readable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { json } from '../../testing/loopback.ts'
import { get, usePipelines } from '../../testing/pipelines.ts'
import type { Call } from '../call.ts'
import { AttemptTimeout } from '../transport.ts'
import { UploadLimiter } from './upload-limiter.ts'

const pipelineTo = usePipelines()

/** Uploads that end when told, and record when they begin. */
function uploadsOf(limiter: UploadLimiter) {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const start = (name: string) =>
    limiter.run(() => {
      begun.push(name)
      return new Promise<void>((resolve, reject) =>
        ends.set(name, error => (error === undefined ? resolve() : reject(error)))
      )
    })
  const settled = () => new Promise(resolve => setImmediate(resolve))
  return { begun, start, settled, end: (name: string, error?: Error) => ends.get(name)?.(error) }
}

describe('uploads', () => {
  it('go in parallel, also after one was refused', async () => {
    const { begun, start, end, settled } = uploadsOf(new UploadLimiter())
    const first = start('a')
    void start('b')
    end('a', new Error('refused'))
    await expect(first).rejects.toThrow('refused')
    void start('c')
    await settled()
    expect(begun).toEqual(['a', 'b', 'c'])
  })

  it('go one at a time, in order, after one has timed out', async () => {
    const { begun, start, end, settled } = uploadsOf(new UploadLimiter())
    const slow = start('a')
    void start('b')
    end('a', new AttemptTimeout('no response in time'))
    await expect(slow).rejects.toBeInstanceOf(AttemptTimeout)
    void start('a again')
    void start('c')
    await settled()
    expect(begun).toEqual(['a', 'b'])
    end('b')
    await settled()
    expect(begun).toEqual(['a', 'b', 'a again'])
    end('a again')
    await settled()
    expect(begun).toEqual(['a', 'b', 'a again', 'c'])
  })

  it('go in parallel again after one has timed out alone', async () => {
    const { begun, start, end, settled } = uploadsOf(new UploadLimiter())
    const late = new AttemptTimeout('no response in time')
    const first = start('a').catch(() => undefined)
    end('a', late)
    await first
    const again = start('a again').catch(() => undefined)
    void start('b')
    void start('c')
    await settled()
    expect(begun).toEqual(['a', 'a again'])
    end('a again', late)
    await again
    await settled()
    expect(begun).toEqual(['a', 'a again', 'b', 'c'])
  })

  it('that timed out together are sent again one at a time', async () => {
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
})
