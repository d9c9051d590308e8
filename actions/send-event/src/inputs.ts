import { type Rules, text, type Values } from '@change-actions/github-actions'
import {
  commitInputs,
  commitProblems,
  connectionInputs,
  connectionProblems,
  deliveryInputs,
  deliveryProblems,
  doorPlaceProblems,
  eventProblems,
  ownershipInputs,
  ownershipProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...deliveryInputs,
  event: text(),
  ...commitInputs,
  ...ownershipInputs
} as const

export type SendEventInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => [
  ...connectionProblems(values, given),
  ...eventProblems(values),
  ...doorPlaceProblems(values, given.sources.signingSecret),
  ...deliveryProblems(values, given.env),
  ...commitProblems(values, given),
  ...ownershipProblems(values)
]
