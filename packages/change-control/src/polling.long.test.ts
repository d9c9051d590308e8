/** Plays waits against the schedule of polls; `npm run test:long` decides how many, and prints the seed. */
import { describe, expect, it, jest } from '@jest/globals'
import { type Crowd, describeCrowds, simulateCrowd } from './crowd-simulation.ts'
import { SCHEDULE } from './polling.ts'
import {
  APPROVAL_TIMES,
  compareSchedules,
  describeSchedules,
  simulateSchedules
} from './polling-simulation.ts'

const INTERVAL = 60_000
const MINUTE = 60_000

const SEED = jest.getSeed()
const isSample = process.env.LONG_TESTS === 'sample'
const WAITS = isSample ? 300 : 5_000
const CROWD_RUNS = isSample ? 1 : 60

describe('the simulation of approval times', () => {
  it('gives the same numbers in every run, and others for another seed', () => {
    expect(simulateSchedules({ waits: 200 })).toEqual(simulateSchedules({ waits: 200 }))
    expect(simulateSchedules({ waits: 200 })).not.toEqual(simulateSchedules({ waits: 200, seed: 9 }))
  })

  it.each(APPROVAL_TIMES.map(({ name }, n) => [name, n] as const))(
    '%s: no later than fixed polling on the average, for at most 15 polls more',
    (_, n) => {
      const row = simulateSchedules({ waits: WAITS, seed: SEED })[n]
      expect(row?.growing.maxMore).toBeLessThanOrEqual(15)
      expect(row?.growing.meanLagMs).toBeLessThanOrEqual((row?.fixed.meanLagMs ?? 0) * 1.1)
      expect(row?.growing.p95LagMs).toBeLessThanOrEqual(INTERVAL)
    }
  )

  it('justifies the schedule: of those within all bounds it finds early approvals soonest', () => {
    const within = compareSchedules().filter(
      one => one.maxMore <= 15 && one.worstShareAfter40 <= 0.1 && one.meanLagBefore40Ms <= 5_000
    )
    const [soonest] = within.sort((a, b) => a.meanLagBefore40Ms - b.meanLagBefore40Ms)
    expect(soonest?.schedule).toEqual(SCHEDULE)
  })

  it('is printed with every distribution and the choice marked', () => {
    const text = describeSchedules()
    for (const { name } of APPROVAL_TIMES) expect(text).toContain(name)
    expect(text).toContain('5.0 s, 18.3 % (chosen)')
  })
})

describe('a crowd that shares one limit', () => {
  const CROWD: Crowd = {
    waits: 1_000,
    limitPerMinute: 600,
    intervalMs: INTERVAL,
    startsMs: 30_000,
    approvalsMs: 60 * MINUTE
  }
  const CROWDS: [string, Crowd][] = [
    ['approved within an hour', CROWD],
    ['approved within twenty minutes', { ...CROWD, approvalsMs: 20 * MINUTE }],
    [
      'started in the same second, approved within ten minutes',
      { ...CROWD, startsMs: 1_000, approvalsMs: 10 * MINUTE }
    ],
    [
      'started in the same second, approved within eight minutes',
      { ...CROWD, startsMs: 1_000, approvalsMs: 8 * MINUTE }
    ]
  ]

  it.each(CROWDS)(
    'of a thousand on 600 a minute, %s: 95 of 100 hear of it within three intervals',
    (_, crowd) => {
      for (let n = 0; n < CROWD_RUNS; n += 1) {
        const { p95LagMs, worstLagMs } = simulateCrowd({ ...crowd, seed: SEED + n })
        expect(p95LagMs).toBeLessThanOrEqual(3 * INTERVAL)
        expect(worstLagMs).toBeLessThanOrEqual(8 * MINUTE)
      }
    }
  )

  it('is printed with the choice marked', () => {
    expect(describeCrowds()).toMatch(/1000 on 600\/min, 60 min +×2, \+0\.02 \(chosen\)/)
  })

  it('that fits into the limit is hardly refused', () => {
    const { refused, p95LagMs } = simulateCrowd({ ...CROWD, waits: 300 })
    expect(refused).toBeLessThan(0.05)
    expect(p95LagMs).toBeLessThanOrEqual(2 * INTERVAL)
  })
})
