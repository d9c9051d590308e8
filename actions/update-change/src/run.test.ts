import { expect, it } from '@jest/globals'
import { definition as createChange } from '../../create-change/src/main.ts'
import { inWorld } from '../../testing/perform.ts'
import { definition as waitApproval } from '../../wait-approval/src/main.ts'
import { definition } from './main.ts'

it('moves the change of the job on, and says where it was', () =>
  inWorld({}, async ({ perform }) => {
    const created = await perform(createChange, {
      inputs: { 'short-description': 'Deploy', 'assignment-group': 'DevOps Team' }
    })
    expect(created.failure).toBeUndefined()
    expect((await perform(waitApproval)).outputs.approved).toBe('true')
    const moved = await perform(definition, { inputs: { state: 'implement' } })
    expect(moved.failure).toBeUndefined()
    expect(moved.outputs).toMatchObject({ 'change-state': 'implement', 'previous-state': 'scheduled' })
  }))
