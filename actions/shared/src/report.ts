import { isTitled, markdown, type Step } from '@change-actions/action-kit'
import { type Change, Interrupted } from '@change-actions/servicenow-client'
import type { Connection } from './connect.ts'
import { changeFacts, metricsFacts, metricsOf, planSection } from './outputs.ts'

/** What a step has to say at its end, filled in as it goes. */
export interface StepReport {
  change: Change | undefined
  creationMs: number | undefined
  waitMs: number | undefined
  /** One word for the metrics: `created`, `approved`, `closed`, … */
  result: string
  /** Further rows of the summary; cells are Markdown. */
  readonly facts: (readonly [string, string])[]
}

/**
 * Runs the body of a step and, however it ends (done, failed, interrupted), leaves metrics and summary behind.
 */
export async function reported(
  step: Step<unknown>,
  connection: Connection,
  title: string,
  body: (report: StepReport) => Promise<void>
): Promise<void> {
  const startedAt = step.now()
  const report: StepReport = {
    change: undefined,
    creationMs: undefined,
    waitMs: undefined,
    result: 'failure',
    facts: []
  }
  let written = false
  const write = (failure?: string) => {
    if (written) return
    written = true
    const metrics = metricsOf(connection.client, report, step.now() - startedAt)
    step.outputs.set('metrics', { ...metrics })
    step.summary.heading(title)
    if (failure !== undefined) step.summary.line(`**${markdown(failure)}**`)
    const facts = report.change === undefined ? [] : changeFacts(connection.client, report.change)
    step.summary.facts([...facts, ...report.facts, ...metricsFacts(metrics)])
    planSection(step.summary, connection.plans)
  }
  step.onInterrupt(() => {
    report.result = 'interrupted'
    write('Interrupted')
  })
  try {
    await body(report)
    write()
  } catch (error) {
    if (error instanceof Interrupted) report.result = 'interrupted'
    write(titleOf(error))
    throw withStanding(error, report.change)
  } finally {
    await connection.client.close()
  }
}

function titleOf(error: unknown): string {
  return isTitled(error) ? error.title : 'Unexpected error'
}

/** A failure also says how the change is left, as far as this step has read it. */
function withStanding(error: unknown, change: Change | undefined): unknown {
  if (!isTitled(error) || error.title === 'Input error') return error
  const now =
    change === undefined
      ? 'this step has found or made no change so far'
      : `${change.number} was last read in ${change.stateLabel}, approval ${change.approval}`
  return Object.assign(new Error(`${error.message}\nNow: ${now}.`, { cause: error }), { title: error.title })
}
