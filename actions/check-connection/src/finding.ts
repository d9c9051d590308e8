import { describeError } from '@change-actions/github-actions/change'
import { isClientProblem, type Problem } from '@change-actions/servicenow-client'

/** One row of the report. Texts may come from outside. */
export interface Finding {
  readonly check: string
  /** `fail` only where the actions cannot do without it. */
  readonly result: 'ok' | 'warn' | 'fail' | 'skipped'
  readonly detail: string
  /** What to do about it, without a full stop; '' for a good row. */
  readonly fix: string
}

/** A row that needs nothing. */
export function good(check: string, detail: string): Finding {
  return { check, result: 'ok', detail, fix: '' }
}

/** A row that needs something. */
export function bad(check: string, result: 'warn' | 'fail', detail: string, fix: string): Finding {
  return { check, result, detail, fix }
}

/** A row that could not be checked, or need not be. */
export function skipped(check: string, detail: string): Finding {
  return { check, result: 'skipped', detail, fix: '' }
}

/** A failed request as a row. */
export async function failed(check: string, result: 'warn' | 'fail', problem: Problem): Promise<Finding> {
  const { title, fix } = (await describeError(problem)) ?? { title: problem.code, fix: '' }
  const { message = '' } = problem.facts as { message?: string }
  return bad(check, result, message === '' ? title : `${title} (${message})`, fix)
}

/** Runs a check; a problem of the client becomes a row, anything else is a defect and is thrown. */
export async function attempt(
  check: string,
  otherwise: 'warn' | 'fail',
  body: () => Promise<Finding>
): Promise<Finding> {
  try {
    return await body()
  } catch (error) {
    if (isClientProblem(error)) return await failed(check, otherwise, error)
    throw error
  }
}
