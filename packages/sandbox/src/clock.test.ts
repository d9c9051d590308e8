import { describe, expect, it } from '@jest/globals'
import { createManualClock } from './clock.ts'

describe('a clock that a test moves', () => {
  it('runs tasks in the order of their time, each at its time', () => {
    const clock = createManualClock(1_000)
    const ran: string[] = []
    const note = (name: string) => () => void ran.push(`${name} at ${clock.now()}`)
    clock.after(300, note('late'))
    clock.after(100, () => {
      note('early')()
      clock.after(50, note('nested'))
    })
    clock.after(500, note('later'))
    clock.advance(400)
    expect(ran).toEqual(['early at 1100', 'nested at 1150', 'late at 1300'])
    expect(clock.now()).toBe(1_400)
  })

  it('runs tasks of the same time in the order in which they were given', () => {
    const clock = createManualClock(0)
    const ran: number[] = []
    for (const n of [1, 2, 3]) clock.after(10, () => void ran.push(n))
    clock.advance(10)
    expect(ran).toEqual([1, 2, 3])
  })

  it('does not run what was canceled', () => {
    const clock = createManualClock(0)
    const cancel = clock.after(10, () => {
      throw new Error('it was canceled')
    })
    cancel()
    clock.advance(20)
  })
})
