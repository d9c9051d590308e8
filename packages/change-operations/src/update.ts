import { differences, planMoves, type StateName } from '@change-actions/change-control'
import type { Change, Scalar } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from './flow.ts'
import { type Moved, moveTo, refusal } from './move.ts'
import { hasNote, isDue, type Note, noteText } from './note.ts'
import { describeDifference } from './read-back.ts'
import type { TaskPolicy } from './tasks.ts'

export interface Update {
  readonly change: Change
  readonly target?: StateName | undefined
  /** Written before the change is moved. */
  readonly fields: Readonly<Record<string, Scalar>>
  /** Close code and notes: sent together with the move to Closed. */
  readonly closing?: Readonly<Record<string, Scalar>> | undefined
  readonly workNote?: Note | undefined
  readonly comment?: Note | undefined
  /** Put on hold after the moves, taken off before them: a change on hold does not move. */
  readonly hold?: { readonly on: boolean; readonly reason: string } | undefined
  readonly tasks: TaskPolicy
  /** Told after every write, so that a later failure loses nothing. */
  readonly onProgress?: ((updated: Updated) => void) | undefined
}

export interface Updated {
  readonly change: Change
  readonly transitions: readonly string[]
  /** Anything was written. */
  readonly changed: boolean
}

/**
 * Writes fields and notes, walks the change to the target and puts it on hold, in an order the instance allows.
 * What is there already is not written again.
 *
 * @throws ChangeError before any write when the target is out of reach
 * @throws ServiceNowError when the instance refuses
 */
export async function updateChange(flow: Flow, update: Update): Promise<Updated> {
  const start = update.change
  if (update.target !== undefined) {
    const plan = planMoves(start, update.target)
    if (plan.kind === 'refused') throw refusal(start, update.target, plan)
  }
  const moves = update.target !== undefined && planMoves(start, update.target).kind === 'move'
  const fields = fieldsFirst(update, moves)
  let change = start
  let transitions: readonly string[] = []
  const tell = () => update.onProgress?.({ change, transitions, changed: true })
  const seen = (now: Change): void => {
    if (now === change) return
    change = now
    tell()
  }
  seen(await writeFields(flow, start, fields, update))
  const note = update.workNote
  let sent = 'work_notes' in fields
  if (update.target !== undefined) {
    const { closing, tasks, target } = update
    const onProgress = (moved: Moved): void => {
      change = moved.change
      transitions = moved.transitions
      tell()
    }
    const moved = await moveTo(flow, {
      change,
      target,
      closing: closing ?? closingOf(update.fields),
      note: note === undefined || !isDue(change, note, sent) ? undefined : note,
      tasks,
      onProgress
    })
    change = moved.change
    transitions = moved.transitions
    sent ||= moved.noted
  }
  // A note that rode along with a move may have been dropped on the way, or there was no move to ride with.
  const due = note !== undefined && (flow.dryRun ? !sent : isDue(change, note, sent))
  if (due) seen(await addNote(flow, change, note))
  if (update.hold?.on === true) seen(await putOnHold(flow, change, update.hold.reason))
  return { change, transitions, changed: change !== start }
}

/** A change that only goes to Review has its result among the plain fields; its tasks are closed with the same. */
function closingOf(fields: Readonly<Record<string, Scalar>>): Record<string, Scalar> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => name === 'close_code' || name === 'close_notes')
  )
}

/** The plain write that comes before the moves; the note goes with it rather than alone. */
function fieldsFirst(update: Update, moves: boolean): Record<string, Scalar> {
  const { change, workNote, comment } = update
  const fields = Object.fromEntries(
    Object.entries(update.fields).filter(
      ([name, value]) => differences({ [name]: String(value) }, change.fields).length > 0
    )
  )
  if (update.hold?.on === false && change.onHold) fields.on_hold = false
  if (comment !== undefined && hasNote(change, comment, 'comments') !== true)
    fields.comments = noteText(comment)
  const rides = Object.keys(fields).length > 0 || !moves
  if (rides && workNote !== undefined && hasNote(change, workNote) !== true)
    fields.work_notes = noteText(workNote)
  return fields
}

async function writeFields(
  flow: Flow,
  change: Change,
  fields: Record<string, Scalar>,
  update: Update
): Promise<Change> {
  const names = Object.keys(fields)
  if (names.length === 0) return change
  if (flow.dryRun) {
    flow.report.plan(`write ${names.join(', ')} of ${change.number}`)
    return change
  }
  const plain = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  const after = await flow.client.changes.update(change.sysId, fields, {
    doing: `updating ${names.join(', ')} of ${change.number}`,
    done: now =>
      differences(plain, now.fields).length === 0 &&
      notesThere(now, update, 'work_notes' in fields, 'comments' in fields)
  })
  report(flow, after, plain)
  if (fields.on_hold === false && after.onHold) throw notOffHold(after)
  const { comment } = update
  const dropped =
    comment !== undefined && 'comments' in fields && hasNote(after, comment, 'comments') === false
  if (dropped) throw notStored(after, 'comment', 'comments')
  return after
}

function notesThere(now: Change, update: Update, work: boolean, comments: boolean): boolean {
  const { workNote, comment } = update
  if (work && workNote !== undefined && hasNote(now, workNote) !== true) return false
  return !(comments && comment !== undefined && hasNote(now, comment, 'comments') !== true)
}

/** What the instance ignored or blanked: it says so nowhere else. */
function report(flow: Flow, change: Change, sent: Record<string, string>): void {
  const found = differences(sent, change.fields)
  const critical = found.filter(one => one.critical || one.unresolved)
  if (critical.length > 0) {
    throw new ChangeError(
      `Change ${change.number}: not as asked for`,
      `The instance accepted the update, but ${critical.map(describeDifference).join('; ')}.\n` +
        'Likely cause: a business rule set the field back, or the account may not write it.\n' +
        'Fix: give the service account the right to write it, or leave it out.'
    )
  }
  for (const one of found) flow.report.warning(`${change.number}: ${describeDifference(one)}.`)
}

/**
 * Appends a work note once: a note with the same marker that is there already is left alone.
 *
 * @throws ChangeError when the instance drops it
 */
export async function addNote(flow: Flow, change: Change, note: Note): Promise<Change> {
  const there = hasNote(change, note)
  if (there === true) return change
  if (flow.dryRun) {
    flow.report.plan(`add a work note to ${change.number}`)
    return change
  }
  const after = await flow.client.changes.update(
    change.sysId,
    { work_notes: noteText(note) },
    { doing: `adding a work note to ${change.number}`, done: now => hasNote(now, note) === true }
  )
  if (hasNote(after, note) !== false) return after
  throw notStored(after, 'work note', 'work_notes')
}

function notStored(change: Change, what: 'work note' | 'comment', field: string): ChangeError {
  return new ChangeError(
    `Change ${change.number}: ${what} not stored`,
    `The instance accepted a ${what} and did not keep it; the change is in ${change.stateLabel}.\n` +
      `Likely cause: a ${what} on a change that is over is dropped, or the account may not write ${field}.\n` +
      `Fix: write it before the change is closed, and give the service account write access to ${field}.`
  )
}

function notOffHold(change: Change): ChangeError {
  return new ChangeError(
    `Change ${change.number}: still on hold`,
    `The instance accepted the end of the hold and did not make it; the change is in ${change.stateLabel}.\n` +
      'Fix: check that the service account may write on_hold, or have the hold taken off by hand.'
  )
}

async function putOnHold(flow: Flow, change: Change, reason: string): Promise<Change> {
  if (change.onHold && change.onHoldReason === reason) return change
  if (flow.dryRun) {
    flow.report.plan(`put ${change.number} on hold`)
    return change
  }
  const after = await flow.client.changes.update(
    change.sysId,
    { on_hold: true, on_hold_reason: reason },
    { doing: `putting ${change.number} on hold`, done: now => now.onHold }
  )
  if (after.onHold) return after
  throw new ChangeError(
    `Change ${change.number}: not on hold`,
    `The instance accepted the hold and did not make it; the change is in ${after.stateLabel}.\nFix: check that the state allows a hold and that the service account may write on_hold.`
  )
}
