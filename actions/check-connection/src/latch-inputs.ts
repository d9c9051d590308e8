import { listOf, oneOf, text, type Values } from '@change-actions/github-actions'
import { LATCHES, repositoriesInputs, repositoriesProblems } from '@change-actions/github-actions/input-sets'

/** What is looked at on the GitHub side of resume-deployments. */
export const latchInputs = {
  latch: oneOf(LATCHES),
  ...repositoriesInputs,
  environments: listOf(name => name, { rule: 'names of environments' }),
  workflow: text(),
  githubToken: text({ context: '${{ github.token }}', secret: true })
} as const

export type LatchInputs = Values<typeof latchInputs>

/** What is wrong across these inputs. */
export function latchProblems(values: Partial<LatchInputs>): string[] {
  const { latch, environments = [], workflow } = values
  const unused = [
    ...(latch === undefined && environments.length > 0
      ? ['`environments` is for the check of the GitHub side: give `latch` too']
      : []),
    ...(latch !== 'dispatch' && workflow !== undefined ? ['`workflow` is for `latch: dispatch` alone'] : [])
  ]
  return latch === undefined ? unused : [...repositoriesProblems(values), ...unused]
}
