import { expect, it } from '@jest/globals'
import { once } from './memoize.ts'

it('asks once for the same thing, also while the answer is on its way', async () => {
  const asked: string[] = []
  const ask = memoize(async (kind: string, text: string) => {
    asked.push(`${kind} ${text}`)
    return asked.length
  })
  expect(await Promise.all([ask('user', 'anna'), ask('user', 'anna'), ask('group', 'anna')])).toEqual([
    1, 1, 2
  ])
  expect(await ask('user', 'anna')).toBe(1)
  expect(asked).toEqual(['user anna', 'group anna'])
})

it('asks again after a failure', async () => {
  let fail = true
  const ask = memoize(async (text: string) => {
    if (fail) throw new Error('503')
    return text
  })
  await expect(ask('anna')).rejects.toThrow('503')
  fail = false
  expect(await ask('anna')).toBe('anna')
})
