/** What is started for a change: the right workflow, once, and nothing again that has deployed. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Stage, stage } from '../../../test/github/kit.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { changeOf, IN_IMPLEMENT, RELEASE, reasonsOf, sweep, writesOf } from './testing/sweeps.ts'

const DISPATCH = { latch: 'dispatch', workflow: 'release.yml', interval: '15m' }
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
  set.shop.commit({ files: { '.github/workflows/release.yml': RELEASE } })
  set.shop.tag('v1')
})
afterEach(() => set.github.stop())

const inTime = (body: (world: World) => Promise<void>) => inWorld({ now: () => clock.time }, body)

const resume = (world: World, inputs: Readonly<Record<string, string>> = {}) =>
  sweep({ world, set, clock }, { ...DISPATCH, ...inputs })

/** A run that asked for a change on the tag; it is over. */
const asked = (workflow = 'check.yml') => {
  const run = set.shop.run(workflow, { ref: 'v1' })
  return workflow === 'check.yml'
    ? run.finish('check', 'success', { skips: ['deploy', 'notify'] })
    : run.finish('request')
}

const started = () => set.shop.runs.filter(run => run.event === 'workflow_dispatch')

/** Somebody starts the workflow for a change. */
const startFor = (number: string, sysId = '') =>
  set.shop.run('release.yml', {
    ref: 'v1',
    event: 'workflow_dispatch',
    inputs: { 'change-number': number, 'change-sys-id': sysId, environment: 'production' }
  })

describe('a change in Implement', () => {
  it.each(['success', 'failure', 'cancelled'] as const)(
    'is not started again after a run for it ended with %s: a warning says what to do',
    conclusion =>
      inTime(async world => {
        const { number, sysId } = changeOf(world, asked(), IN_IMPLEMENT)
        startFor(number, sysId).finish('deploy', conclusion)
        clock.time += 60 * MINUTE
        const step = await resume(world)
        expect(step.failure).toBeUndefined()
        expect(step.outputs).toMatchObject({ resumed: '0', skipped: '1' })
        expect(step.warnings.join()).toContain('began to deploy under it, and its change is still open')
        expect(writesOf(set)).toBe(0)
      })
  )

  it('is no warning in the moments after its run ended: it may have been closed since it was read', () =>
    inTime(async world => {
      const { number, sysId } = changeOf(world, asked(), IN_IMPLEMENT)
      startFor(number, sysId).finish('deploy')
      const step = await resume(world)
      expect(reasonsOf(step)).toContain('ended a moment ago')
      expect(step.warnings).toEqual([])
    }))

  it('is started where no run has been for it: somebody moved it on', () =>
    inTime(async world => {
      changeOf(world, asked(), IN_IMPLEMENT)
      expect((await resume(world)).outputs).toMatchObject({ resumed: '1' })
      expect(started()).toHaveLength(1)
    }))

  it('is not started where the run that asked is one of the workflow that deploys', () =>
    inTime(async world => {
      changeOf(world, asked(), IN_IMPLEMENT)
      const soon = await resume(world, { workflow: 'check.yml' })
      expect(soon.outputs).toMatchObject({ resumed: '0', skipped: '1' })
      expect(soon.warnings).toEqual([])
      clock.time += 31 * MINUTE
      const step = await resume(world, { workflow: 'check.yml' })
      expect(step.outputs).toMatchObject({ resumed: '0', skipped: '1' })
      expect(step.warnings.join()).toContain('began to deploy under it')
    }))
})

describe('a change that is Scheduled', () => {
  it('is started again some time after a run for it ended', () =>
    inTime(async world => {
      const { number, sysId } = changeOf(world, asked())
      startFor(number, sysId).finish('deploy', 'failure')
      expect((await resume(world)).outputs).toMatchObject({ resumed: '0' })
      clock.time += 31 * MINUTE
      expect((await resume(world)).outputs).toMatchObject({ resumed: '1' })
      expect(started()).toHaveLength(2)
    }))
})

describe('runs of the workflow', () => {
  it(
    'are all looked through, also more than GitHub lists at once',
    () =>
      inTime(async world => {
        const { number, sysId } = changeOf(world, asked())
        startFor(number, sysId)
        for (let n = 0; n < 1_000; n += 1) {
          clock.time += 1_000
          startFor(`CHG99${n}`)
        }
        const before = set.github.requests.length
        const step = await resume(world)
        expect(reasonsOf(step)).toContain('deploys under it')
        expect(writesOf(set)).toBe(0)
        // The run that asked, ten pages of a hundred, and one more.
        expect(set.github.requests.length - before).toBeLessThanOrEqual(12)
      }),
    60_000
  )

  it('are listed once for the changes of a repository, and anew before each start', () =>
    inTime(async world => {
      for (let n = 0; n < 5; n += 1) changeOf(world, asked())
      const listed = () =>
        set.github.requests.filter(one => one.operationId === 'actions/list-workflow-runs').length
      expect((await resume(world)).outputs).toMatchObject({ resumed: '5' })
      expect(listed()).toBe(6)
      const before = set.github.requests.length
      expect((await resume(world)).outputs).toMatchObject({ resumed: '0', skipped: '5' })
      expect(set.github.requests.length - before).toBe(6)
    }))
})

describe('a change whose date of creation cannot be read', () => {
  it('is started, once, and keeps no other from it', () =>
    inTime(async world => {
      const { sysId } = changeOf(world, asked())
      world.sandbox.set('change_request', sysId, { sys_created_on: '' })
      changeOf(world, asked())
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      expect(step.outputs).toMatchObject({ resumed: '2', failed: '0' })
      expect((await resume(world)).outputs).toMatchObject({ resumed: '0', skipped: '2' })
    }))
})

describe('a workflow that is not there', () => {
  it('is a failure where the repository was named, and none in an installation: others use another latch', () =>
    inTime(async world => {
      changeOf(world, asked())
      const workflow = 'deploy-now.yml'
      for (const repositories of ['this', 'acme/shop']) {
        const named = await resume(world, { workflow, repositories })
        expect(named.failure?.text).toContain('acme/shop has no workflow deploy-now.yml')
        expect(named.failure?.text).toContain('give `workflow` the name of a file')
      }
      const all = await resume(world, { workflow, repositories: 'installation' })
      expect(all.failure).toBeUndefined()
      expect(reasonsOf(all)).toContain('acme/shop has no workflow deploy-now.yml')
    }))
})

describe('several workflows of a repository', () => {
  const REQUEST = 'name: Request\non: [push]\njobs:\n  request: {}\n'
  /** A change of each of two workflows. */
  const askedByTwo = (world: World) => {
    set.shop.commit({
      files: { '.github/workflows/payments.yml': RELEASE, '.github/workflows/ask-payments.yml': REQUEST }
    })
    set.shop.tag('v1')
    return { shop: changeOf(world, asked()), payments: changeOf(world, asked('ask-payments.yml')) }
  }

  it('start each their own with from-workflow', () =>
    inTime(async world => {
      const { shop, payments } = askedByTwo(world)
      const inputs = { 'from-workflow': 'ask-payments.yml', workflow: 'payments.yml' }
      const first = await resume(world, inputs)
      expect(first.outputs).toMatchObject({ resumed: '1', skipped: '0' })
      expect(started().map(run => run.inputs['change-number'])).toEqual([payments.number])
      const second = await resume(world, { 'from-workflow': 'check.yml' })
      expect(second.outputs).toMatchObject({ resumed: '1', skipped: '0' })
      expect(started().map(run => run.inputs['change-number'])).toEqual([payments.number, shop.number])
      expect([...first.warnings, ...second.warnings]).toEqual([])
    }))

  it('are a warning without it, once', () =>
    inTime(async world => {
      askedByTwo(world)
      changeOf(world, asked('ask-payments.yml'))
      const step = await resume(world)
      expect(step.warnings).toEqual([
        expect.stringMatching(/acme\/shop: runs of several workflows \(.*check\.yml.*\).*`from-workflow`/)
      ])
      expect(step.warnings.join()).toContain('ask-payments.yml')
    }))
})

it('from-workflow is refused where the environment holds the deployment', () =>
  inTime(async world => {
    const step = await sweep(
      { world, set, clock },
      { latch: 'protection-rule', 'from-workflow': 'check.yml' }
    )
    expect(step.failure?.text).toContain('`from-workflow` is for `latch: rerun` and `latch: dispatch` alone')
  }))
