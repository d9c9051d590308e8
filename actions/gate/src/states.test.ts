/** A gate on an instance with a life cycle of its own. */
import { describe, expect, it } from '@jest/globals'
import { LEGACY, MODEL } from '../../../packages/change-operations/src/testing/life-cycles.ts'
import { inWorld } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

const NORMAL = { environment: 'production', 'assignment-group': 'DevOps Team' }

const INSTANCES = [
  [
    'a change model with states of its own',
    MODEL.options,
    'draft: new\nReady to deploy: scheduled\n"10": review',
    { implement: '-1', review: '0' }
  ],
  [
    'an instance from before the state model',
    LEGACY.options,
    '1: scheduled\n2: implement\n4: canceled',
    { implement: '2', review: undefined }
  ]
] as const

describe.each(['change-management', 'table'] as const)('the gate (%s)', api => {
  it.each(INSTANCES)('opens on %s, and its post step closes the change', (_, options, states, own) =>
    inWorld({ api, ...options }, async world => {
      const { sandbox, perform } = world
      const main = await perform(definition, { inputs: { ...NORMAL, states } })
      expect(main.failure).toBeUndefined()
      expect(main.outputs).toMatchObject({ approved: 'true', 'change-state': 'implement', created: 'true' })
      const number = main.outputs['change-number'] ?? ''
      expect(sandbox.change(number)?.state).toBe(own.implement)
      const step = await performPost(world, main, 'success')
      expect([step.failure, step.errors]).toEqual([undefined, []])
      expect(sandbox.change(number)).toMatchObject({ state: '3', close_code: 'successful', active: 'false' })
      expect(sandbox.rows('change_request')).toHaveLength(1)
    })
  )

  it.each(INSTANCES)(
    'cancels on %s what nobody approved when the job is cancelled',
    (_, options, states, __) =>
      inWorld({ api, ...options, autoApproveAfterMs: 600_000 }, async world => {
        const { sandbox, perform } = world
        const main = await perform(definition, { inputs: { ...NORMAL, states, timeout: '0' } })
        expect(main.outputs).toMatchObject({ approved: 'false', outcome: 'timeout' })
        await performPost(world, main, 'cancelled')
        expect(sandbox.change(main.outputs['change-number'] ?? '')).toMatchObject({ state: '4' })
      })
  )
})

describe('inputs', () => {
  it('of the gate take a mapped state as what it counts as, and no other', () =>
    inWorld({}, async ({ perform }) => {
      const states = 'Ready to deploy: scheduled'
      const lists = { 'proceed-states': 'ready to deploy', 'wait-states': 'new, 7, Business Review' }
      const step = await perform(definition, { inputs: { ...NORMAL, states, ...lists, 'dry-run': 'true' } })
      expect(step.failure?.title).not.toBe('Input error')
      const wrong = await perform(definition, { inputs: { ...NORMAL, states, 'proceed-states': '7' } })
      expect(wrong.failure?.text).toMatch(/`proceed-states` can hold scheduled, implement, review, not 7: /)
    }))

  it('that are wrong are told before anything is sent', () =>
    inWorld({}, async ({ perform, sandbox }) => {
      const inputs = { ...NORMAL, states: 'draft: nwe', 'proceed-states': 'draft' }
      const { failure } = await perform(definition, { inputs })
      expect(failure?.title).toBe('Input error')
      expect(failure?.text).toMatch(/`states` maps `draft` to `nwe`/)
      expect(failure?.text).not.toMatch(/proceed-states/)
      expect(sandbox.requests).toEqual([])
    }))
})
