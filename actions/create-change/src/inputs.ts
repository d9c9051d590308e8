import type { Rules, Values } from '@change-actions/github-actions'
import {
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  createInputs,
  createProblems,
  derivedIdentityProblems,
  isSupplied
} from '@change-actions/github-actions/input-sets'

export const inputs = { ...connectionInputs, ...commitInputs, ...createInputs } as const

export type CreateChangeInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...commitProblems(values),
  ...titleProblems(values),
  ...createProblems(values),
  ...derivedIdentityProblems(values, given.env, ['GITHUB_RUN_ID'])
]

function titleProblems(values: Partial<CreateChangeInputs>): string[] {
  if (values.shortDescription !== undefined || isSupplied(values)) return []
  return ['`short-description` is required, unless `change-number` or `change-sys-id` supplies a change']
}
