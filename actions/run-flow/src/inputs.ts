import { type Rules, text, type Values } from '@change-actions/github-actions'
import {
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  deliveryInputs,
  deliveryProblems,
  doorPlaceProblems,
  flowDoorProblems,
  ownershipInputs,
  ownershipProblems,
  waitInputs
} from '@change-actions/github-actions/input-sets'

const { timeout, pollInterval } = waitInputs

export const inputs = {
  ...connectionInputs,
  ...deliveryInputs,
  flow: text(),
  timeout,
  pollInterval,
  ...commitInputs,
  ...ownershipInputs
} as const

export type RunFlowInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...flowDoorProblems(values),
  ...doorPlaceProblems(values, given.sources.signingSecret),
  ...deliveryProblems(values, given.env),
  ...commitProblems(values, given),
  ...ownershipProblems(values)
]
