import { isSafeInQuery } from '@change-actions/servicenow-client'
import { changesOfJob, type NameValues } from '../change/change-name.ts'
import { text } from '../inputs/scalars.ts'
import type { Env } from '../step/runtime.ts'
import { oneLine } from '../text.ts'

/** The inputs that name the change a step is about. */
export const changeNameInputs = {
  changeSysId: text({
    defaultText: 'the change that create-change or the gate made or used earlier in the same job'
  }),
  changeNumber: text()
} as const

/** What is wrong with the way a step names its change; forms only, nothing is looked up. */
export function changeNameProblems(values: NameValues, { env }: { readonly env: Env }): string[] {
  const problems = changeNameFormProblems(values)
  const { changeSysId, changeNumber, correlationId, dryRun } = values
  if ((changeSysId ?? changeNumber ?? correlationId) !== undefined) return problems
  const { sysIds, numbers } = changesOfJob(env)
  if (sysIds.length > 1) {
    const made = numbers.length === sysIds.length ? numbers : sysIds
    problems.push(
      `This job made or used several changes (${made.join(', ')}), so the step must say which is meant: give \`change-sys-id\` or \`change-number\``
    )
  } else if (sysIds.length === 0 && dryRun !== true) {
    problems.push(
      'No change is named: give `change-sys-id` or `change-number`, or run create-change earlier in the same job'
    )
  }
  return problems
}

/** What is wrong with the forms of the names: a sys_id has 32 hex digits, a number what an instance may hand out. */
export function changeNameFormProblems({ changeSysId, changeNumber }: NameValues): string[] {
  const problems: string[] = []
  if (changeSysId !== undefined && !isSysId(changeSysId))
    problems.push(`\`change-sys-id\` must be a sys_id of 32 hex digits, not \`${changeSysId}\``)
  if (changeNumber !== undefined && !isChangeNumber(changeNumber))
    problems.push(`\`change-number\` ${wrongNumber(changeNumber)}`)
  return problems
}

/** Whether a text has the form of a sys_id: 32 hex digits. */
export function isSysId(value: string): boolean {
  return /^[0-9a-f]{32}$/i.test(value)
}

/** The field's length. */
const MAX_NUMBER = 40

/**
 * Whether a text may be the number of a record. Its prefix is free text on the instance (`CHG-2026-0042`, `CR0001`,
 * none at all): it has a digit, and nothing that would mean something else in a list or in a query.
 */
export function isChangeNumber(value: string): boolean {
  if (isSysId(value) || value.length > MAX_NUMBER || !isSafeInQuery(value)) return false
  return /\d/.test(value) && !/[,;"'`<>]|\s\s/.test(value)
}

function wrongNumber(value: string): string {
  if (isSysId(value)) return 'is a sys_id: give it as `change-sys-id`'
  return `must be a number as the instance gives it, such as CHG0030001, not \`${oneLine(value, 80)}\``
}
