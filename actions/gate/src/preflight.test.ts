/** A gate whose change cannot be submitted leaves none open, and its post step leaves it so. */
import { expect, it } from '@jest/globals'
import { inWorld } from '../../testing/perform.ts'
import { performPost } from '../../testing/perform-post.ts'
import { definition } from './main.ts'

it('without a group the draft is canceled, and left so after the job', () =>
  inWorld({}, async world => {
    const main = await world.perform(definition, { inputs: { environment: 'production' } })
    expect(main.failure?.text).toContain('Fix: give `assignment-group`')
    expect(main.outputs).toMatchObject({ outcome: 'error', approved: 'false', 'change-state': 'canceled' })
    const post = await performPost(world, main, 'failure')
    expect({ failure: post.failure, errors: post.errors, warnings: post.warnings }).toEqual({
      failure: undefined,
      errors: [],
      warnings: []
    })
    expect(post.info.join('\n')).not.toContain('Manual action')
    expect(world.sandbox.rows('change_request').map(row => row.state)).toEqual(['4'])
  }))
