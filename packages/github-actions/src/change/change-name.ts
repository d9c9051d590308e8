import { formatJobVariable, JOB_VARIABLES, parseJobVariable } from '@change-actions/change-control'
import type { ChangeName } from '@change-actions/change-operations'
import type { Env } from '../step/runtime.ts'

/** The values by which a step names its change. */
export interface NameValues {
  readonly changeSysId?: string | undefined
  readonly changeNumber?: string | undefined
  readonly correlationId?: string | undefined
  readonly dryRun?: boolean | undefined
}

/** The changes that steps of this job made or used, by what they export to the job's environment; oldest first. */
export function changesOfJob(env: Env): { sysIds: readonly string[]; numbers: readonly string[] } {
  return {
    sysIds: parseJobVariable(env[JOB_VARIABLES.sysIds]),
    numbers: parseJobVariable(env[JOB_VARIABLES.numbers])
  }
}

/** The change a step is about; undefined only in a dry run whose change was never made. */
export function changeNameOf(values: NameValues, env: Env): ChangeName | undefined {
  if (isNamed(values))
    return {
      sysId: values.changeSysId?.toLowerCase(),
      number: values.changeNumber,
      correlationId: values.correlationId
    }
  const [sysId] = changesOfJob(env).sysIds
  return sysId === undefined ? undefined : { sysId, ofJob: true }
}

function isNamed(values: NameValues): boolean {
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
    exportVariable(JOB_VARIABLES.sysIds, formatJobVariable(all.map(one => one.sysId)))
    exportVariable(JOB_VARIABLES.numbers, formatJobVariable(all.map(one => one.number)))
  }
}
