/**
 * Approvals, rejections, withdrawals, holds, windows, faults, jobs and sweeps in random order; sweeps beside each other,
 * and sweeps that are killed. Every approved change is started or its run is over, one run alone claims it, nothing starts
 * again for a change that was left in Implement, and nothing else ever starts. `npm run test:long` prints the seed.
 */

import { LATCHES } from '@change-actions/github-actions/input-sets'
import { describe, expect, it, jest } from '@jest/globals'
import { seeded } from '../../../packages/change-control/src/polling-simulation.ts'
import { stage } from '../../../test/github/kit.ts'
import { inWorld } from '../../testing/perform.ts'
import { PLAYED } from './testing/latches.ts'
import { Play } from './testing/play.ts'
import { drawnUndocumented } from './testing/undocumented.ts'

const STEPS = Number(process.env.LONG_STEPS ?? (process.env.LONG_TESTS === 'sample' ? 250 : 10_000))

/** Starts that were of no use, of all starts; so few as a sample has are too few for a share. */
const maxExtra = (starts: number) => Math.max(3, starts * 0.01)

describe(`in random order (seed ${jest.getSeed()})`, () => {
  it.each(LATCHES)(
    '%s: each approved deployment is started, one run claims it, and no other starts',
    async name => {
      const clock = { time: Date.UTC(2026, 0, 5, 9) }
      await inWorld({ now: () => clock.time }, async world => {
        const random = seeded(jest.getSeed())
        const undocumented = drawnUndocumented(random)
        const set = await stage({ now: () => clock.time, undocumented })
        const play = new Play({ world, set, clock, latch: PLAYED[name], name, random })
        for (let n = 0; n < STEPS && play.violations.length === 0; n += 1) await play.step()
        const left = await play.drain()
        process.stdout.write(`${name}, ${STEPS} steps: ${JSON.stringify({ ...play.counts, undocumented })}\n`)
        expect({ undocumented, violations: play.violations }).toEqual({ undocumented, violations: [] })
        expect(left.map(one => one.number)).toEqual([])
        expect(play.counts.deployed).toBeGreaterThan(0)
        expect(play.counts.extra).toBeLessThan(maxExtra(play.counts.starts))
        await set.github.stop()
      })
    },
    20 * 60_000
  )
})
