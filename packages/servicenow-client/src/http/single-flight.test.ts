import { expect, it } from '@jest/globals'
import { SingleFlight } from './single-flight.ts'

/** A read whose answers come when the test says so. */
function slow() {
  const answers: { resolve: (value: number) => void; reject: (error: Error) => void }[] = []
  const fresh = new SingleFlight(
    () => new Promise<number>((resolve, reject) => void answers.push({ resolve, reject }))
  )
  return { fresh, answers }
}

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

it('who asks while a read is under way shares the next one, which leaves later than he asked', async () => {
  const { fresh, answers } = slow()
  const first = fresh.get('a')
  const [second, third] = [fresh.get('a'), fresh.get('a')]
  await turn()
  expect(answers).toHaveLength(1)
  answers[0]?.resolve(1)
  expect(await first).toBe(1)
  await turn()
  expect(answers).toHaveLength(2)
  answers[1]?.resolve(2)
  expect(await Promise.all([second, third])).toEqual([2, 2])
  const fourth = fresh.get('a')
  expect(answers).toHaveLength(3)
  answers[2]?.resolve(3)
  expect(await fourth).toBe(3)
})

it('a failed read fails those who share it, and not those who wait for the next', async () => {
  const { fresh, answers } = slow()
  const first = fresh.get('a')
  const second = fresh.get('a')
  answers[0]?.reject(new Error('503'))
  await expect(first).rejects.toThrow('503')
  await turn()
  answers[1]?.resolve(2)
  expect(await second).toBe(2)
})

it('different things are read side by side', () => {
  const { fresh, answers } = slow()
  void fresh.get('a')
  void fresh.get('b')
  expect(answers).toHaveLength(2)
})
