/** Planned start and end, on the instance's clock, and the time that must be left. */
import { seedId } from '@change-actions/sandbox'
import { expect } from '@jest/globals'
import { type Api, onBothApis } from '../harness.ts'
import { APPROVING, changeOf, type GateWorld, gateScenario, NORMAL, SOON, STATE } from './gate-harness.ts'

const MINUTE = 60_000

interface Clock {
  /** How far the instance's clock is ahead of the runner's, in milliseconds. */
  ahead: number
}

/** A scenario whose instance has a clock that can be put forward; every approver approves at once. */
function timed(
  name: string,
  api: Api,
  body: (world: GateWorld, clock: Clock) => Promise<void>,
  ahead = 0
): void {
  const clock: Clock = { ahead }
  const sandbox = { ...APPROVING, now: () => Date.now() + clock.ahead }
  gateScenario(name, { api, sandbox }, world => body(world, clock))
}

onBothApis(api => {
  timed('none, start only, end only, both', api, async ({ gate }) => {
    const windows = [
      {},
      { 'start-date': '+0s' },
      { 'end-date': '+1h' },
      { 'start-date': '+0s', 'end-date': '+1h' }
    ]
    const steps = windows.map((dates, n) => gate().pass({ ...NORMAL, ...dates, version: `v${n}` }))
    for (const step of await Promise.all(steps)) expect(step.outputs.outcome).toBe('approved')
  })

  timed('not open yet, then open', api, async ({ sandbox, gate }, clock) => {
    const running = gate().start({ ...NORMAL, 'start-date': '+10m', 'end-date': '+20m', timeout: '30m' })
    await running.prints(/the window opens at/)
    expect(sandbox.rows('change_request')[0]?.state).toBe(STATE.scheduled)
    clock.ahead = 11 * MINUTE
    const step = await running.done
    expect(step.outputs).toMatchObject({ outcome: 'approved', 'change-state': 'implement' })
  })

  timed(
    'a runner whose clock is ahead opens no window early',
    api,
    async ({ sandbox, gate, plant }, clock) => {
      clock.ahead = -10 * MINUTE
      const at = (minutes: number) =>
        new Date(Date.now() + minutes * MINUTE).toISOString().slice(0, 19).replace('T', ' ')
      // Open by the runner's clock, and not yet by the instance's.
      const { number, sysId } = plant({
        state: STATE.scheduled,
        approval: 'approved',
        start_date: at(-5),
        end_date: at(60)
      })
      const inputs = { ...SOON, environment: 'production', 'change-number': number }
      const early = await gate().fail({ ...inputs, timeout: '3' })
      expect(early.outputs.outcome).toBe('window-not-open')
      expect(sandbox.change(sysId)?.state).toBe(STATE.scheduled)
      clock.ahead = 0
      expect((await gate().pass(inputs)).outputs.outcome).toBe('approved')
    }
  )
})

timed(
  'a runner whose clock is behind does not use one that is over',
  'change-management',
  async world => {
    const { sandbox, gate, plant } = world
    const end = new Date(Date.now() + 5 * MINUTE).toISOString().slice(0, 19).replace('T', ' ')
    const { number, sysId } = plant({ state: STATE.scheduled, approval: 'approved', end_date: end })
    const step = await gate().fail({ ...SOON, 'change-number': number })
    expect(step.outputs.outcome).toBe('window-closed')
    expect(sandbox.change(sysId)?.state).toBe(STATE.scheduled)
  },
  10 * MINUTE
)

timed('over, approved or not; or ignored', 'change-management', async ({ gate }, clock) => {
  const inputs = { ...NORMAL, 'end-date': '+10m' }
  const waiting = gate().start({ ...inputs, 'proceed-states': 'implement' })
  await waiting.prints(/waiting for state Implement/)
  clock.ahead = 11 * MINUTE
  expect((await waiting.done).outputs).toMatchObject({ outcome: 'window-closed', approval: 'approved' })
  const ignored = await gate().pass({ ...inputs, 'change-window': 'ignore' })
  expect(ignored.outputs.outcome).toBe('approved')
})

gateScenario('over while it is not approved: the wait ends', {}, async ({ sandbox, gate, plant }) => {
  const { number, sysId } = plant({
    state: STATE.authorize,
    approval: 'requested',
    assignment_group: seedId('sys_user_group', 'devops-team')
  })
  const running = gate().start({ ...SOON, 'change-number': number })
  await running.prints(/waiting for approval/)
  sandbox.set('change_request', sysId, { end_date: '2020-01-01 00:00:00' })
  expect((await running.done).outputs).toMatchObject({ outcome: 'window-closed', approval: 'requested' })
})

timed('opens after the wait would end: says so at once', 'change-management', async ({ sandbox, gate }) => {
  const step = await gate().fail({ ...NORMAL, 'start-date': '+2h', timeout: '1h' })
  expect(step.outputs.outcome).toBe('window-not-open')
  expect(Number(step.outputs['waited-seconds'])).toBeLessThan(30)
  expect(changeOf(sandbox, step).state).toBe(STATE.scheduled)
})

timed('minimum-window', 'change-management', async ({ gate }, clock) => {
  const inputs = { ...NORMAL, 'start-date': '+0s', 'end-date': '+60m', version: 'v1' }
  const long = await gate().fail({ ...inputs, 'minimum-window': '2h' })
  expect(long.outputs.outcome).toBe('window-closed')
  expect(long.error.message).toMatch(/120 min must be left/)
  clock.ahead = 40 * MINUTE
  expect((await gate().fail({ ...inputs, 'minimum-window': '30m' })).outputs.outcome).toBe('window-closed')
  expect((await gate().pass({ ...inputs, 'minimum-window': '10m' })).outputs.outcome).toBe('approved')
})
