/**
 * Both ways between GitHub and ServiceNow with the real scripts: a signed message starts a subflow that makes a change,
 * the board approves, the business rule starts the workflow at GitHub, resume-deployments lets the deployment go, its job
 * checks the change again, deploys and closes it. Messages are lost, doubled, late, reordered and forged on each leg.
 */
import type { SandboxOptions } from '@change-actions/sandbox'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { inWorld } from '../../actions/testing/perform.ts'
import { type Stage, stage } from '../github/kit.ts'
import { changesOf, companion, deliver, delivery, flowsOver } from './kit.ts'
import { Play } from './play.ts'

// Each script runs in a thread of its own, which takes a second on a busy machine.
jest.setTimeout(30_000)

/** Nobody approves unless the test does. */
const UNDECIDED: SandboxOptions = { approvalDelayMs: 0, autoApproveAfterMs: 600_000 }

let set: Stage

beforeEach(async () => {
  set = await stage()
})
afterEach(() => set.github.stop())

const play = (body: (play: Play) => Promise<void>) => async () =>
  inWorld({ ...UNDECIDED, scripts: await companion() }, world => body(new Play(world, set)))

const letGo = () =>
  set.github.requests.filter(one => one.operationId === 'actions/review-custom-gates-for-run')

describe('from the message of the pipeline to the closed change', () => {
  it(
    'goes both ways',
    play(async one => {
      expect((await one.ask()).status).toBe(202)
      const told = await delivery(one.world.sandbox, 'd-1')
      expect(told.result).toMatchObject({ state: 'complete', change: { sys_id: one.change.id } })
      expect((await one.resume()).outputs.resumed).toBe('0')
      await one.approve()
      await one.poked()
      expect(one.pokes.length).toBeGreaterThan(0)
      for (const { inputs } of one.pokes) expect(inputs).toEqual({})
      expect((await one.resume()).outputs).toMatchObject({ resumed: '1', failed: '0' })
      expect(one.gate).toBe('passed')
      const checked = await one.check()
      expect(checked.failure).toBeUndefined()
      expect(checked.outputs.approved).toBe('true')
      expect((await one.move({ state: 'implement' })).failure).toBeUndefined()
      one.run.finish('deploy')
      expect((await one.move({ state: 'closed', 'close-code': 'successful' })).failure).toBeUndefined()
      expect(one.change.state).toBe('3')
    })
  )

  it(
    'makes one change for a message that is sent again because the response was lost',
    play(async one => {
      const { sandbox } = one.world
      sandbox.fault({ kind: 'reset', committed: true, path: '/x_chgact/' })
      const message = one.message()
      await expect(deliver(sandbox, message)).rejects.toThrow()
      const again = await deliver(sandbox, message)
      expect([again.status, again.result.duplicate]).toEqual([200, true])
      await flowsOver(sandbox)
      expect(changesOf(sandbox)).toHaveLength(1)
    })
  )

  it(
    'needs no poke: the schedule finds what was decided',
    play(async one => {
      set.github.fault({ kind: 'unavailable', operation: 'actions/create-workflow-dispatch', times: 3 })
      await one.ask()
      await one.approve()
      await one.poked()
      expect(one.pokes).toEqual([])
      expect((await one.resume()).outputs.resumed).toBe('1')
      expect(one.gate).toBe('passed')
    })
  )

  it(
    'lets a deployment go once, however many pokes arrive',
    play(async one => {
      await one.ask()
      await one.approve()
      await one.poked()
      const steps = [await one.resume(), await one.resume()]
      expect(steps.map(step => step.outputs.resumed)).toEqual(['1', '0'])
      expect(letGo()).toHaveLength(1)
    })
  )

  it(
    'rejects the deployment of a rejected change',
    play(async one => {
      await one.ask()
      const { sandbox } = one.world
      await sandbox.waitFor(() => sandbox.approvers(one.change.id).some(row => row.state === 'requested'))
      sandbox.reject(one.change.id, 'Not on Friday')
      await one.poked()
      expect((await one.resume()).outputs).toMatchObject({ resumed: '0', rejected: '1' })
      expect(one.gate).toBe('rejected')
    })
  )
})

describe('what is forged', () => {
  it(
    'a message with a wrong signature makes no change, and a poke without an approval lets nothing go',
    play(async one => {
      const { sandbox } = one.world
      expect((await deliver(sandbox, one.message(), { secret: 'guess' })).status).toBe(401)
      expect(changesOf(sandbox)).toEqual([])
      await one.ask()
      set.shop.run('resume.yml', { event: 'workflow_dispatch' })
      expect((await one.resume()).outputs.resumed).toBe('0')
      expect(one.gate).toBe('waiting')
    })
  )

  it(
    'an approved change of another account with the binding of the run lets nothing go',
    play(async one => {
      const { correlation_id, correlation_display } = one.message()
      const fields = { correlation_id, correlation_display } as Record<string, string>
      one.world.plant({ ...fields, state: '-2', approval: 'approved' })
      const step = await one.resume()
      expect(step.failure).toBeDefined()
      expect(one.gate).toBe('waiting')
    })
  )

  it(
    'a job that was let past the gate without an approval does not deploy',
    play(async one => {
      await one.ask()
      one.run.bypass('production', 'olivia')
      const step = await one.check()
      expect(step.outputs.approved).toBe('false')
      expect(step.failure).toBeDefined()
      expect((await one.move({ state: 'implement' })).failure).toBeDefined()
    })
  )
})

/** What may happen, in any order and number. */
const STEPS = {
  ask: (one: Play) => one.ask(),
  'ask late': (one: Play) => one.ask({ at: new Date(Date.now() - 400_000).toISOString() }),
  'ask again': (one: Play) => one.ask({ run_attempt: '2' }),
  forge: (one: Play) => deliver(one.world.sandbox, one.message(), { secret: 'guess' }),
  approve: async (one: Play) => {
    const { sandbox } = one.world
    if (one.change.id === '' || one.change.approval !== 'requested') return
    await sandbox.waitFor(() => sandbox.approvers(one.change.id).some(row => row.state === 'requested'))
    sandbox.approve(one.change.id)
  },
  resume: (one: Play) => one.resume()
} as const

describe('in any order', () => {
  it('there is one change and one deployment, and none that is not approved', async () => {
    const names = Object.keys(STEPS) as (keyof typeof STEPS)[]
    const orders = fc.array(fc.constantFrom(...names), { minLength: 3, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(orders, order =>
        play(async one => {
          for (const name of order) {
            await STEPS[name](one)
            if (one.gate === 'passed') expect(one.change.approval).toBe('approved')
          }
          expect(changesOf(one.world.sandbox).length).toBeLessThanOrEqual(1)
          expect(
            letGo().filter(request => request.path.includes(`/${one.run.id}/`)).length
          ).toBeLessThanOrEqual(1)
        })()
      ),
      { numRuns: 8 }
    )
  }, 120_000)
})
