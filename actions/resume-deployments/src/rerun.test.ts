/** Which runs are run again: nothing that may have deployed, and nothing that GitHub would refuse. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { client, ROUTES, type Stage, stage } from '../../../test/github/kit.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { changeOf, IN_IMPLEMENT, reasonsOf, sweep, writesOf } from './testing/sweeps.ts'

const RERUN = { latch: 'rerun', job: 'check' }
const MINUTE = 60_000

// The first test loads all that the step needs.
jest.setTimeout(30_000)

/** The time of GitHub, ServiceNow and the sweeps. */
const clock = { time: 0 }
let set: Stage

beforeEach(async () => {
  clock.time = Date.UTC(2026, 0, 5, 9)
  set = await stage({ now: () => clock.time })
  set.shop.environment('production', { rules: [] })
})
afterEach(() => set.github.stop())

const inTime = (body: (world: World) => Promise<void>) => inWorld({ now: () => clock.time }, body)

const resume = (world: World, inputs: Readonly<Record<string, string>> = {}) =>
  sweep({ world, set, clock }, { ...RERUN, ...inputs })

/** A run whose job checked and found nothing. */
const checked = () => set.shop.run('check.yml').finish('check', 'success', { skips: ['deploy', 'notify'] })

/** Its deployment began some time after the look; what reports failures alone was skipped. */
function deployed() {
  const run = set.shop.run('check.yml').finish('check')
  clock.time += MINUTE
  return run.finish('deploy', 'success', { skips: ['notify'] })
}

describe('a run', () => {
  it('is run again when the change was written since its job looked, and not before', () =>
    inTime(async world => {
      const run = checked()
      const { sysId } = changeOf(world, run)
      expect((await resume(world)).outputs).toMatchObject({ resumed: '1' })
      // It looked in vain once more, long after the change was written.
      clock.time += 60 * MINUTE
      run.finish('check', 'success', { skips: ['deploy', 'notify'] })
      clock.time += 60 * MINUTE
      const idle = await resume(world)
      expect(idle.outputs).toMatchObject({ resumed: '1' })
      expect(run.attempt).toBe(3)
      run.finish('check', 'success', { skips: ['deploy', 'notify'] })
      clock.time += 60 * MINUTE
      expect(reasonsOf(await resume(world))).toBe('its job has looked since the change was written last')
      expect(run.attempt).toBe(3)
      world.sandbox.set('change_request', sysId, { short_description: 'Deploy the shop, now' })
      expect((await resume(world)).outputs).toMatchObject({ resumed: '1' })
      expect(run.attempt).toBe(4)
    }))
})

describe('a run that has deployed', () => {
  it('is not run again while its change is in Implement: a warning says what to do', () =>
    inTime(async world => {
      const { sysId } = changeOf(world, deployed(), IN_IMPLEMENT)
      world.sandbox.set('change_request', sysId, { short_description: 'Deploy the shop, somehow' })
      const soon = await resume(world)
      expect(reasonsOf(soon)).toBe('its run went on after the job check: the job deploy ran')
      expect(soon.warnings).toEqual([])
      clock.time += 60 * MINUTE
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ resumed: '0', skipped: '1' })
      expect(step.warnings.join()).toContain(
        'the job deploy ran, and its change is still open: close or move'
      )
      expect(writesOf(set)).toBe(0)
    }))

  it('is not run again while its change is Scheduled', () =>
    inTime(async world => {
      changeOf(world, deployed())
      clock.time += 60 * MINUTE
      const step = await resume(world)
      expect(step.outputs).toMatchObject({ resumed: '0', skipped: '1' })
      expect(reasonsOf(step)).toContain('its run went on after the job check')
      expect(step.warnings).toEqual([])
    }))

  it('is run again when what ran had ended before the look', () =>
    inTime(async world => {
      const text =
        'name: Build\non: [push]\njobs:\n  build: {}\n  check: { needs: build }\n  deploy: { needs: check }\n'
      set.shop.commit({ files: { '.github/workflows/build.yml': text } })
      const run = set.shop.run('build.yml').finish('build')
      clock.time += MINUTE
      run.finish('check', 'success', { skips: ['deploy'] })
      changeOf(world, run, IN_IMPLEMENT)
      expect((await resume(world)).outputs).toMatchObject({ resumed: '1' })
    }))
})

describe('a run whose look failed', () => {
  it('is a warning with the fix, for a day, while its change is approved', () =>
    inTime(async world => {
      changeOf(world, set.shop.run('check.yml').finish('check', 'failure', { skips: ['deploy', 'notify'] }))
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      expect(step.warnings.join()).toContain(
        'approved, and nothing waits for it (its run ended with failure): start the deployment again, or close the change'
      )
      clock.time += 25 * 60 * MINUTE
      const later = await resume(world)
      expect(later.warnings).toEqual([])
      expect(reasonsOf(later)).toContain('its run ended with failure')
      expect(writesOf(set)).toBe(0)
    }))
})

describe('what GitHub would refuse', () => {
  it('is a warning after 30 days, with the fix', () =>
    inTime(async world => {
      const run = checked()
      clock.time += 31 * 24 * 60 * MINUTE
      changeOf(world, run)
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      expect(step.warnings.join()).toContain('began over 30 days ago')
      expect(step.warnings.join()).toContain('start a new run of its workflow')
      expect(writesOf(set)).toBe(0)
    }))

  it('is not advised where the old run has deployed', () =>
    inTime(async world => {
      changeOf(world, deployed(), IN_IMPLEMENT)
      clock.time += 31 * 24 * 60 * MINUTE
      const step = await resume(world)
      expect(step.warnings.join()).toContain('close or move the change')
      expect(step.warnings.join()).not.toContain('start a new run')
    }))

  it('is a warning after 50 re-runs', () =>
    inTime(async world => {
      const run = checked()
      const rerun = client(set.github, set.app.install('acme').token())
      for (let n = 0; n < 50; n += 1) {
        const { status } = await rerun(ROUTES.rerunJob, { job_id: run.job('check').id })
        expect(status).toBe(201)
        run.finish('check', 'success', { skips: ['deploy', 'notify'] })
      }
      changeOf(world, run)
      const before = writesOf(set)
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      expect(step.warnings.join()).toContain('its run was run again 50 times')
      expect(writesOf(set)).toBe(before)
    }))
})

describe('a run without the job', () => {
  it('is a failure where the repository was named, and none in an installation: others use another latch', () =>
    inTime(async world => {
      changeOf(world, checked())
      const job = 'Check the change'
      const named = await resume(world, { job, repositories: 'acme/shop' })
      expect(named.failure?.text).toContain('no job of the name Check the change, only check')
      const all = await resume(world, { job, repositories: 'installation' })
      expect(all.failure).toBeUndefined()
      expect(all.outputs).toMatchObject({ skipped: '1', failed: '0' })
      expect(reasonsOf(all)).toContain('no job of the name Check the change, only check')
    }))
})

describe('from-workflow', () => {
  it('leaves the changes of other workflows alone', () =>
    inTime(async world => {
      const run = checked()
      changeOf(world, run)
      const other = await resume(world, { 'from-workflow': 'payments.yml', job: 'other' })
      expect(other.failure).toBeUndefined()
      expect(other.outputs).toMatchObject({ resumed: '0', skipped: '0', failed: '0', decisions: '[]' })
      const own = await resume(world, { 'from-workflow': '.github/workflows/check.yml' })
      expect(own.outputs).toMatchObject({ resumed: '1' })
      expect(run.attempt).toBe(2)
    }))
})
