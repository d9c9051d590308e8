/** A change whose correlation_display belongs to another tool: the run that uses it binds it by a note alone. */
import { describe, expect, it } from '@jest/globals'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld, type World } from '../../testing/perform.ts'
import { definition } from './main.ts'

/** A change of another tool that a run was given, approved. */
async function approvedOfOtherTool({ plant, perform, sandbox }: World): Promise<string> {
  const { number, sysId } = plant({ correlation_display: 'JIRA-1' })
  const step = await perform(createChange, {
    inputs: { 'change-number': number, environment: 'production', 'request-approval': 'false' }
  })
  expect(step.failure).toBeUndefined()
  sandbox.set('change_request', sysId, { state: '-2', approval: 'approved' })
  return number
}

const resume = ({ perform }: World) =>
  perform(definition, { inputs: { latch: 'rerun', job: 'check', 'github-token': 'ghs_app' } })

describe('a change that a note alone binds', () => {
  it('is named with its run and the fix', () =>
    inWorld({ readableJournal: true }, async world => {
      const number = await approvedOfOtherTool(world)
      expect(world.sandbox.change(number)?.correlation_display).toBe('JIRA-1')
      const step = await resume(world)
      expect(step.failure).toBeUndefined()
      expect(step.outputs.resumed).toBe('0')
      expect(step.warnings).toEqual([
        expect.stringContaining(`Approved, and not let go: ${number} (acme/shop run 1001).`)
      ])
      expect(step.warnings[0]).toContain(
        'Fix: let these deployments go on by hand; leave correlation_display'
      )
    }))

  it('of another repository, of nobody, or not approved, is not', () =>
    inWorld({ readableJournal: true }, async world => {
      const number = await approvedOfOtherTool(world)
      world.plant({ correlation_display: 'JIRA-2', state: '-2', approval: 'approved' })
      const elsewhere = await world.perform(definition, {
        inputs: { latch: 'rerun', job: 'check', 'github-token': 'ghs_app', repositories: 'acme/other' }
      })
      expect(elsewhere.warnings).toEqual([])
      world.sandbox.set('change_request', world.sandbox.change(number)?.sys_id ?? '', {
        approval: 'requested'
      })
      expect((await resume(world)).warnings).toEqual([])
    }))

  it('costs one request while there is none', () =>
    inWorld({}, async world => {
      await resume(world)
      const before = world.sandbox.requests.length
      await resume(world)
      const requests = world.sandbox.requests.slice(before).filter(one => !one.path.includes('oauth'))
      expect(requests.length).toBeLessThanOrEqual(2)
    }))
})
