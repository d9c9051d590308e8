import type { Rules, Values } from '@change-actions/github-actions'
import {
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  createInputs,
  createProblems,
  environmentInputs,
  foreignInputs,
  isSupplied,
  lifeCycleInputs,
  ownershipInputs,
  ownershipProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...lifeCycleInputs,
  ...environmentInputs,
  ...commitInputs,
  ...createInputs,
  ...foreignInputs,
  ...ownershipInputs
} as const

export type CreateChangeInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...commitProblems(values, given),
  ...titleProblems(values),
  ...createProblems(values),
  ...ownershipProblems(values)
]

function titleProblems(values: Partial<CreateChangeInputs>): string[] {
  if (values.shortDescription !== undefined || isSupplied(values)) return []
  return ['`short-description` is required, unless `change-number` or `change-sys-id` supplies a change']
}
