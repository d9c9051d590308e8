import { expect, it } from '@jest/globals'
import { memoize } from './memoize.ts'

it('asks once for the same arguments, also while the request is under way', async () => {
  const requests: string[] = []
  const ask = memoize(async (kind: string, text: string) => {
    requests.push(`${kind} ${text}`)
    return requests.length
  })
  expect(await Promise.all([ask('user', 'anna'), ask('user', 'anna'), ask('group', 'anna')])).toEqual([
    1, 1, 2
  ])
  expect(await ask('user', 'anna')).toBe(1)
  expect(requests).toEqual(['user anna', 'group anna'])
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
