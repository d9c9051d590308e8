import type { ChangeName } from '@change-actions/change-operations'
import { text } from '../inputs/scalars.ts'
import type { Env } from '../step/runtime.ts'

/** The inputs that name a change. */
export const changeNameInputs = { changeSysId: text(), changeNumber: text() } as const

interface Named {
  readonly changeSysId?: string | undefined
  readonly changeNumber?: string | undefined
  readonly correlationId?: string | undefined
  readonly dryRun?: boolean | undefined
}

const SYS_IDS = 'SERVICENOW_CHANGE_SYS_ID'
const NUMBERS = 'SERVICENOW_CHANGE_NUMBER'

/** The changes that steps of this job made or took, by what they export to the job's environment. */
export function changesOfJob(env: Env): { sysIds: readonly string[]; numbers: readonly string[] } {
  return { sysIds: list(env[SYS_IDS]), numbers: list(env[NUMBERS]) }
}

function list(value: string | undefined): string[] {
  return (value ?? '').split(',').flatMap(item => item.trim() || [])
}

/** What is wrong with the way a step names its change; formats only, nothing is looked up. */
export function nameProblems(values: Named, env: Env): string[] {
  const problems = formatProblems(values)
  if (isNamed(values)) return problems
  const { sysIds, numbers } = changesOfJob(env)
  if (sysIds.length > 1) {
    const made = numbers.length === sysIds.length ? numbers : sysIds
    problems.push(
      `This job made or took several changes (${made.join(', ')}), so the step must say which is meant: give \`change-sys-id\` or \`change-number\``
    )
  } else if (sysIds.length === 0 && values.dryRun !== true) {
    problems.push(
      'No change is named: give `change-sys-id` or `change-number`, or run create-change earlier in the same job'
    )
  }
  return problems
}

/** A sys_id has 32 hex digits, a number looks like CHG0030001. */
export function formatProblems(values: Named): string[] {
  const problems: string[] = []
  if (values.changeSysId !== undefined && !/^[0-9a-f]{32}$/i.test(values.changeSysId)) {
    problems.push(`\`change-sys-id\` must be a sys_id of 32 hex digits, not \`${values.changeSysId}\``)
  }
  if (values.changeNumber !== undefined && !isNumber(values.changeNumber)) {
    problems.push(`\`change-number\` must look like CHG0030001, not \`${values.changeNumber}\``)
  }
  return problems
}

export function isNumber(value: string): boolean {
  return /^[A-Za-z]{2,20}[0-9]{1,20}$/.test(value)
}

/** The change a step is about; undefined only in a dry run whose change was never made. */
export function nameOf(values: Named, env: Env): ChangeName | undefined {
  if (isNamed(values))
    return {
      sysId: values.changeSysId?.toLowerCase(),
      number: values.changeNumber,
      correlationId: values.correlationId
    }
  const [sysId] = changesOfJob(env).sysIds
  return sysId === undefined ? undefined : { sysId }
}

function isNamed(values: Named): boolean {
  return (
    values.changeSysId !== undefined ||
    values.changeNumber !== undefined ||
    values.correlationId !== undefined
  )
}

/**
 * Adds a change to those of the job. Called again for another change by the same step, it replaces what that step
 * added before: the loser of a race is nobody's change.
 */
export function jobExporter(
  env: Env,
  exportVariable: (name: string, value: string) => void
): (change: { sysId: string; number: string }) => void {
  const before = changesOfJob(env)
  return change => {
    const others = before.sysIds
      .map((sysId, n) => ({ sysId, number: before.numbers[n] ?? '' }))
      .filter(one => one.sysId !== change.sysId)
    const all = [...others, change]
    exportVariable(SYS_IDS, all.map(one => one.sysId).join(','))
    exportVariable(NUMBERS, all.map(one => one.number).join(','))
  }
}
