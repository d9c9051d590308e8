import { describe, expect, it } from '@jest/globals'
import { batch } from './batch.ts'

describe('keys asked for in the same tick', () => {
  const requests: string[][] = []
  const lengthOf = batch(async keys => {
    requests.push([...keys])
    if (keys.includes('bad')) throw new Error('no response')
    return new Map(keys.filter(key => key !== 'unknown').map(key => [key, key.length]))
  }, 0)

  it('go into one request, each once, and each gets its own result', async () => {
    await expect(Promise.all(['risk', 'impact', 'risk', 'unknown'].map(lengthOf))).resolves.toEqual([
      4, 6, 4, 0
    ])
    expect(requests).toEqual([['risk', 'impact', 'unknown']])
  })

  it('fail together, and may be asked for again', async () => {
    const both = await Promise.allSettled(['bad', 'risk'].map(lengthOf))
    expect(both.map(one => one.status)).toEqual(['rejected', 'rejected'])
    await expect(lengthOf('risk')).resolves.toBe(4)
  })
})
