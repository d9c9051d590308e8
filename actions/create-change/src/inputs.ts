import type { Derived, Rules, Values } from '@change-actions/github-actions'
import {
  artifactInputs,
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  createInputs,
  createProblems,
  derivedIdentityProblems,
  derivedKind,
  foreignInputs,
  githubTokenInput,
  isSupplied,
  lifeCycleInputs,
  ownershipInputs,
  ownershipProblems,
  policyInputs
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...policyInputs,
  ...lifeCycleInputs,
  ...commitInputs,
  ...artifactInputs,
  ...createInputs,
  ...foreignInputs,
  ...ownershipInputs,
  ...githubTokenInput
} as const

export type CreateChangeInputs = Values<typeof inputs>

/** What inputs without a fixed default come to when they are not given. */
export const derived: Derived<typeof inputs> = derivedKind

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...commitProblems(values, given),
  ...titleProblems(values),
  ...createProblems(values),
  ...derivedIdentityProblems(values, given.env, ['GITHUB_RUN_ID']),
  ...ownershipProblems(values)
]

function titleProblems(values: Partial<CreateChangeInputs>): string[] {
  if (values.shortDescription !== undefined || isSupplied(values)) return []
  return ['`short-description` is required, unless `change-number` or `change-sys-id` supplies a change']
}
