import {
  type CloseCodes,
  closeResultOf,
  finish,
  type GateState,
  isEnded,
  jobResultOf,
  leftToDo
} from '@change-actions/change-operations'
import {
  annotationOf,
  markdown,
  runStep,
  type Step,
  type StepDefinition,
  type StepTools
} from '@change-actions/github-actions'
import {
  connect,
  describeError,
  identityOf,
  leftToDoText,
  reported,
  stepProblem,
  withState
} from '@change-actions/github-actions/change'
import { statedCommit } from '@change-actions/github-actions/input-sets'
import { type Change, Problem } from '@change-actions/servicenow-client'
import { type PostInputs, postConnection, postInputs, postRules } from './post-connection.ts'
import { isOpened, verdictAfter, verdictBefore } from './post-verdict.ts'
import { type FoundGate, type KeptInputs, readGate, type SavedGate } from './state.ts'

/** The post step shares five minutes with all others when a run is canceled; it takes at most one, exit included. */
const TIMEOUT_MS = 55_000
const REQUEST_TIMEOUT_MS = 10_000
const MAX_RETRIES = 3

const TITLE = 'Change after the deployment'

/** The post step of a gate that had a change. */
function definitionOf(saved: SavedGate): StepDefinition<typeof postInputs> {
  return {
    name: 'gate, post',
    inputs: postInputs,
    partial: true,
    rules: postRules(saved),
    // Inputs gone wrong since are no reason to fail the job.
    async refused(error, tools) {
      tools.summary.heading(TITLE)
      await settle(tools, saved, error, tools.env['INPUT_JOB-STATUS'])
    },
    run: step => run(step, saved)
  }
}

/** The post step where nothing can be done. */
function quiet(tell: (tools: StepTools) => void | Promise<void>): StepDefinition<Record<never, never>> {
  return {
    name: 'gate, post',
    inputs: {},
    partial: true,
    run: async step => tell(step)
  }
}

async function run(step: Step<PostInputs>, saved: SavedGate): Promise<void> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const signal = AbortSignal.any([step.signal, timeout])
  const seen: { change?: Change } = {}
  try {
    await work({ ...step, signal }, saved, seen)
  } catch (error) {
    const late = timeout.aborted ? stepProblem('not-finished', { seconds: TIMEOUT_MS / 1000 }) : undefined
    // Before the change is seen, the report would add that there is none.
    const plain =
      seen.change === undefined && error instanceof Problem && error.cause instanceof Problem
        ? error.cause
        : error
    await settle(step, saved, late ?? plain, step.inputs.jobStatus)
  }
}

function closeCodesOf({ closeCodeSuccess, closeCodeFailure }: KeptInputs): CloseCodes {
  return { success: closeCodeSuccess, failure: closeCodeFailure }
}

/** The job waits for this, and the runner kills what takes too long. */
function settingsOf(step: Step<PostInputs>, saved: SavedGate) {
  const { inputs: kept } = saved
  return {
    ...postConnection(step, saved),
    requestTimeout: Math.min(kept.requestTimeout, REQUEST_TIMEOUT_MS),
    maxRetries: Math.min(kept.maxRetries, MAX_RETRIES),
    closeCodes: closeCodesOf(kept)
  }
}

async function work(step: Step<PostInputs>, saved: SavedGate, seen: { change?: Change }): Promise<void> {
  const settings = settingsOf(step, saved)
  step.telemetry?.environment(saved.inputs.environment ?? '')
  const connection = connect({ ...step, inputs: settings })
  const runtime = statedCommit(saved.inputs, step.runtime)
  const identity = identityOf(runtime, settings)
  const show = { as: 'block', title: TITLE, environment: saved.inputs.environment } as const
  await reported({ ...step, runtime }, connection, show, async report => {
    const result = jobResultOf(step.inputs.jobStatus, saved.inputs.maySkip)
    const { story } = report
    // The result is the job's until the change is finished.
    story.verdict = verdictBefore(saved.change)
    report.earlier = saved.change.failure
    story.states = saved.change.times
    story.refused = saved.change.phase !== 'entered'
    story.decisions = saved.change.decisions ?? []
    story.version = saved.change.version
    story.links = saved.change.links ?? []
    story.evidence = saved.change.evidence ?? []
    const onState = (change: Change, entered: readonly string[] = []): void => {
      report.change = change
      report.closes ||= isEnded(entered)
      seen.change = change
      story.states = withState(story.states, change, connection.client.now())
    }
    report.result = result
    report.facts.push(['Job', result])
    const state = saved.change
    const after = await finish(connection.context, { identity, state, result, settings, onState })
    const closed = closeResultOf(after, result)
    report.result = closed ?? result
    story.verdict = verdictAfter(saved.change, after, closed)
    story.refused = !isOpened(saved.change, after)
  })
}

/**
 * Reports what could not be done and is left to a person. A ServiceNow outage must not turn a good deployment into a
 * rollback: the job's result is left alone.
 *
 * @throws the problem where the inputs say that the job is to fail then
 */
async function settle(
  { log, summary }: Pick<StepTools, 'log' | 'summary'>,
  { inputs: kept, change }: { readonly inputs: KeptInputs | undefined; readonly change: GateState },
  error: unknown,
  jobStatus: string | undefined
): Promise<void> {
  const settings = kept === undefined ? {} : { ...kept, closeCodes: closeCodesOf(kept) }
  const left = leftToDoText(leftToDo(settings, change, jobResultOf(jobStatus, kept?.maySkip)))
  const known = error instanceof Problem ? error : stepProblem('post-defect', { message: String(error) })
  const problem = known.with({ leftToDo: left })
  summary.line(`**Manual action required:** ${markdown(left)}`)
  if (kept?.failOnPostError) throw problem
  const text = (await describeError(problem)) ?? {
    title: TITLE,
    lines: [error instanceof Error ? error.message : String(error), left]
  }
  log.error(annotationOf(text), text.title)
}

/** Starts the post step. @param start runs a definition, in a test without a process of its own */
export function post(start: typeof runStep = runStep, readState = stateOfProcess): Promise<void> {
  const found = read(readState)
  switch (found.kind) {
    case 'nothing':
      return start(quiet(({ log }) => log.info('The gate has no change to finish.')))
    case 'unreadable':
      return start(quiet(reportUnreadable))
    case 'earlier':
      return start(quiet(tools => reportOtherRelease(tools, found.change)))
    case 'gate':
      return start(definitionOf(found))
  }
}

/** What the main step left. Where it could not save anything, variables of the job stand in its place: anything may be there. */
function read(readState: (name: string) => string): FoundGate | { readonly kind: 'unreadable' } {
  try {
    return readGate({ readState })
  } catch {
    return { kind: 'unreadable' }
  }
}

function stateOfProcess(name: string): string {
  return process.env[`STATE_${name}`] ?? ''
}

async function reportOtherRelease(tools: StepTools, change: GateState): Promise<void> {
  tools.summary.heading(TITLE)
  const saved = { inputs: undefined, change }
  await settle(tools, saved, stepProblem('other-release', {}), tools.env['INPUT_JOB-STATUS'])
}

async function reportUnreadable({ log, summary }: StepTools): Promise<void> {
  summary.heading(TITLE)
  const text = await describeError(stepProblem('state-unreadable', {}))
  summary.line(`**Manual action required:** ${markdown(text?.fix ?? '')}`)
  log.error(text === undefined ? '' : annotationOf(text), text?.title ?? TITLE)
}
