import { boolean, type Env, lines, oneOf, type Values, yamlList } from '@change-actions/github-actions'
import {
  changeNameInputs,
  connectionInputs,
  connectionProblems,
  nameProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...changeNameInputs,
  files: lines(),
  attachments: yamlList(),
  ifNoFilesFound: oneOf(['error', 'warn', 'ignore'], { default: 'error' }),
  ifExists: oneOf(['skip', 'attach'], { default: 'skip' }),
  workNote: boolean({ default: true })
} as const

export type AttachInputs = Values<typeof inputs>

export function rules(values: Partial<AttachInputs>, env: Env): string[] {
  const nothing = values.files?.length === 0 && (values.attachments ?? []).length === 0
  return [
    ...connectionProblems(values, env),
    ...nameProblems(values, env),
    ...(nothing ? ['There is nothing to attach: give `files` or `attachments`'] : [])
  ]
}
