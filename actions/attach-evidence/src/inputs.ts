import { boolean, lines, oneOf, type Rules, type Values, yamlList } from '@change-actions/github-actions'
import {
  changeNameInputs,
  changeNameProblems,
  connectionInputs,
  connectionProblems,
  environmentInputs,
  foreignInputs,
  ownershipInputs,
  ownershipProblems
} from '@change-actions/github-actions/input-sets'

export const inputs = {
  ...connectionInputs,
  ...changeNameInputs,
  ...environmentInputs,
  ...foreignInputs,
  ...ownershipInputs,
  files: lines(),
  attachments: yamlList(),
  ifNoFilesFound: oneOf(['error', 'warn', 'ignore'], { default: 'error' }),
  ifExists: oneOf(['skip', 'attach'], { default: 'skip' }),
  workNote: boolean({ default: true })
} as const

export type AttachInputs = Values<typeof inputs>

/** What is wrong across the inputs. */
export const rules: Rules<typeof inputs> = (values, given) => {
  const nothing = values.files?.length === 0 && (values.attachments ?? []).length === 0
  return [
    ...connectionProblems(values, given),
    ...changeNameProblems(values, given),
    ...ownershipProblems(values),
    ...(nothing ? ['There is nothing to attach: give `files` or `attachments`'] : [])
  ]
}
