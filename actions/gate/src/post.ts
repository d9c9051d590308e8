import {
  type Env,
  oneLine,
  runStep,
  type Step,
  type StepDefinition,
  type StepTools
} from '@change-actions/action-kit'
import { isAtOrBeyond, isOpen, type JobResult, normaliseWord, stateOf } from '@change-actions/change-control'
import { findNamed, recordActual, type Update, updateChange } from '@change-actions/change-flow'
import type { Change } from '@change-actions/servicenow-client'
import { type Connection, connect } from '../../shared/src/connect.ts'
import { closingLine, noteOf } from '../../shared/src/deployment.ts'
import { reported, type StepReport } from '../../shared/src/report.ts'
import { type GateInputs, inputs, rules } from './inputs.ts'
import { type GateState, readGate, readPolicy } from './state.ts'

/** The post step shares five minutes with all others when a run is cancelled; it takes at most one. */
const BUDGET_MS = 60_000
const REQUEST_MS = 10_000

export const definition: StepDefinition<typeof inputs> = { name: 'gate, post', inputs, rules, prepare, run }

/** Nothing to do when the gate never had a change. */
async function prepare(tools: StepTools): Promise<Env | undefined> {
  if (readGate(tools) === undefined) {
    tools.log.info('The gate has no change to finish.')
    return undefined
  }
  return { ...tools.env, ...readPolicy(tools) }
}

async function run(step: Step<GateInputs>): Promise<void> {
  const state = readGate(step)
  if (state === undefined) return
  const hurried = {
    ...step,
    inputs: {
      ...step.inputs,
      requestTimeout: Math.min(step.inputs.requestTimeout, REQUEST_MS),
      maxRetries: Math.min(step.inputs.maxRetries, 3)
    }
  }
  const budget = AbortSignal.timeout(BUDGET_MS)
  const signal = AbortSignal.any([step.signal, budget])
  try {
    const connection = connect({ ...hurried, signal })
    await reported(step, connection, 'Change after the deployment', report =>
      finish(step, connection, state, report)
    )
  } catch (error) {
    if (step.inputs.failOnPostError) throw error
    report(step, state, error)
  }
}

/** A ServiceNow outage must not turn a good deployment into a rollback: the job's result is left alone. */
function report(step: Step<GateInputs>, state: GateState, error: unknown): void {
  const titled = error instanceof Error && 'title' in error && typeof error.title === 'string'
  const title = titled ? String((error as { title: unknown }).title) : `Change ${state.number}: not finished`
  const text = error instanceof Error ? error.message : String(error)
  const left = leftToDo(step, state)
  step.log.error(`${text}\nLeft to do by hand: ${left}`, title)
  step.summary.line(`**Left to do by hand:** ${left}`)
}

function leftToDo(step: Step<GateInputs>, state: GateState): string {
  const result = resultOf(step)
  const ending = endingOf(step.inputs, state, result)
  const code = result === 'success' ? 'successful' : 'unsuccessful'
  if (!state.entered)
    return `look at ${state.number}; nothing was deployed under it by this run (job ${result}).`
  if (ending === 'close') return `close ${state.number} as ${code} (job ${result}).`
  if (ending === 'review')
    return `move ${state.number} to Review${result === 'success' ? '' : `, close code ${code}`} (job ${result}).`
  return `add a work note to ${state.number}: job ${result}.`
}

function resultOf(step: Step<GateInputs>): JobResult {
  const status = step.inputs.jobStatus?.toLowerCase()
  return status === 'success' || status === 'failure' ? status : 'cancelled'
}

type Ending = 'close' | 'review' | 'none'

function endingOf(values: GateInputs, state: GateState, result: JobResult): Ending {
  const given = { success: values.onSuccess, failure: values.onFailure, cancelled: values.onCancel }[result]
  if (given !== undefined) return given
  if (state.supplied) return 'none'
  return result === 'success' ? 'close' : 'review'
}

async function finish(
  step: Step<GateInputs>,
  connection: Connection,
  state: GateState,
  summary: StepReport
): Promise<void> {
  const { client, flow } = connection
  const result = resultOf(step)
  const change = await findNamed(flow, { sysId: state.sysId })
  summary.change = change
  const update = state.entered
    ? afterDeployment(step, state, change, result)
    : beforeDeployment(step, state, change, result)
  if (update === undefined) {
    step.log.info(`${change.number} is left as it is, in ${change.stateLabel}.`)
    summary.result = result
    return
  }
  const started = state.entered && isAtOrBeyond(stateOf(change.state), 'implement')
  const timed = started
    ? await recordActual(
        flow,
        change,
        'work_end',
        new Date(client.now()).toISOString().slice(0, 19).replace('T', ' ')
      )
    : change
  const { change: after } = await updateChange(flow, { ...update, change: timed })
  summary.change = after
  summary.result = result
  step.log.info(`${after.number} is in ${after.stateLabel} after the job's ${result}.`)
}

/** The change this run took to Implement, moved on by the job's result. */
function afterDeployment(
  step: Step<GateInputs>,
  state: GateState,
  change: Change,
  result: JobResult
): Update | undefined {
  const ending = endingOf(step.inputs, state, result)
  const over = !isOpen(stateOf(change.state) ?? 'new') && stateOf(change.state) !== 'review'
  const closing = {
    close_code: result === 'success' ? 'successful' : 'unsuccessful',
    close_notes: closingLine(step.runtime, result)
  }
  const note = endNote(step, result)
  if (over) return undefined
  const base = { change, tasks: step.inputs.changeTasks, workNote: note, fields: {} }
  if (ending === 'close') return { ...base, target: 'closed', closing }
  if (ending === 'none')
    return note === undefined && !state.supplied
      ? undefined
      : { ...base, workNote: note ?? plainNote(step, result) }
  return { ...base, target: 'review', fields: result === 'success' ? {} : closing }
}

/** Nothing was deployed: a change this job made and nobody approved is cancelled, any other is left with a note. */
function beforeDeployment(
  step: Step<GateInputs>,
  state: GateState,
  change: Change,
  result: JobResult
): Update | undefined {
  const at = stateOf(change.state)
  if (at === undefined || at === 'closed' || at === 'canceled') return undefined
  const workNote = plainNote(step, result)
  const withdrawn =
    normaliseWord(change.approval) === 'approved' || normaliseWord(change.approval) === 'rejected'
  const cancel = result === 'cancelled' && state.created && !withdrawn && isOpen(at)
  return { change, tasks: 'leave', fields: {}, workNote, ...(cancel ? { target: 'canceled' as const } : {}) }
}

function endNote(step: Step<GateInputs>, result: JobResult) {
  return step.inputs.lifecycleNotes ? plainNote(step, result) : undefined
}

function plainNote(step: Step<GateInputs>, result: JobResult) {
  const { runtime, inputs: values } = step
  const where = values.environment === undefined ? '' : ` to ${oneLine(values.environment, 100)}`
  const facts = [
    `Deployment${where} ended: ${result}.`,
    `Repository: ${runtime.repository}`,
    `Commit: ${runtime.sha}`,
    `Run: ${runtime.runUrl} (attempt ${runtime.runAttempt})`,
    `Actor: ${runtime.actor}`
  ]
  return noteOf(runtime, facts.join('\n'))
}

export function post(): Promise<void> {
  return runStep(definition)
}
