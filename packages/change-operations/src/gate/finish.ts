import {
  isAtOrBeyond,
  isOpen,
  type JobResult,
  normaliseWord,
  parseBinding,
  stateOf
} from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import { recordActual } from '../actual-times.ts'
import { closeCodeFor, resolveCloseCode } from '../close-code.ts'
import type { OperationContext } from '../context.ts'
import { closingLine } from '../deployment-texts.ts'
import { findNamed } from '../named-change.ts'
import type { Note } from '../notes.ts'
import type { Identity } from '../own/identity.ts'
import { isChangeProblem } from '../problems.ts'
import type { TaskPolicy } from '../tasks.ts'
import { type Update, updateChange } from '../update.ts'
import { type AfterJob, type AfterJobSettings, afterJobOf, isCanceledAfter } from './after-job.ts'
import { heldIn, viewClaims } from './claims.ts'
import type { GateState } from './gate-state.ts'
import { endNote, notDeployedNote } from './lifecycle-notes.ts'

export interface FinishSettings extends AfterJobSettings {
  readonly lifecycleNotes: boolean
  readonly changeTasks: TaskPolicy
}

/** A job that has ended, and its gate's change. */
export interface Finish {
  readonly identity: Identity
  readonly state: GateState
  readonly result: JobResult
  readonly settings: FinishSettings
  /** Told whenever the change is seen in another state. @param entered states that it was moved to here */
  onState(change: Change, entered?: readonly string[]): void
}

/**
 * Moves the change on by the job's result. Running it again changes nothing more.
 *
 * @throws Problem of the client or of an operation
 */
export async function finish(context: OperationContext, job: Finish): Promise<Change> {
  const change = await findNamed(context, { sysId: job.state.sysId })
  job.onState(change)
  const ownership = await ownershipOf(context, job, change)
  if (ownership === 'claimed-elsewhere') context.emit({ type: 'claimed-elsewhere', change })
  const after = await STEPS[ownership](context, job, change)
  job.onState(after)
  context.emit(
    after === change
      ? { type: 'left-as-is', change }
      : { type: 'finished', change: after, result: job.result }
  )
  return after
}

type Ownership = 'before' | 'ours' | 'claimed-elsewhere'

type Step = (context: OperationContext, job: Finish, change: Change) => Promise<Change>

const STEPS: Readonly<Record<Ownership, Step>> = {
  before: beforeDeployment,
  ours: afterDeployment,
  'claimed-elsewhere': addEndNote
}

/** Whether this run deployed under the change, and has it still. */
async function ownershipOf(
  context: OperationContext,
  { identity, state }: Finish,
  change: Change
): Promise<Ownership> {
  if (state.phase === 'before') return 'before'
  const view = await viewClaims(context, change, identity)
  const held = view !== undefined && heldIn(view) !== undefined
  // Where the gate was killed while it claimed, the notes tell whether it did.
  if (state.phase === 'entering') return held ? 'ours' : 'before'
  return held || view === undefined ? 'ours' : 'claimed-elsewhere'
}

/** The change this run took to Implement, moved on by the job's result. */
async function afterDeployment(context: OperationContext, job: Finish, change: Change): Promise<Change> {
  const {
    identity: { deployment },
    state,
    result,
    settings
  } = job
  const afterJob = afterJobOf(settings, state, result)
  if (afterJob === 'none' || isOver(change)) return addEndNote(context, job, change)
  const note = endNote(deployment, state, result)
  // Of a success that only goes to Review people say how it is closed.
  const closeCode =
    afterJob === 'close' || result !== 'success'
      ? await resolveCloseCode(context, change, closeCodeFor(settings.closeCodes ?? {}, result), result)
      : undefined
  const started = isAtOrBeyond(stateOf(change.state), 'implement')
  const timed = started ? await recordActual(context, change, 'work_end') : change
  const { change: after } = await updateChange(context, {
    change: timed,
    tasks: settings.changeTasks,
    workNote: settings.lifecycleNotes ? note : undefined,
    onProgress: updated => job.onState(updated.change, updated.transitions),
    ...movesOf(afterJob, closeCode, closingLine(deployment, result))
  })
  return after
}

/** Nothing but a note of how the job ended; a change that people closed or canceled meanwhile is theirs. */
async function addEndNote(context: OperationContext, job: Finish, change: Change): Promise<Change> {
  const {
    identity: { deployment },
    state,
    result,
    settings
  } = job
  if (!settings.lifecycleNotes && !state.supplied) return change
  return noted(context, change, endNote(deployment, state, result))
}

function movesOf(
  afterJob: Exclude<AfterJob, 'none'>,
  closeCode: string | undefined,
  line: string
): Pick<Update, 'target' | 'closing' | 'fields'> {
  const closing = closeCode === undefined ? {} : { close_code: closeCode, close_notes: line }
  if (afterJob === 'close') return { target: 'closed', closing, fields: {} }
  // People close it: what is known already is written for them.
  return { target: 'review', closing, fields: closing }
}

/**
 * Nothing was deployed: a change of this run is canceled where the settings say so, and so is one that this job made and
 * nobody approved when the job was cancelled; any other is left with a note.
 */
async function beforeDeployment(context: OperationContext, job: Finish, change: Change): Promise<Change> {
  const {
    identity: { deployment },
    state
  } = job
  // Under a change that another run has, there is nothing for this one to note.
  if (state.outcome === 'in-use') return change
  const note = notDeployedNote(deployment, state, job.result)
  if (!(await isToBeCanceled(context, job, change))) return noted(context, change, note)
  const { change: after } = await updateChange(context, {
    change,
    target: 'canceled',
    tasks: 'leave',
    fields: {},
    workNote: note,
    onProgress: updated => job.onState(updated.change, updated.transitions)
  })
  return after
}

async function isToBeCanceled(context: OperationContext, job: Finish, change: Change): Promise<boolean> {
  const { identity, state, result, settings } = job
  const { deployment } = identity
  if (!isBeforeImplement(change)) return false
  const bound = parseBinding(change.correlationDisplay)?.runId === deployment.run
  const ofThisRun = state.created || (bound && !state.supplied)
  if (ofThisRun && isCanceledAfter(settings, state)) return true
  return result === 'cancelled' && state.created && (await isUndecided(context, change))
}

function isBeforeImplement(change: Change): boolean {
  const state = stateOf(change.state)
  return state !== undefined && isOpen(state) && state !== 'implement'
}

/** Nobody has decided. A template's approval by its catalogue is nobody's decision. */
async function isUndecided(context: OperationContext, change: Change): Promise<boolean> {
  const approval = normaliseWord(change.approval)
  if (approval === 'rejected' || (approval === 'approved' && !change.fromTemplate)) return false
  const rows = (await context.client.approvals(change.sysId)) ?? []
  return !rows.some(row => ['approved', 'rejected'].includes(normaliseWord(row.state)))
}

/** A change that is over may take no notes any more, which is no reason to complain. */
async function noted(context: OperationContext, change: Change, note: Note): Promise<Change> {
  try {
    const update = { change, tasks: 'leave', fields: {}, workNote: note } as const
    const { change: after } = await updateChange(context, update)
    return after
  } catch (error) {
    if (!isChangeProblem(error) || !isOver(change)) throw error
    context.emit({ type: 'takes-no-notes', change })
    return change
  }
}

function isOver(change: Change): boolean {
  return ['closed', 'canceled'].includes(stateOf(change.state) ?? '')
}
