import type { Rules, Values } from '@change-actions/github-actions'
import {
  approverProblems,
  changeNameInputs,
  changeNameProblems,
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  waitInputs,
  waitProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = { ...connectionInputs, ...changeNameInputs, ...commitInputs, ...waitInputs } as const

export type WaitApprovalInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...changeNameProblems(values, given),
  ...commitProblems(values),
  ...waitProblems(values),
  ...approverProblems(values)
]
