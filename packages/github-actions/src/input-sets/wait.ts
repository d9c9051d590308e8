import { parseState } from '@change-actions/change-control'
import type { Values } from '../inputs/field.ts'
import { listOf } from '../inputs/lists.ts'
import { boolean, oneOf } from '../inputs/scalars.ts'
import { duration } from '../inputs/time.ts'

/** An input that takes states, by name or number. @param states the default, as a user would write it */
export function statesInput(states: string) {
  return listOf(parseState, { default: states, rule: 'states such as `scheduled` or `-2`' })
}

/** The inputs of a wait for approval. Durations are in milliseconds. */
export const waitInputs = {
  timeout: duration({ default: '3600' }),
  pollInterval: duration({ default: '60', min: '1s' }),
  proceedStates: statesInput('scheduled, implement, review'),
  waitStates: statesInput('new, assess, authorize, scheduled'),
  requireApproval: boolean({ default: true }),
  requireApprover: boolean({ default: false }),
  selfApproval: oneOf(['allow', 'refuse'], { default: 'allow' }),
  editsAfterSubmission: oneOf(['ignore', 'warn', 'refuse'], { default: 'warn' }),
  whenNotRequested: oneOf(['wait', 'stop'], { default: 'wait' }),
  changeWindow: oneOf(['respect', 'ignore'], { default: 'respect' }),
  allowNewCommit: boolean({ default: false }),
  failWhenNotApproved: boolean({ default: true })
} as const

export type WaitInputs = Values<typeof waitInputs>

/** Whoever asks for an approver asks for an approval. */
export function approverProblems(values: Partial<WaitInputs>): string[] {
  const { requireApproval, requireApprover, selfApproval } = values
  if (requireApproval !== false) return []
  const asked = [
    ...(requireApprover === true ? ['`require-approver: true`'] : []),
    ...(selfApproval === 'refuse' ? ['`self-approval: refuse`'] : [])
  ]
  return asked.map(name => `${name} needs an approval: leave \`require-approval: false\` out`)
}

/** A gate that opens for a change that is over would be none. */
export function waitProblems({ proceedStates }: Partial<WaitInputs>): string[] {
  const over = (proceedStates ?? []).filter(state => state === 'closed' || state === 'canceled')
  return over.length === 0
    ? []
    : [
        `\`proceed-states\` cannot hold ${over.join(', ')}: nothing may be deployed under a change that is over`
      ]
}
