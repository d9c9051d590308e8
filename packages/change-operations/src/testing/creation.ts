import { SHIPPED_STATES, type StateMap } from '@change-actions/change-control'
import { createChange } from '../create/create.ts'
import type { CreateHooks, CreateRequest } from '../create/request.ts'
import { contextOn } from './context.ts'
import { BOUND, IDENTITY } from './deployment.ts'
import type { TestInstance } from './instance.ts'
import { GROUP } from './records.ts'

/** What the user gives: a title, and the group without which no approval can be requested. */
export const GIVEN = { short_description: 'Deploy shop', assignment_group: GROUP }

/** A normal change for a deployment. */
export const REQUEST: CreateRequest = {
  supplied: undefined,
  type: undefined,
  template: undefined,
  model: undefined,
  given: GIVEN,
  generated: {},
  references: {},
  choices: {},
  parent: undefined,
  note: undefined,
  correlationId: 'gha-1',
  correlationDisplay: BOUND,
  identity: IDENTITY,
  reuse: true,
  matchTitle: false,
  requestApproval: true,
  resubmit: false,
  retried: false
}

/** The search for the open changes of that deployment, in the instance's log. */
export const FIND = 'find correlation_id=gha-1^state!=0^state!=3^state!=4'

/** Creates or reuses a change. What its hooks are told is noted in the instance's log. */
export async function createOn(
  instance: TestInstance,
  more: Partial<CreateRequest> = {},
  hooks: Partial<CreateHooks> = {},
  dryRun = false,
  states: StateMap = SHIPPED_STATES
) {
  const context = contextOn(instance, { dryRun, states })
  const attached: (string | undefined)[] = []
  const created = await createChange(
    context,
    { ...REQUEST, ...more },
    {
      onChange: (change, made) => instance.note(`told ${change.number} ${change.state} ${made}`),
      attach: async change => {
        instance.note(`attach to ${change?.number}`)
        attached.push(change?.number)
        return undefined
      },
      ...hooks
    }
  )
  return { ...created, context, attached }
}
