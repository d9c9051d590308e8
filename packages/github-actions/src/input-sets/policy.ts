import { text } from '../inputs/scalars.ts'

/** The inputs by which a step finds its policy. */
export const policyInputs = {
  environment: text(),
  policyFile: text({ defaultText: '.github/servicenow-change.yml' }),
  policyToken: text({ defaultText: "the job's own token", secret: true })
} as const

/** The job's own token, which the runner hands over. */
export const githubTokenInput = {
  githubToken: text({ context: '${{ github.token }}', secret: true })
} as const
