import type { Rules, Values } from '@change-actions/github-actions'
import {
  approverProblems,
  artifactInputs,
  changeNameInputs,
  changeNameProblems,
  claimInputs,
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  foreignInputs,
  githubTokenInput,
  lifeCycleInputs,
  ownershipInputs,
  ownershipProblems,
  policyInputs,
  waitInputs,
  waitProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...policyInputs,
  ...lifeCycleInputs,
  ...changeNameInputs,
  ...commitInputs,
  ...artifactInputs,
  ...waitInputs,
  ...foreignInputs,
  ...claimInputs,
  ...ownershipInputs,
  ...githubTokenInput
} as const

export type WaitApprovalInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...changeNameProblems(values, given),
  ...commitProblems(values, given),
  ...waitProblems(values),
  ...approverProblems(values),
  ...ownershipProblems(values)
]
