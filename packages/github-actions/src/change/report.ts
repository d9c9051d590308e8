import { stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, Interrupted, Problem } from '@change-actions/servicenow-client'
import type { Connection } from '../connection/connect.ts'
import type { StatusFacts } from '../messages/index.ts'
import type { StepTools } from '../step/run-step.ts'
import type { Summary } from '../summary.ts'
import type { StepMeasures } from '../telemetry/telemetry.ts'
import { markdown } from '../text.ts'
import { type Backlog, metricsLine, metricsOf } from './metrics.ts'
import { type Told, writeBlock, writeLine, writeVerdict } from './story/block.ts'
import { type Failure, failureOf, writeFailure } from './story/failure.ts'
import { joined, keepStory, readStory } from './story/job-story.ts'
import { emptyStory, type Story } from './story/story.ts'
import { verdictOf } from './story/verdict.ts'

/** What a step tells at its end, filled in as it goes. */
export interface StepReport {
  change: Change | undefined
  /** False for a step that is about no change: its failure says nothing of one. */
  aboutChange: boolean
  /** Milliseconds. */
  creationMs: number | undefined
  /** Milliseconds that the approval took; what was waited for after it does not count. */
  waitMs: number | undefined
  /** How often a wait looked. */
  polls: number | undefined
  /** Of a step that looks at many deployments. */
  backlog: Backlog | undefined
  /** When that was over, in milliseconds since 1970. */
  waitEndedAt: number | undefined
  /** This step moved the change to its end. One that others closed does not count. */
  closes: boolean
  /** One word for the metrics: `created`, `approved`, `closed`, … */
  result: string
  /** A line where a later step writes the block. */
  as: Show['as']
  /** What the summary tells of the change. */
  readonly story: Story
  /** Of an earlier step, which the summary tells again. */
  earlier: Failure | undefined
  /** Further rows of the summary; cells are Markdown. */
  readonly facts: (readonly [string, string])[]
  /** Written to the summary below the rows. */
  readonly sections: ((summary: Summary) => void)[]
}

/**
 * What a step shows in the summary: the whole block, a line (a later step writes the block), or what it lists itself.
 * A step's part cannot be changed by a later one.
 */
export interface Show {
  readonly as: 'block' | 'line' | 'list'
  /** Names the step's part where there is no change. */
  readonly title: string
  readonly environment?: string | undefined
}

/**
 * Runs the body of a step and, however it ends (done, failed, interrupted), writes metrics and summary.
 *
 * @throws what the body throws; a Problem with the current status of the change
 */
export async function reported(
  step: StepTools,
  connection: Connection,
  show: Show,
  body: (report: StepReport) => Promise<void>
): Promise<void> {
  const startedAt = step.now()
  const report: StepReport = {
    change: undefined,
    aboutChange: true,
    creationMs: undefined,
    waitMs: undefined,
    polls: undefined,
    as: show.as,
    story: { ...emptyStory(), environment: show.environment },
    earlier: undefined,
    backlog: undefined,
    waitEndedAt: undefined,
    closes: false,
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
    const measures = metricsLine(metrics, report.polls)
    tellStory(step, connection, report)
    writeSummary(step, { report, show, client: connection.client, measures }, failure)
    planSection(step.summary, connection.plans)
    if (report.as !== 'line') step.summary.line(measures)
  }
  step.onInterrupt(() => {
    report.result = 'interrupted'
    report.story.verdict = verdictOf('interrupted')
    write({ title: 'Interrupted', lines: [] })
  })
  try {
    await body(report)
    write()
  } catch (error) {
    if (error instanceof Interrupted) report.result = 'interrupted'
    write(await failureOf(error))
    throw report.aboutChange ? withStatus(error, connection, report.change) : error
  } finally {
    await connection.client.close()
  }
}

/** The block tells what earlier steps of the job saw and attached as well; what is known now is kept for later steps. */
function tellStory({ env, redact }: StepTools, { client, context }: Connection, report: StepReport): void {
  const { change, story, as } = report
  if (change === undefined || as === 'list') return
  const subject = { instance: client.instance, sysId: change.sysId }
  const { states, evidence } = story
  const all = joined(readStory(env, subject), { states, evidence: evidence.map(redact) })
  if (!context.dryRun) keepStory(env, subject, all)
  if (as === 'block') Object.assign(story, all)
}

interface Writing {
  readonly report: StepReport
  readonly show: Show
  readonly client: Connection['client']
  /** Markdown. */
  readonly measures: string
}

/** The parts of a summary, in the order in which people ask: how it ended and why, then the facts. */
function writeSummary(
  { summary, runtime }: StepTools,
  { report, show, client, measures }: Writing,
  failure: Failure | undefined
): void {
  const { story, change } = report
  if (show.as !== 'list') story.verdict ??= verdictOf(report.result)
  else if (failure !== undefined) story.verdict ??= verdictOf('failure')
  const told: Told = { client, runtime, story, change, title: show.title }
  const { as } = report
  if (as === 'list') writeVerdict(summary, { ...told, change: undefined })
  else if (as === 'block' || failure !== undefined) writeVerdict(summary, told)
  const failures = [failure, report.earlier].filter(one => one !== undefined)
  for (const one of failures) writeFailure(summary, one)
  // A failure says why.
  if (failures.length > 0) story.reason = undefined
  if (as === 'line') writeLine(summary, told, measures)
  else if (as === 'block') writeBlock(summary, told, report.facts)
  else if (report.facts.length > 0) summary.facts(report.facts)
  for (const section of report.sections) section(summary)
}

function measuresOf({ change, closes, ...measured }: StepReport): StepMeasures {
  const { result, creationMs, waitMs, waitEndedAt, backlog } = measured
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
    waiting: backlog
  }
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
