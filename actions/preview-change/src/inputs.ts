import { boolean, listOf, type Rules, type Values } from '@change-actions/github-actions'
import {
  connectionInputs,
  connectionProblems,
  githubTokenInput,
  lifeCycleInputs,
  policyInputs
} from '@change-actions/github-actions/input-sets'

/** Nothing is written, so there is no dry run. */
const { dryRun: _, ...connection } = connectionInputs

const { policyFile, policyToken } = policyInputs

export const inputs = {
  ...connection,
  environments: listOf(name => name, { rule: 'names of environments' }),
  policyFile,
  policyToken,
  comment: boolean({ default: true }),
  ...lifeCycleInputs,
  ...githubTokenInput
} as const

export type PreviewInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => connectionProblems(values, given)
