/** What may happen to a deployment both ways, in any order and number: one change, one deployment, none unapproved. */
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { inWorld } from '../../actions/testing/perform.ts'
import { type Stage, stage } from '../github/kit.ts'
import { type Body, changesOf, companion } from './kit.ts'
import { Play } from './play.ts'

let set: Stage

beforeEach(async () => {
  set = await stage()
})
afterEach(() => set.github.stop())

const lose = (one: Play, committed: boolean) =>
  one.sandbox.fault({ kind: 'reset', committed, path: '/x_chgact/' })

/** The network delivers the first message once more, or loses that. */
async function again(one: Play, over: Body = {}): Promise<void> {
  if (one.messages.length > 0) await one.replay(one.messages[0], over).catch(() => undefined)
}

const STEPS = {
  ask: (one: Play) => one.ask(),
  'ask again': (one: Play) => one.ask({}, 2),
  'lose a message': async (one: Play) => void lose(one, false),
  'lose a response': async (one: Play) => void lose(one, true),
  double: (one: Play) => again(one),
  'deliver late': (one: Play) => again(one, { at: new Date(Date.now() - 400_000).toISOString() }),
  forge: (one: Play) => one.ask({ 'signing-secret': 'guess' }),
  approve: async (one: Play) => void (one.change.approval === 'requested' && (await one.approve())),
  resume: (one: Play) => one.resume(),
  deploy: async (one: Play) => {
    if (one.latch !== 'passed' || one.run.status === 'completed') return
    const entered = await one.enter()
    expect(one.change.approval).toBe('approved')
    await one.leave(entered)
  }
} as const

it('there is one change and one deployment, and none that is not approved', async () => {
  const names = Object.keys(STEPS) as (keyof typeof STEPS)[]
  const orders = fc.array(fc.constantFrom(...names), { minLength: 3, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(orders, async order => {
      const options = { approvalDelayMs: 0, autoApproveAfterMs: 600_000, scripts: await companion() }
      await inWorld(options, async world => {
        const one = new Play(world, set)
        // In the end everything has happened, whatever came before.
        for (const name of [...order, 'ask', 'approve', 'resume', 'deploy'] as const) {
          await STEPS[name](one)
          if (one.latch === 'passed') expect(one.change.approval).toBe('approved')
          expect(changesOf(one.sandbox).length).toBeLessThanOrEqual(1)
          expect([one.letGo, one.deployments].every(count => count <= 1)).toBe(true)
        }
        expect([changesOf(one.sandbox).length, one.deployments, one.change.state]).toEqual([1, 1, '3'])
      })
    }),
    { numRuns: 5 }
  )
}, 180_000)
