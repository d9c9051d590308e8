import { ServiceNowError } from '@change-actions/servicenow-client'

/** One row of the report. Texts may be foreign. */
export interface Finding {
  readonly check: string
  /** `fail` only where the actions cannot do without it. */
  readonly result: 'ok' | 'warn' | 'fail' | 'skipped'
  readonly detail: string
  /** What to do about it; '' for a good row. */
  readonly fix: string
}

export function good(check: string, detail: string): Finding {
  return { check, result: 'ok', detail, fix: '' }
}

export function bad(check: string, result: 'warn' | 'fail', detail: string, fix: string): Finding {
  return { check, result, detail, fix }
}

export function skipped(check: string, detail: string): Finding {
  return { check, result: 'skipped', detail, fix: '' }
}

/** A failed request as a row. */
export function failed(check: string, result: 'warn' | 'fail', error: ServiceNowError): Finding {
  const said = error.answer === undefined || error.answer === '' ? '' : ` (${error.answer})`
  return bad(check, result, `${error.title}${said}`, error.fix)
}

/** Runs a check; an error of the instance becomes a row, anything else is a defect and goes up. */
export async function attempt(
  check: string,
  otherwise: 'warn' | 'fail',
  body: () => Promise<Finding>
): Promise<Finding> {
  try {
    return await body()
  } catch (error) {
    if (error instanceof ServiceNowError) return failed(check, otherwise, error)
    throw error
  }
}
