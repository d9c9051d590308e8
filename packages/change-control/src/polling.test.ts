import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { nextPause, nextSlowdown, pauseAfterRefusal, SCHEDULE, YIELDING } from './polling.ts'
import { boundsOf, seeded, simulateWait } from './polling-simulation.ts'

const INTERVAL = 60_000
const growing = (elapsed: number) => nextPause(elapsed, INTERVAL)
const fixed = () => INTERVAL

describe('the pause between two polls', () => {
  it.each([
    [0, INTERVAL, 5_000],
    [25_000, INTERVAL, 5_000],
    [60_000, INTERVAL, 10_980],
    [320_000, INTERVAL, 58_560],
    [330_000, INTERVAL, 60_000],
    [86_400_000, INTERVAL, 60_000],
    [0, 2_000, 2_000],
    [86_400_000, 2_000, 2_000],
    [-5_000, INTERVAL, 5_000],
    [0, 0, 0]
  ])('after %d ms, at an interval of %d ms, is %d ms', (elapsed, interval, pause) => {
    expect(nextPause(elapsed, interval)).toBe(pause)
  })

  it('never exceeds the interval and never shrinks', () => {
    fc.assert(
      fc.property(fc.nat(1e8), fc.nat(1e6), fc.integer({ min: 0, max: 1e7 }), (elapsed, more, interval) => {
        const pause = nextPause(elapsed, interval)
        expect(pause).toBeLessThanOrEqual(interval)
        expect(pause).toBeGreaterThanOrEqual(Math.min(5_000, interval))
        expect(nextPause(elapsed + more, interval)).toBeGreaterThanOrEqual(pause)
      })
    )
  })

  it('costs at most 15 polls more than a fixed interval, however long the wait', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 * 3_600_000 }), fc.nat(3_000), (wait, latency) => {
        const more = simulateWait(wait, growing, latency).polls - simulateWait(wait, fixed, latency).polls
        expect(more).toBeLessThanOrEqual(15)
      }),
      { numRuns: 300 }
    )
  })

  it('finds an approval at most 18.3 % of the wait after it, or 5 s, and never later than the interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 * 3_600_000 }), wait => {
        const { lagMs } = simulateWait(wait, growing)
        expect(lagMs).toBeLessThanOrEqual(Math.min(INTERVAL, Math.max(5_000, 0.183 * wait) + 1))
      })
    )
  })

  it('finds it on the average within 5 s in the first 40 s, and within a tenth of the wait after that', () => {
    const { meanLagBefore40Ms, worstShareAfter40 } = boundsOf(SCHEDULE)
    expect(meanLagBefore40Ms).toBeLessThanOrEqual(5_000)
    expect(worstShareAfter40).toBeLessThanOrEqual(0.1)
  })
})

describe('giving way to others', () => {
  it('doubles the pauses on a refusal, up to a limit, and takes them back', () => {
    expect(nextSlowdown(1, true)).toBe(2)
    expect(nextSlowdown(1, false)).toBe(1)
    fc.assert(
      fc.property(fc.double({ min: 1, max: YIELDING.slowest, noNaN: true }), slowdown => {
        expect(nextSlowdown(slowdown, true)).toBeLessThanOrEqual(YIELDING.slowest)
        expect(nextSlowdown(slowdown, false)).toBeLessThanOrEqual(slowdown)
        expect(nextSlowdown(slowdown, false)).toBeGreaterThanOrEqual(1)
      })
    )
  })

  it('lets the slow gain on the fast: their rates grow by the same in the same time', () => {
    const gained = (slowdown: number) => 1 / nextSlowdown(slowdown, false) - 1 / slowdown
    expect(gained(8) / 8).toBeCloseTo(gained(4) / 4, 10)
  })

  it('polls again after what the instance told, within an interval', () => {
    fc.assert(
      fc.property(
        fc.nat(3_600_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (retryAfterMs, random) => {
          const pause = pauseAfterRefusal(10_000, retryAfterMs, INTERVAL, random)
          expect(pause).toBeGreaterThanOrEqual(retryAfterMs === 0 ? 10_000 : retryAfterMs)
          expect(pause).toBeLessThan((retryAfterMs === 0 ? 10_000 : retryAfterMs) + INTERVAL)
        }
      )
    )
  })
})

it('seeded numbers are even', () => {
  const random = seeded(7)
  const drawn = Array.from({ length: 10_000 }, () => random())
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...drawn)).toBeLessThan(1)
  expect(drawn.reduce((sum, one) => sum + one, 0) / drawn.length).toBeCloseTo(0.5, 1)
})
