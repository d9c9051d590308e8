import type { Rules, Values } from '@change-actions/github-actions'
import {
  changeNameInputs,
  changeNameProblems,
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  githubTokenInput,
  policyInputs,
  waitInputs,
  waitProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...changeNameInputs,
  ...policyInputs,
  ...commitInputs,
  ...waitInputs,
  ...githubTokenInput
} as const

export type WaitApprovalInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...changeNameProblems(values, given),
  ...commitProblems(values),
  ...waitProblems(values)
]
