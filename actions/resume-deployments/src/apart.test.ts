import { expect, it } from '@jest/globals'
import { pauseApart } from './apart.ts'

it('is the same for a sweep and a change, another one in another sweep, and below five seconds', () => {
  const pauses = Array.from({ length: 50 }, (_, n) => pauseApart(`${n} 1`, 'c0ffee'))
  expect(pauseApart('7 1', 'c0ffee')).toBe(pauses[7])
  expect(new Set(pauses).size).toBeGreaterThan(40)
  for (const pause of pauses) {
    expect(pause).toBeGreaterThanOrEqual(0)
    expect(pause).toBeLessThan(5_000)
  }
})
