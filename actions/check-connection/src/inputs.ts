import { type Rules, text, type Values } from '@change-actions/github-actions'
import {
  checkedDoorInputs,
  checkedDoorProblems,
  connectionInputs,
  connectionProblems,
  lifeCycleInputs,
  ownershipInputs,
  ownershipProblems
} from '@change-actions/github-actions/input-sets'
import { latchInputs, latchProblems } from './latch-inputs.ts'

/** Nothing is written, so there is no dry run. */
const { dryRun: _, ...connection } = connectionInputs

export const inputs = {
  ...connection,
  ...ownershipInputs,
  ...lifeCycleInputs,
  assignmentGroup: text(),
  cmdbCi: text(),
  standardChangeTemplate: text(),
  closeCodeSuccess: text(),
  closeCodeFailure: text(),
  ...latchInputs,
  ...checkedDoorInputs
} as const

export type CheckInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...ownershipProblems(values),
  ...latchProblems(values),
  ...checkedDoorProblems(values, given.sources.signingSecret)
]
