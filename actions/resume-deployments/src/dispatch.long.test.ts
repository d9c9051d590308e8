/** More runs of a workflow than can be read. */
import { expect, it } from '@jest/globals'
import { stage } from '../../../test/github/kit.ts'
import { inWorld } from '../../testing/perform.ts'
import { changeOf, RELEASE, sweep, writesOf } from './testing/sweeps.ts'

it(
  'is a warning: what was not read is not taken for nothing',
  async () => {
    const clock = { time: Date.UTC(2026, 0, 5, 9) }
    await inWorld({ now: () => clock.time }, async world => {
      const set = await stage({ now: () => clock.time })
      set.shop.environment('production', { rules: [] })
      set.shop.commit({ files: { '.github/workflows/release.yml': RELEASE } })
      set.shop.tag('v1')
      const run = set.shop.run('check.yml', { ref: 'v1' })
      changeOf(world, run.finish('check', 'success', { skips: ['deploy', 'notify'] }))
      for (let n = 0; n < 3_100; n += 1) {
        clock.time += 1_000
        const inputs = { 'change-number': `CHG99${n}`, 'change-sys-id': '', environment: 'production' }
        set.shop.run('release.yml', { ref: 'v1', event: 'workflow_dispatch', inputs })
      }
      const step = await sweep({ world, set, clock }, { latch: 'dispatch', workflow: 'release.yml' })
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ resumed: '0', skipped: '1' })
      expect(step.warnings.join()).toContain('started too often since the change was made')
      expect(step.warnings.join()).toContain('start it by hand')
      expect(writesOf(set)).toBe(0)
      await set.github.stop()
    })
  },
  5 * 60_000
)
