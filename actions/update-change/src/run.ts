import {
  closingFor,
  combineResults,
  type JobResult,
  normaliseCloseCode,
  type StateName,
  stateOf,
  stateText
} from '@change-actions/change-control'
import {
  ChangeError,
  findNamed,
  resolveFields,
  type Update,
  type Updated,
  updateChange
} from '@change-actions/change-operations'
import { InputError, type Step } from '@change-actions/github-actions'
import {
  type Connection,
  changesOfJob,
  closingLine,
  connect,
  nameOf,
  noteOf,
  reported,
  type StepReport,
  toScalars,
  writeChange
} from '@change-actions/github-actions/change'
import { type Change, type Scalar, ServiceNowError } from '@change-actions/servicenow-client'
import { BY_JOB_STATUS, type UpdateInputs } from './inputs.ts'

/** Walks a change through its states and writes what there is to write. */
export async function run(step: Step<UpdateInputs>): Promise<void> {
  const connection = connect(step)
  await reported(step, connection, 'Change update', report => update(step, connection, report))
}

async function update(step: Step<UpdateInputs>, connection: Connection, report: StepReport): Promise<void> {
  const { inputs, outputs, env } = step
  const { client, flow } = connection
  const name = nameOf(inputs, env)
  if (name === undefined) {
    flow.report.plan('update the change that the earlier step would have created')
    report.result = 'dry-run'
    return
  }
  const change = await found(findNamed(flow, name), inputs.ifNotFound)
  if (change === undefined) {
    step.log.notice('There is no such change, or the account may not read it: nothing was done.')
    for (const name of OF_THE_CHANGE) outputs.set(name, '')
    report.result = 'not-found'
    return
  }
  report.change = change
  writeChange(outputs, client, change)
  outputs.set('previous-state', stateText(change))
  const ending = endingOf(step, change)
  const write = (updated: Updated) => {
    report.change = updated.change
    writeChange(outputs, client, updated.change)
    outputs.set('changed', updated.changed)
    outputs.set('transitions', updated.transitions.join(','))
  }
  const asked = await toUpdate(step, connection, change, ending)
  const updated = await updateChange(flow, { ...asked, onProgress: write })
  write(updated)
  report.result = inputs.dryRun ? 'dry-run' : stateText(updated.change)
  if (!updated.changed && !inputs.dryRun)
    step.log.info(`${change.number} is as asked for already, in ${change.stateLabel}.`)
}

/** The change; undefined where it may be missing and is. */
async function found(search: Promise<Change>, ifNotFound: 'error' | 'ignore'): Promise<Change | undefined> {
  try {
    return await search
  } catch (error) {
    const missing = error instanceof ServiceNowError && MISSING.includes(error.code)
    if (missing && ifNotFound === 'ignore') return undefined
    throw error
  }
}

const OF_THE_CHANGE = ['change-sys-id', 'change-number', 'change-url', 'change-state', 'previous-state']

const MISSING: readonly string[] = ['lookup-none', 'not-found']

interface Ending {
  readonly target: StateName | undefined
  readonly closeCode: string | undefined
  /** How the job went, in a word, where that decides. */
  readonly result: string | undefined
}

/** @throws ChangeError when the job's result and the change's state do not fit */
function endingOf(step: Step<UpdateInputs>, change: Change): Ending {
  const { inputs } = step
  if (inputs.state !== BY_JOB_STATUS)
    return { target: inputs.state, closeCode: inputs.closeCode, result: undefined }
  const result = jobResult(step, change)
  const state = stateOf(change.state)
  if (state === undefined)
    throw new ChangeError(
      `Change ${change.number}: unexpected state`,
      `${change.number} is in "${change.stateLabel}", a state of this instance's own.\nFix: move it to a standard state first.`
    )
  const closing = closingFor(result, state)
  if (closing.kind === 'error') throw new ChangeError(`Change ${change.number}: not closed`, closing.text)
  if (closing.kind === 'cancel') return { target: 'canceled', closeCode: undefined, result }
  return { target: 'closed', closeCode: closing.closeCode, result }
}

/**
 * The result that decides: `job-status` where given, else the status of this job, which counts only for a change
 * that this job made or took.
 */
function jobResult(step: Step<UpdateInputs>, change: Change): JobResult {
  const { inputs, env } = step
  const given = inputs.jobStatus === undefined ? undefined : combineResults(inputs.jobStatus)
  if (given !== undefined) return given
  if (!changesOfJob(env).sysIds.includes(change.sysId)) {
    throw new InputError([
      `${change.number} was not made in this job, so this job's own status says nothing about its deployment.`,
      'Fix: give `job-status`, for example ${{ needs.deploy.result }} or ${{ toJSON(needs) }}.'
    ])
  }
  const own = combineResults(inputs.ownJobStatus ?? '')
  if (own !== undefined) return own
  throw new InputError(['The status of this job is not known.', 'Fix: give `job-status: ${{ job.status }}`.'])
}

async function toUpdate(
  step: Step<UpdateInputs>,
  connection: Connection,
  change: Change,
  ending: Ending
): Promise<Update> {
  const { inputs, runtime } = step
  const closing = await closingFields(step, connection, ending)
  const plain = toScalars(inputs.fields)
  const fields = ending.target === 'closed' ? plain : { ...plain, ...closing }
  const canceled = ending.target === 'canceled' && inputs.workNotes === undefined
  const noteText = canceled
    ? `Canceled: ${closingLine(runtime, ending.result ?? 'nothing was deployed')}`
    : inputs.workNotes
  return {
    change,
    target: ending.target,
    fields: await resolveFields(connection.flow, fields),
    closing: ending.target === 'closed' ? closing : undefined,
    workNote: noteText === undefined ? undefined : noteOf(runtime, noteText),
    comment: inputs.comments === undefined ? undefined : noteOf(runtime, inputs.comments),
    hold:
      inputs.onHold === undefined
        ? undefined
        : { on: inputs.onHold === 'true', reason: inputs.onHoldReason ?? '' },
    tasks: inputs.changeTasks
  }
}

async function closingFields(
  step: Step<UpdateInputs>,
  connection: Connection,
  ending: Ending
): Promise<Record<string, Scalar>> {
  const { inputs, runtime } = step
  const code = ending.closeCode
  const known =
    code === undefined
      ? undefined
      : (normaliseCloseCode(code) ?? (await connection.client.choice('close_code', code)).value)
  const line = closingLine(runtime, ending.result ?? known ?? 'done')
  const notes = inputs.closeNotes ?? (ending.target === 'closed' ? line : undefined)
  return {
    ...(known === undefined ? {} : { close_code: known }),
    ...(notes === undefined ? {} : { close_notes: notes })
  }
}
