import { describe, expect, it } from '@jest/globals'
import { batch } from './batch.ts'

describe('questions of one turn', () => {
  const asked: string[][] = []
  const lengthOf = batch(async keys => {
    asked.push([...keys])
    if (keys.includes('bad')) throw new Error('no answer')
    return new Map(keys.filter(key => key !== 'unknown').map(key => [key, key.length]))
  }, 0)

  it('go out together, each once, and each gets its own answer', async () => {
    await expect(Promise.all(['risk', 'impact', 'risk', 'unknown'].map(lengthOf))).resolves.toEqual([
      4, 6, 4, 0
    ])
    expect(asked).toEqual([['risk', 'impact', 'unknown']])
  })

  it('fail together, and may be asked again', async () => {
    const both = await Promise.allSettled(['bad', 'risk'].map(lengthOf))
    expect(both.map(one => one.status)).toEqual(['rejected', 'rejected'])
    await expect(lengthOf('risk')).resolves.toBe(4)
  })
})
