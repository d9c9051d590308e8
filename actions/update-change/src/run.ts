import {
  closingFor,
  combineResults,
  isApproved,
  type JobsResult,
  type StateName,
  stateOf,
  stateText,
  withoutMarkers
} from '@change-actions/change-control'
import {
  changeProblem,
  closeCodeFor,
  closeResultOf,
  closingLine,
  findUsable,
  isEnded,
  noteOf,
  resolveCloseCode,
  resolveFields,
  type Update,
  type Updated,
  updateChange
} from '@change-actions/change-operations'
import { inputError, oneLine, type Step, shorten } from '@change-actions/github-actions'
import {
  type Connection,
  changeNameOf,
  changesOfJob,
  claimRulesOf,
  connect,
  decisionsOf,
  describeError,
  endVerdict,
  identityOf,
  reported,
  type StepReport,
  toScalars,
  withState,
  writeChange
} from '@change-actions/github-actions/change'
import { type Change, isClientProblem, type Scalar } from '@change-actions/servicenow-client'
import { BY_JOB_STATUS, targetOf, type UpdateInputs } from './inputs.ts'
import { linksOf, phaseOf, type Target, type Updating, wordsOf, workNoteOf } from './notes.ts'

/**
 * Walks a change through its states and writes what there is to write.
 *
 * @throws Problem
 */
export async function run(step: Step<UpdateInputs>): Promise<void> {
  const connection = connect(step)
  const show = { as: 'block', title: 'Change update', environment: step.inputs.environment } as const
  await reported(step, connection, show, report => update(step, connection, report))
}

async function update(step: Step<UpdateInputs>, connection: Connection, report: StepReport): Promise<void> {
  const { inputs, outputs, env } = step
  const { client, context } = connection
  const name = changeNameOf(inputs, env)
  if (name === undefined) {
    connection.plan({ type: 'update-missing' })
    report.result = 'dry-run'
    return
  }
  const identity = identityOf(step.runtime, inputs)
  const onFound = (one: Change): void => {
    report.change = one
    report.story.states = withState([], one, client.now())
    writeChange(outputs, client, one)
  }
  const search = findUsable(context, name, identity, 'refuse', onFound)
  const change = await found(search, inputs.ifNotFound)
  if (change === undefined) {
    step.log.notice('There is no such change, or the account may not read it: nothing was done.')
    for (const name of OUTPUTS_OF_THE_CHANGE) outputs.set(name, '')
    report.result = 'not-found'
    return
  }
  outputs.set('previous-state', stateText(change))
  const write = (updated: Updated) => {
    report.change = updated.change
    report.closes = isEnded(updated.transitions)
    report.story.states = withState(report.story.states, updated.change, client.now())
    writeChange(outputs, client, updated.change)
    outputs.set('changed', updated.changed)
    outputs.set('transitions', updated.transitions.join(','))
  }
  const target = whereTo(step, change)
  if (target.state === undefined || !LAST_STATES.includes(target.state)) report.as = 'line'
  const wanted = await toUpdate(step, connection, report, { change, target })
  const claim = claimRulesOf(step, identity, inputs)
  const updated = await updateChange(context, { ...wanted, claim, onProgress: write })
  write(updated)
  const ended = closeResultOf(updated.change, target.jobs?.result)
  report.result = inputs.dryRun ? 'dry-run' : (ended ?? stateText(updated.change))
  if (!inputs.dryRun) report.story.verdict = endVerdict(updated.change.stateLabel, ended)
  if (ended !== undefined && updated.changed) {
    report.story.decisions = await decisionsFor(step, connection, updated.change)
  }
  if (!updated.changed && !inputs.dryRun)
    step.log.info(`Nothing to write: ${change.number} is in ${change.stateLabel}, as requested.`)
}

/** For the summary alone: what was done is done, whether they can be read or not. */
async function decisionsFor(step: Step<UpdateInputs>, { client }: Connection, { sysId }: Change) {
  try {
    return decisionsOf(await client.approvals(sysId, 0), step.redact)
  } catch (error) {
    const text = await describeError(error)
    step.log.info(`The summary does not name the approvers. ${text?.title ?? 'They could not be read'}.`)
    return []
  }
}

/** The change; undefined where it may be missing and is. */
async function found(search: Promise<Change>, ifNotFound: 'error' | 'ignore'): Promise<Change | undefined> {
  try {
    return await search
  } catch (error) {
    if (ifNotFound === 'ignore' && isClientProblem(error, 'lookup-none', 'not-found')) return undefined
    throw error
  }
}

const OUTPUTS_OF_THE_CHANGE = [
  'change-sys-id',
  'change-number',
  'change-url',
  'change-state',
  'previous-state'
]

/** A step that moves a change to one of these is the last one that acts on it. */
const LAST_STATES: readonly StateName[] = ['review', 'closed', 'canceled']

/** @throws Problem `unknown-state`, `not-closed` when the job's result and the change's state do not fit */
function whereTo(step: Step<UpdateInputs>, change: Change): Target {
  const { inputs } = step
  const wanted = targetOf(inputs)
  if (wanted !== BY_JOB_STATUS) return { state: wanted, closeCode: inputs.closeCode, jobs: undefined }
  const jobs = jobsResult(step, change)
  if (jobs.decidedBy.length > 0)
    step.log.info(`The result is ${jobs.result}, by ${oneLine(jobs.decidedBy.join(', '), 1_000)}.`)
  const state = stateOf(change.state)
  if (state === undefined) throw changeProblem('unknown-state', change, { state: change.stateLabel })
  const { gateOutcome } = inputs
  const closing = closingFor(jobs.result, state, { approved: isApproved(change), gateOutcome })
  if (closing.kind === 'error')
    throw changeProblem('not-closed', change, { reason: closing.reason, state: closing.state })
  if (closing.kind === 'cancel') {
    const deployed = closing.mayHaveBegun ? 'maybe' : 'nothing'
    return { state: 'canceled', closeCode: undefined, jobs, deployed }
  }
  const codes = { success: inputs.closeCodeSuccess, failure: inputs.closeCodeFailure }
  const target: Target = { state: 'closed', closeCode: closeCodeFor(codes, jobs.result), jobs }
  if (!closing.late) return target
  step.log.warning(LATE[closing.closeCode](change.number))
  return closing.closeCode === 'successful' ? target : { ...target, deployed: 'late' }
}

/** Approved, and still in Scheduled when the job has ended. */
const LATE: Readonly<Record<'successful' | 'unsuccessful', (number: string) => string>> = {
  successful: number =>
    `${number} was approved and never moved to Implement before the deployment: it is moved through Implement now, after it. Move it before the deployment (update-change with state: implement).`,
  unsuccessful: number =>
    `${number} is approved and was never moved to Implement: the deployment may have begun, so it is moved through Implement now and closed as unsuccessful. Where the deployment never begins without the wait, give its outcome (gate-outcome).`
}

/**
 * The result that decides: `job-status` where given, else the status of this job, which counts only for a change
 * that this job made or used.
 *
 * @throws Problem `input` where neither counts
 */
function jobsResult(step: Step<UpdateInputs>, change: Change): JobsResult {
  const { inputs, env } = step
  const given = inputs.jobStatus === undefined ? undefined : combineResults(inputs.jobStatus, inputs.maySkip)
  if (given !== undefined) return given
  if (!changesOfJob(env).sysIds.includes(change.sysId)) {
    throw inputError([
      `${change.number} was not made in this job, so this job's own status says nothing about its deployment`,
      'Fix: give `job-status`, for example ${{ needs.deploy.result }} or ${{ toJSON(needs) }}'
    ])
  }
  const own = combineResults(inputs.ownJobStatus ?? '')
  if (own !== undefined) return own
  throw inputError(['The status of this job is not known', 'Fix: give `job-status: ${{ job.status }}`'])
}

async function toUpdate(
  step: Step<UpdateInputs>,
  connection: Connection,
  report: StepReport,
  { change, target }: Pick<Updating, 'change' | 'target'>
): Promise<Update> {
  const { inputs } = step
  const { deployment } = identityOf(step.runtime, inputs)
  const updating = { change, deployment, target }
  const [closing, links] = await Promise.all([
    closingFields({ inputs, ...updating }, connection),
    linksOf(step, updating)
  ])
  report.story.links = links
  const plain = toScalars(inputs.fields)
  const fields = target.state === 'closed' ? plain : { ...plain, ...closing }
  return {
    change,
    target: target.state,
    fields: await resolveFields(connection.context, fields),
    closing: target.state === 'closed' ? closing : undefined,
    workNote: workNoteOf(inputs, updating, links),
    started: inputs.lifecycleNotes && phaseOf(updating) === 'start' ? links : undefined,
    comment: inputs.comments === undefined ? undefined : noteOf(deployment, inputs.comments),
    hold:
      inputs.onHold === undefined
        ? undefined
        : { on: inputs.onHold === 'true', reason: withoutMarkers(inputs.onHoldReason ?? '') },
    tasks: inputs.changeTasks
  }
}

interface Closing extends Updating {
  readonly inputs: UpdateInputs
}

async function closingFields(
  { inputs, deployment, change, target: { closeCode, jobs, state } }: Closing,
  { context }: Connection
): Promise<Record<string, Scalar>> {
  const code =
    closeCode === undefined ? undefined : await resolveCloseCode(context, change, closeCode, jobs?.result)
  const line = closingLine(deployment, wordsOf(jobs) ?? code ?? 'done')
  const given = inputs.closeNotes === undefined ? undefined : withoutMarkers(inputs.closeNotes)
  const notes = given ?? (state === 'closed' ? shorten(line, MAX_CLOSE_NOTES) : undefined)
  return {
    ...(code === undefined ? {} : { close_code: code }),
    ...(notes === undefined ? {} : { close_notes: notes })
  }
}

/** Of notes that are written by default: the names of many jobs may be long. */
const MAX_CLOSE_NOTES = 1_000
