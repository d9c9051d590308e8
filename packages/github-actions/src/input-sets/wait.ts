import { parseState } from '@change-actions/change-control'
import { changeNameInputs, nameProblems } from '../change/change-name.ts'
import { connectionInputs, connectionProblems } from '../connection/connection-inputs.ts'
import type { Values } from '../inputs/field.ts'
import { listOf } from '../inputs/lists.ts'
import { boolean, oneOf } from '../inputs/scalars.ts'
import { duration } from '../inputs/time.ts'
import type { Env } from '../step/runtime.ts'
import { commitInput, commitProblems } from './commit.ts'

const STATES = 'states such as `scheduled` or `-2`'

export const inputs = {
  ...connectionInputs,
  ...changeNameInputs,
  ...commitInput,
  timeout: duration({ default: '3600' }),
  pollInterval: duration({ default: '60', min: '1s' }),
  proceedStates: listOf(parseState, { default: 'scheduled, implement, review', rule: STATES }),
  waitStates: listOf(parseState, { default: 'new, assess, authorize, scheduled', rule: STATES }),
  requireApproval: boolean({ default: true }),
  changeWindow: oneOf(['respect', 'ignore'], { default: 'respect' }),
  allowNewCommit: boolean({ default: false }),
  failWhenNotApproved: boolean({ default: true })
} as const

export type WaitInputs = Values<typeof inputs>

export function rules(values: Partial<WaitInputs>, env: Env): string[] {
  return [
    ...connectionProblems(values, env),
    ...nameProblems(values, env),
    ...commitProblems(values),
    ...gateProblems(values)
  ]
}

/** A gate that opens for a change that is over would be none. */
function gateProblems({ proceedStates }: Partial<WaitInputs>): string[] {
  const over = (proceedStates ?? []).filter(state => state === 'closed' || state === 'canceled')
  return over.length === 0
    ? []
    : [
        `\`proceed-states\` cannot hold ${over.join(', ')}: nothing may be deployed under a change that is over`
      ]
}
