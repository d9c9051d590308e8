/** Planned start and end, on the instance's clock. */
import { expect } from '@jest/globals'
import { type Api, approved, onBothApis, SOON, scenario, submit, type World } from './harness.ts'

const MINUTE = 60_000

interface Clock {
  /** How far the instance's clock is ahead of the runner's, in milliseconds. */
  ahead: number
}

/** A scenario whose instance has a clock that can be put forward. */
function timed(name: string, api: Api, body: (world: World, clock: Clock) => Promise<void>): void {
  const clock: Clock = { ahead: 0 }
  scenario(name, { api, sandbox: { now: () => Date.now() + clock.ahead } }, world => body(world, clock))
}

onBothApis(api => {
  timed('not open yet, then open', api, async (world, clock) => {
    const number = await approved(world, { 'start-date': '+10m', 'end-date': '+20m' })
    const waiting = world.job.start('wait-approval', { ...SOON, timeout: '30m' })
    await waiting.prints(/the window opens at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/)
    clock.ahead = 11 * MINUTE
    const step = await waiting.done
    expect(step.code).toBe(0)
    expect(step.outputs).toMatchObject({ outcome: 'approved', 'change-number': number })
    expect(Number(step.outputs['waited-seconds'])).toBeLessThan(20)
  })

  timed('over before the wait, approved or not', api, async (world, clock) => {
    const { sandbox, job } = world
    const number = await submit(world, { 'end-date': '+10m' })
    clock.ahead = 11 * MINUTE
    const open = await job.fail('wait-approval', SOON)
    expect(open.error.title).toBe(`Change ${number}: window-closed`)
    sandbox.approve(number)
    const given = await job.fail('wait-approval', SOON)
    expect(given.outputs).toMatchObject({ outcome: 'window-closed', approval: 'approved', approved: 'false' })
    const ignored = await job.pass('wait-approval', { ...SOON, 'change-window': 'ignore' })
    expect(ignored.outputs.outcome).toBe('approved')
  })

  timed('over while it waits', api, async (world, clock) => {
    await submit(world, { 'start-date': '+0s', 'end-date': '+10m' })
    const waiting = world.job.start('wait-approval', SOON)
    await waiting.prints(/waiting for approval/)
    clock.ahead = 11 * MINUTE
    expect((await waiting.done).outputs).toMatchObject({ outcome: 'window-closed', approved: 'false' })
  })

  timed('opens only after the wait would end: says so at once', api, async world => {
    const number = await approved(world, { 'start-date': '+2h' })
    const step = await world.job.fail('wait-approval', { ...SOON, timeout: '1h' })
    expect(step.error.title).toBe(`Change ${number}: window-not-open`)
    expect(step.outputs).toMatchObject({ outcome: 'window-not-open', polls: '1' })
    const ignored = await world.job.pass('wait-approval', { ...SOON, 'change-window': 'ignore' })
    expect(ignored.outputs.outcome).toBe('approved')
  })

  timed('dates reach the instance in UTC', api, async ({ sandbox, job }) => {
    const step = await job.pass('create-change', {
      'short-description': 'Deploy the shop',
      'assignment-group': 'DevOps Team',
      'start-date': '2031-03-01T22:00:00+02:00',
      'end-date': '2031-03-01T23:30Z'
    })
    expect(sandbox.change(step.outputs['change-number'] ?? '')).toMatchObject({
      start_date: '2031-03-01 20:00:00',
      end_date: '2031-03-01 23:30:00'
    })
  })
})
