import { describe, expect, it } from '@jest/globals'
import { AttemptTimeout } from './transport.ts'
import { UploadLimiter } from './upload-limiter.ts'

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
})
