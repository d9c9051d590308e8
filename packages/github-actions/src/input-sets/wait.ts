import { listedStates } from '@change-actions/change-control'
import type { Values } from '../inputs/field.ts'
import { boolean, oneOf } from '../inputs/scalars.ts'
import { duration } from '../inputs/time.ts'
import { type LifeCycleValues, listProblems, mapOf, statesInput } from './states.ts'

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
  requireBinding: boolean({ default: false }),
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
export function waitProblems(values: Partial<WaitInputs> & LifeCycleValues): string[] {
  const listed = listedStates(mapOf(values), values.proceedStates ?? [])
  const over = listed.filter(state => state === 'closed' || state === 'canceled')
  const problem = `\`proceed-states\` cannot hold ${over.join(', ')}: nothing may be deployed under a change that is over`
  return [...listProblems(values), ...(over.length === 0 ? [] : [problem])]
}
