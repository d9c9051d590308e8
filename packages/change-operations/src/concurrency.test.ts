import { describe, expect, it } from '@jest/globals'
import { forEachConcurrently, settleAll } from './concurrency.ts'

const soon = <T>(value: T, turns = 1): Promise<T> =>
  turns === 0
    ? Promise.resolve(value)
    : new Promise(resolve => setImmediate(resolve)).then(() => soon(value, turns - 1))
const later = (error: Error, turns: number): Promise<never> =>
  soon(undefined, turns).then(() => Promise.reject(error))

describe('settling all', () => {
  it('gives the values in order', async () => {
    expect(await settleAll([soon(1, 3), 2, soon('three')])).toEqual([1, 2, 'three'])
  })

  it('throws the first error in order, when all have ended', async () => {
    let ended = false
    const slow = soon(undefined, 5).then(() => {
      ended = true
    })
    const failing = settleAll([slow, later(new Error('first'), 3), later(new Error('second'), 1)])
    await expect(failing).rejects.toThrow('first')
    expect(ended).toBe(true)
  })
})

describe('doing a job for each', () => {
  it.each([
    [1, 1],
    [3, 3],
    [9, 5]
  ])('of five items, at most %d at once: %d', async (concurrency, expected) => {
    let current = 0
    let max = 0
    const done: [number, number][] = []
    await forEachConcurrently([10, 11, 12, 13, 14], concurrency, async (item, n) => {
      current += 1
      max = Math.max(max, current)
      await soon(undefined, 2)
      current -= 1
      done.push([item, n])
    })
    expect(max).toBe(expected)
    expect(done).toEqual([10, 11, 12, 13, 14].map((item, n) => [item, n]))
  })

  it('begins no further one after a failure, and throws the first in order', async () => {
    const begun: number[] = []
    const job = async (item: number) => {
      begun.push(item)
      await later(new Error(`failed ${item}`), 5 - item)
    }
    await expect(forEachConcurrently([1, 2, 3, 4], 2, job)).rejects.toThrow('failed 1')
    expect(begun).toEqual([1, 2])
  })
})
