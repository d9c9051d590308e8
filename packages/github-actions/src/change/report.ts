import { stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, Interrupted, Problem } from '@change-actions/servicenow-client'
import type { Connection } from '../connection/connect.ts'
import { describeError, type StatusFacts } from '../messages/index.ts'
import type { StepTools } from '../step/run-step.ts'
import type { Summary } from '../summary.ts'
import type { StepMeasures } from '../telemetry/telemetry.ts'
import { markdown } from '../text.ts'
import { metricsFacts, metricsOf } from './metrics.ts'
import { changeFacts } from './outputs.ts'

/** What a step tells at its end, filled in as it goes. */
export interface StepReport {
  change: Change | undefined
  /** False for a step that is about no change: its failure says nothing of one. */
  aboutChange: boolean
  /** Milliseconds. */
  creationMs: number | undefined
  /** Milliseconds. */
  waitMs: number | undefined
  /** Milliseconds since 1970. */
  waitEndedAt: number | undefined
  /** The step ends changes: one that is over at its end was closed by it. */
  closes: boolean
  /** Deployments that wait, for a step that looks after many. */
  waiting: StepMeasures['waiting']
  /** One word for the metrics: `created`, `approved`, `closed`, … */
  result: string
  /** Further rows of the summary; cells are Markdown. */
  readonly facts: (readonly [string, string])[]
  /** Written to the summary below the rows. */
  readonly sections: ((summary: Summary) => void)[]
}

/**
 * Runs the body of a step and, however it ends (done, failed, interrupted), writes metrics and summary.
 *
 * @param title the heading of the summary
 * @throws what the body throws; a Problem with the current status of the change
 */
export async function reported(
  step: StepTools,
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
    waitEndedAt: undefined,
    closes: false,
    waiting: undefined,
    result: 'failure',
    facts: [],
    sections: []
  }
  let written = false
  const write = (failure?: Failure) => {
    if (written) return
    written = true
    const metrics = metricsOf(connection.client, report, step.now() - startedAt)
    step.outputs.set('metrics', { ...metrics })
    step.telemetry?.measured(measuresOf(report))
    step.summary.heading(title)
    if (failure !== undefined) writeFailure(step.summary, failure)
    const facts = report.change === undefined ? [] : changeFacts(connection.client, report.change)
    step.summary.facts([...facts, ...report.facts, ...metricsFacts(metrics)])
    for (const section of report.sections) section(step.summary)
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
    write((await describeError(error)) ?? DEFECT)
    throw report.aboutChange ? withStatus(error, connection, report.change) : error
  } finally {
    await connection.client.close()
  }
}

function measuresOf({ change, closes, ...measured }: StepReport): StepMeasures {
  const { result, creationMs, waitMs, waitEndedAt, waiting } = measured
  const state = change === undefined ? undefined : stateOf(change.state)
  const isOver = state === 'closed' || state === 'canceled'
  const closeCode = change === undefined ? '' : fieldOf(change.fields, 'close_code').value
  return {
    result,
    changeNumber: change?.number,
    creationMs,
    waitMs,
    waitEndedAt,
    closed: closes && isOver ? { closeCode: closeCode || result } : undefined,
    waiting
  }
}

/** Characters of one line of a failure in the summary. */
const MAX_LINE = 1_000

interface Failure {
  readonly title: string
  /** What happened, the likely cause and the fix. */
  readonly lines: readonly string[]
}

const DEFECT: Failure = { title: 'Unexpected error', lines: [] }

function writeFailure(summary: Summary, { title, lines }: Failure): void {
  summary.line(`**${markdown(title)}**`)
  for (const line of lines) summary.plain(line, MAX_LINE)
}

/** Problems that name a change which the step found or made and cannot use: it would be wrong to say that it has none. */
const FOUND_UNUSED: readonly string[] = [
  'already-over',
  'already-used',
  'created-unseen',
  'differs',
  'other-record',
  'other-title',
  'rejected-before'
]

/** A failure also says how the change stands, as far as this step has read it. */
function withStatus(error: unknown, { client }: Connection, change: Change | undefined): unknown {
  if (!(error instanceof Problem) || error.code === 'input') return error
  if (change === undefined && FOUND_UNUSED.includes(error.code)) return error
  const status: StatusFacts =
    change === undefined
      ? { current: 'none' }
      : {
          current: {
            number: change.number,
            stateLabel: change.stateLabel,
            approval: change.approval,
            url: client.changeUrl(change.sysId)
          }
        }
  return error.with(status)
}

/** A dry run's list of writes left out. */
function planSection(summary: Summary, plans: readonly string[]): void {
  if (plans.length === 0) return
  summary.line('Dry run: nothing was written. The step would')
  summary.line(plans.map(plan => `- ${markdown(plan)}`).join('\n'))
}
