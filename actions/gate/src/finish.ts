import {
  correlationScope,
  isAtOrBeyond,
  isOpen,
  type JobResult,
  normaliseWord,
  stateOf,
  stateText
} from '@change-actions/change-control'
import {
  ChangeError,
  type Claim,
  findNamed,
  holderOf,
  isSameRun,
  readClaims,
  recordActual,
  type Update,
  updateChange
} from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import type { Connection } from '@change-actions/github-actions/change'
import { closingLine } from '@change-actions/github-actions/change'
import type { Change } from '@change-actions/servicenow-client'
import { type Ending, endingOf } from './ending.ts'
import type { GateInputs } from './inputs.ts'
import { endNote, notDeployedNote } from './notes.ts'
import type { GateState } from './state.ts'

/** The change after the job, as the post step leaves it. */
export interface Finish {
  readonly step: Step<GateInputs>
  readonly connection: Connection
  readonly state: GateState
  readonly result: JobResult
  /** Told whenever the change is seen in another state. */
  onState(change: Change): void
}

/**
 * Moves the change on by the job's result. Running it again changes nothing more.
 *
 * @throws ServiceNowError, ChangeError
 */
export async function finish(job: Finish): Promise<Change> {
  const { connection, state, step } = job
  const { flow } = connection
  const change = await findNamed(flow, { sysId: state.sysId })
  job.onState(change)
  const standing = standingOf(job, change)
  if (standing === 'claimed-elsewhere')
    step.log.notice(
      `${change.number} has been taken over by another run: it is left in ${change.stateLabel}.`
    )
  const after = await STEPS[standing](job, change)
  job.onState(after)
  step.log.info(
    after === change
      ? `${change.number} is left as it is, in ${change.stateLabel}.`
      : `${after.number} is in ${after.stateLabel} after the job's ${job.result}.`
  )
  return after
}

type Standing = 'before' | 'ours' | 'claimed-elsewhere'

const STEPS: Readonly<Record<Standing, (job: Finish, change: Change) => Promise<Change>>> = {
  before: beforeDeployment,
  ours: afterDeployment,
  'claimed-elsewhere': leaveEndNote
}

/** Whether this run deployed under the change, and has it still. */
function standingOf({ step, state }: Finish, change: Change): Standing {
  if (state.phase === 'before') return 'before'
  const { runtime, inputs } = step
  const scope = correlationScope({ ...runtime, environment: inputs.environment ?? '' })
  const claim: Claim = { runId: runtime.runId || '0', attempt: runtime.runAttempt || '1', scope }
  const claims = readClaims(change)
  const holder = claims === undefined ? undefined : holderOf(claims)
  const held = holder !== undefined && isSameRun(holder, claim)
  // A main step that was killed while it claimed leaves the answer to the journal.
  if (state.phase === 'entering') return held ? 'ours' : 'before'
  return held || claims === undefined ? 'ours' : 'claimed-elsewhere'
}

/** The change this run took to Implement, moved on by the job's result. */
async function afterDeployment(job: Finish, change: Change): Promise<Change> {
  const { step, connection, state, result } = job
  const { inputs, runtime } = step
  const ending = endingOf(inputs, state, result)
  if (ending === 'none' || isOver(change)) return leaveEndNote(job, change)
  const note = endNote(inputs, runtime, state, result)
  const started = isAtOrBeyond(stateOf(change.state), 'implement')
  const timed = started ? await recordActual(connection.flow, change, 'work_end') : change
  const { change: after } = await updateChange(connection.flow, {
    change: timed,
    tasks: inputs.changeTasks,
    workNote: inputs.lifecycleNotes ? note : undefined,
    onProgress: updated => job.onState(updated.change),
    ...movesOf(ending, result, closingLine(runtime, result))
  })
  return after
}

/** Nothing but a note of how the job ended; a change that people closed or cancelled meanwhile is theirs. */
async function leaveEndNote(job: Finish, change: Change): Promise<Change> {
  const { step, state, result } = job
  if (!step.inputs.lifecycleNotes && !state.supplied) return change
  return noted(job, change, endNote(step.inputs, step.runtime, state, result))
}

function movesOf(
  ending: Exclude<Ending, 'none'>,
  result: JobResult,
  line: string
): Pick<Update, 'target' | 'closing' | 'fields'> {
  const closing = { close_code: result === 'success' ? 'successful' : 'unsuccessful', close_notes: line }
  if (ending === 'close') return { target: 'closed', closing, fields: {} }
  // People close it: what is known already stands there for them.
  return { target: 'review', closing, fields: result === 'success' ? {} : closing }
}

/** Nothing was deployed: a change this job made and nobody approved is cancelled, any other is left with a note. */
async function beforeDeployment(job: Finish, change: Change): Promise<Change> {
  const { step, connection, state, result } = job
  // Under a change that another run has, there is nothing for this one to say.
  if (state.outcome === 'in-use') return change
  const note = notDeployedNote(step.inputs, step.runtime, state, result)
  if (result !== 'cancelled' || !state.created || !(await isUndecided(job, change)))
    return noted(job, change, note)
  const { change: after } = await updateChange(connection.flow, {
    change,
    target: 'canceled',
    tasks: 'leave',
    fields: {},
    workNote: note
  })
  return after
}

/** Open, not begun, and nobody has said yes or no. The catalogue's yes to a template is nobody's. */
async function isUndecided({ connection }: Finish, change: Change): Promise<boolean> {
  const state = stateOf(change.state)
  if (state === undefined || !isOpen(state) || state === 'implement') return false
  const approval = normaliseWord(change.approval)
  if (approval === 'rejected' || (approval === 'approved' && !change.fromTemplate)) return false
  const rows = (await connection.client.approvals(change.sysId)) ?? []
  return !rows.some(row => ['approved', 'rejected'].includes(normaliseWord(row.state)))
}

/** A change that is over may take no notes any more, which is no reason to complain. */
async function noted(job: Finish, change: Change, note: NonNullable<Update['workNote']>): Promise<Change> {
  const { flow } = job.connection
  try {
    const { change: after } = await updateChange(flow, { change, tasks: 'leave', fields: {}, workNote: note })
    return after
  } catch (error) {
    if (!(error instanceof ChangeError) || !isOver(change)) throw error
    flow.report.info(`${change.number} is ${stateText(change)} and takes no work notes any more.`)
    return change
  }
}

function isOver(change: Change): boolean {
  return ['closed', 'canceled'].includes(stateOf(change.state) ?? '')
}
