/** The life cycle that is given, held against that of the instance. */
import { describe, expect, it } from '@jest/globals'
import { row } from '../../testing/check-report.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

const OWN = {
  lifeCycle: {
    states: [
      { value: '-6', label: 'Draft' },
      { value: '-5', label: 'New', like: 'new' },
      { value: '10', label: 'Verify' },
      { value: '3', label: 'Closed', like: 'closed' }
    ]
  }
} as const

const check = ({ perform }: World, states: string) => perform(definition, { inputs: { states } })

describe('states', () => {
  it('that the instance has are named with what they count as, and those that are left', () =>
    inWorld(OWN, async world => {
      const step = await check(world, 'DRAFT: new')
      expect(row(step, 'States')).toEqual({
        check: 'States',
        result: 'ok',
        detail: 'Draft (-6) counts as new; not mapped: Verify (10)',
        fix: ''
      })
    }))

  it('that it does not have fail the check', () =>
    inWorld(OWN, async world => {
      const step = await check(world, 'Drat: new\n"11": review\n"10.0": review')
      expect(step.failure?.title).toBe('ServiceNow connection: States')
      expect(row(step, 'States').detail).toBe(
        'the instance has no state "Drat", "11"; it has Draft (-6), New (-5), Closed (3), Verify (10)'
      )
    }))

  it('cannot be checked where the list may not be read: that is a warning', () =>
    inWorld(OWN, async world => {
      world.sandbox.fault({ kind: 'acl', path: 'sys_choice', times: Number.POSITIVE_INFINITY })
      const step = await check(world, 'draft: new')
      expect(row(step, 'States')).toMatchObject({ result: 'warn', fix: expect.stringContaining('values') })
    }))

  it('that are not given have no row', () =>
    inWorld({}, async ({ perform }) => {
      const step = await perform(definition)
      expect(JSON.parse(step.outputs.report ?? '').map((one: { check: string }) => one.check)).not.toContain(
        'States'
      )
    }))
})
