/** Reads the report of check-connection in tests. */
import type { Finding } from '../check-connection/src/finding.ts'
import type { Performed } from './perform.ts'

/** All rows of the report. */
export const report = (step: Performed) => JSON.parse(step.outputs.report ?? '') as Finding[]

/** The row with that name. */
export function row(step: Performed, check: string): Finding {
  const found = report(step).find(one => one.check === check)
  if (found === undefined) throw new Error(`no row ${check}: ${step.outputs.report} ${step.failure?.text}`)
  return found
}

/** The names of the rows with that result. */
export const results = (step: Performed, result: Finding['result']) =>
  report(step).flatMap(one => (one.result === result ? [one.check] : []))
