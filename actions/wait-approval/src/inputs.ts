import type { Rules, Values } from '@change-actions/github-actions'
import {
  changeNameInputs,
  changeNameProblems,
  claimInputs,
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  environmentInputs,
  foreignInputs,
  ownershipInputs,
  ownershipProblems,
  lifeCycleInputs,
  waitInputs,
  waitProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...lifeCycleInputs,
  ...changeNameInputs,
  ...environmentInputs,
  ...commitInputs,
  ...waitInputs,
  ...foreignInputs,
  ...claimInputs,
  ...ownershipInputs
} as const

export type WaitApprovalInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...changeNameProblems(values, given),
  ...commitProblems(values, given),
  ...waitProblems(values),
  ...ownershipProblems(values)
]
