import {
  type CloseCodes,
  closeResultOf,
  finish,
  type GateState,
  jobResultOf,
  leftToDo
} from '@change-actions/change-operations'
import {
  markdown,
  runStep,
  type Step,
  type StepDefinition,
  type StepTools,
  type Values
} from '@change-actions/github-actions'
import {
  approvedByFacts,
  connect,
  deploymentOf,
  describeError,
  leftToDoText,
  reported,
  statesFacts,
  stepProblem
} from '@change-actions/github-actions/change'
import {
  connectionProblems,
  credentialInputs,
  deployedCommit
} from '@change-actions/github-actions/input-sets'
import { type Change, Problem } from '@change-actions/servicenow-client'
import { inputs } from './inputs.ts'
import { type KeptInputs, readGate, type SavedGate, withTime } from './state.ts'

/** The post step shares five minutes with all others when a run is canceled; it takes at most one, exit included. */
const TIMEOUT_MS = 55_000
const REQUEST_TIMEOUT_MS = 10_000
const MAX_RETRIES = 3

/** Read again: what is secret is not saved, and the job has a result only now. All else is the main step's. */
const postInputs = {
  ...credentialInputs,
  clientCertificate: inputs.clientCertificate,
  clientKey: inputs.clientKey,
  clientKeyPassphrase: inputs.clientKeyPassphrase,
  caCertificate: inputs.caCertificate,
  jobStatus: inputs.jobStatus
} as const

type PostInputs = Values<typeof postInputs>

const TITLE = 'Change after the deployment'

/** What the main step left. */
interface Saved {
  readonly inputs: KeptInputs
  readonly change: GateState
}

/** The post step of a gate that had a change. */
function definitionOf(saved: Saved): StepDefinition<typeof postInputs> {
  return {
    name: 'gate, post',
    inputs: postInputs,
    partial: true,
    rules: (values, given) => connectionProblems({ ...saved.inputs, ...values }, given),
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
    layers: async (_, tools) => ({ done: () => tell(tools) }),
    run: async () => undefined
  }
}

async function run(step: Step<PostInputs>, saved: Saved): Promise<void> {
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
function settingsOf({ inputs: kept }: Saved, given: PostInputs) {
  return {
    ...kept,
    ...given,
    requestTimeout: Math.min(kept.requestTimeout, REQUEST_TIMEOUT_MS),
    maxRetries: Math.min(kept.maxRetries, MAX_RETRIES),
    closeCodes: closeCodesOf(kept)
  }
}

async function work(step: Step<PostInputs>, saved: Saved, seen: { change?: Change }): Promise<void> {
  const settings = settingsOf(saved, step.inputs)
  const connection = connect({ ...step, inputs: settings })
  const deployment = deploymentOf(deployedCommit(saved.inputs, step.runtime), saved.inputs)
  await reported(step, connection, TITLE, async report => {
    const result = jobResultOf(step.inputs.jobStatus, saved.inputs.maySkip)
    let { times } = saved.change
    const onState = (change: Change): void => {
      report.change = change
      seen.change = change
      times = withTime(times, change, connection.client.now())
    }
    report.result = result
    report.facts.push(['Job', result])
    const state = saved.change
    const after = await finish(connection.context, { deployment, state, result, settings, onState })
    report.result = closeResultOf(after, result) ?? result
    report.facts.push(...approvedByFacts(saved.change.approvedBy), ...statesFacts(times))
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
  const { title, lines } = (await describeError(problem)) ?? {
    title: TITLE,
    lines: [error instanceof Error ? error.message : String(error), left]
  }
  log.error(lines.join('\n'), title)
}

/** Starts the post step. @param start runs a definition, in a test without a process of its own */
export function post(start: typeof runStep = runStep, readState = stateOfProcess): Promise<void> {
  const saved = read(readState)
  if (saved === undefined) return start(quiet(({ log }) => log.info('The gate has no change to finish.')))
  if (saved === 'unreadable') return start(quiet(reportUnreadable))
  const { inputs: kept, change } = saved
  if (kept !== undefined) return start(definitionOf({ inputs: kept, change }))
  return start(quiet(tools => reportOtherRelease(tools, saved)))
}

/** What the main step left. Steps of a job can write to each other's state: anything may be there. */
function read(readState: (name: string) => string): SavedGate | 'unreadable' | undefined {
  try {
    return readGate({ readState })
  } catch {
    return 'unreadable'
  }
}

function stateOfProcess(name: string): string {
  return process.env[`STATE_${name}`] ?? ''
}

async function reportOtherRelease(tools: StepTools, saved: SavedGate): Promise<void> {
  tools.summary.heading(TITLE)
  await settle(tools, saved, stepProblem('other-release', {}), tools.env['INPUT_JOB-STATUS'])
}

async function reportUnreadable({ log, summary }: StepTools): Promise<void> {
  summary.heading(TITLE)
  const text = await describeError(stepProblem('state-unreadable', {}))
  summary.line(`**Manual action required:** ${markdown(text?.fix ?? '')}`)
  log.error(text?.lines.join('\n') ?? '', text?.title ?? TITLE)
}
