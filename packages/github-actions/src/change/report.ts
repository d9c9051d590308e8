import { type Change, Interrupted } from '@change-actions/servicenow-client'
import type { Connection } from '../connection/connect.ts'
import { isTitled } from '../errors.ts'
import type { Step } from '../step/run-step.ts'
import { markdown } from '../text.ts'
import { changeFacts, metricsFacts, metricsOf, planSection } from './change-outputs.ts'

/** What a step has to say at its end, filled in as it goes. */
export interface StepReport {
  change: Change | undefined
  /** False for a step that looks for no change: its failure says nothing of one. */
  aboutChange: boolean
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
    aboutChange: true,
    creationMs: undefined,
    waitMs: undefined,
    result: 'failure',
    facts: []
  }
  let written = false
  const write = (failure?: Failure) => {
    if (written) return
    written = true
    const metrics = metricsOf(connection.client, report, step.now() - startedAt)
    step.outputs.set('metrics', { ...metrics })
    step.summary.heading(title)
    if (failure !== undefined) {
      step.summary.line(`**${markdown(failure.title)}**`)
      for (const line of failure.lines) step.summary.plain(line, MOST_OF_A_LINE)
    }
    const facts = report.change === undefined ? [] : changeFacts(connection.client, report.change)
    step.summary.facts([...facts, ...report.facts, ...metricsFacts(metrics)])
    planSection(step.summary, connection.plans)
  }
  step.onInterrupt(() => {
    report.result = 'interrupted'
    write({ title: 'Interrupted', lines: [] })
  })
  try {
    await body(report)
    write()
  } catch (error) {
    if (error instanceof Interrupted) report.result = 'interrupted'
    write(failureOf(error))
    throw report.aboutChange ? withStanding(error, connection, report.change) : error
  } finally {
    await connection.client.close()
  }
}

const MOST_OF_A_LINE = 1_000

interface Failure {
  readonly title: string
  /** What happened, the likely cause and the fix. */
  readonly lines: readonly string[]
}

function failureOf(error: unknown): Failure {
  if (!isTitled(error)) return { title: 'Unexpected error', lines: [] }
  return { title: error.title, lines: error.message.split('\n') }
}

/** A failure also says how the change is left, as far as this step has read it. */
function withStanding(error: unknown, { client }: Connection, change: Change | undefined): unknown {
  if (!isTitled(error) || error.title === 'Input error') return error
  const now =
    change === undefined
      ? 'this step has found or made no change so far'
      : `${change.number} was last read in ${change.stateLabel}, approval ${change.approval}: ${client.changeUrl(change.sysId)}`
  return Object.assign(new Error(`${error.message}\nNow: ${now}.`, { cause: error }), { title: error.title })
}
