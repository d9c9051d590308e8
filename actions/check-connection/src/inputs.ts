import { type Env, text, type Values } from '@change-actions/github-actions'
import { connectionInputs, connectionProblems } from '@change-actions/github-actions/input-sets'

const { dryRun: _, ...connection } = connectionInputs

export const inputs = {
  ...connection,
  assignmentGroup: text(),
  cmdbCi: text(),
  standardChangeTemplate: text()
} as const

export type CheckInputs = Values<typeof inputs>

export function rules(values: Partial<CheckInputs>, env: Env): string[] {
  return connectionProblems(values, env)
}
