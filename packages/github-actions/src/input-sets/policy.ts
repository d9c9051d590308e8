import { text } from '../inputs/scalars.ts'

/** The inputs by which a step finds its policy. */
export const policyInputs = {
  environment: text(),
  policyFile: text({ defaultText: '.github/servicenow-change.yml' })
} as const
