import { differences, isAtOrBeyond, planMoves, type StateName, stateOf } from '@change-actions/change-control'
import type { Change, Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import type { Facts } from './deployment-texts.ts'
import type { ClaimRules } from './gate/claims.ts'
import { startedText, startText } from './gate/lifecycle-notes.ts'
import { type Claiming, confirmClaim, prepareClaim } from './gate/take-claim.ts'
import { putOnHold } from './hold.ts'
import { checkLengths } from './lengths.ts'
import { type Moved, moveTo, refusedMove } from './move.ts'
import { addNote, hasNote, isDue, isShort, type Note, noteText } from './notes.ts'
import type { TaskPolicy } from './tasks.ts'
import { writeFields } from './write-fields.ts'

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
  /** The change is claimed on its way to or past Implement. Undefined: whoever deploys, it is not asked. */
  readonly claim?: ClaimRules | undefined
  /**
   * For a move that starts the deployment: what the note of the claim has on record beside the run. Undefined: it tells
   * people nothing else.
   */
  readonly started?: Facts | undefined
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
 * Writes fields and notes, moves the change to the target and puts it on hold, in an order the instance allows.
 * What the record holds already is not written again.
 *
 * @throws Problem `needs-approval` or `cannot-move` before any write when the target is out of reach, `too-long` when a
 *   text does not fit its field, `in-use` when another run deploys under the change; those of {@link moveTo},
 *   {@link writeFields} and {@link addNote}; of the client when the instance refuses
 */
export async function updateChange(context: OperationContext, update: Update): Promise<Updated> {
  const start = update.change
  const plan = update.target === undefined ? undefined : planMoves(start, update.target)
  if (plan?.kind === 'refused') throw refusedMove(start, plan)
  await checkLengths(context, { ...update.fields, ...update.closing, ...holdText(update) })
  const claiming = await claimBefore(context, update, plan?.kind === 'move')
  const fields = firstFields(update, plan?.kind === 'move')
  let change = start
  let transitions: readonly string[] = []
  const tell = () => update.onProgress?.({ change, transitions, changed: true })
  const seen = (current: Change): void => {
    if (current === change) return
    change = current
    tell()
  }
  const { workNote: note, comment } = update
  seen(await writeFields(context, start, { fields, workNote: note, comment }))
  let sent = 'work_notes' in fields
  // Before the moves: a change that is over may take no notes any more.
  if (note !== undefined && !isShort(note)) {
    seen(await addNote(context, change, note))
    sent = true
  }
  if (comment !== undefined && !isShort(comment)) seen(await addNote(context, change, comment, 'comments'))
  const move = async (target: StateName, moveNote: Note | undefined): Promise<boolean> => {
    const { closing, tasks } = update
    const before = transitions
    const onProgress = (moved: Moved): void => {
      change = moved.change
      transitions = [...before, ...moved.transitions]
      tell()
    }
    const moved = await moveTo(context, {
      change,
      target,
      closing: closing ?? closingOf(update.fields),
      note: moveNote,
      tasks,
      onProgress
    })
    change = moved.change
    transitions = [...before, ...moved.transitions]
    return moved.noted
  }
  const dueNote = () => (note === undefined || !isDue(change, note, sent) ? undefined : note)
  if (claiming?.note !== undefined && update.claim !== undefined && !context.dryRun) {
    const { note: claimNote } = claiming
    if (!isAtOrBeyond(stateOf(change.state), 'implement'))
      sent = (await move('implement', { ...claimNote, before: dueNote() })) || sent
    seen(await addNote(context, change, claimNote))
    seen(await confirmClaim(context, change, claiming, update.claim))
  }
  if (update.target !== undefined) sent = (await move(update.target, dueNote())) || sent
  // A note that was sent with a move may have been dropped on the way, or there was no move to send it with.
  const due = note !== undefined && (context.dryRun ? !sent : isDue(change, note, sent))
  if (due) seen(await addNote(context, change, note))
  if (update.hold?.on === true) seen(await putOnHold(context, change, update.hold.reason))
  return { change, transitions, changed: change !== start }
}

function holdText({ hold }: Update): Record<string, Scalar> {
  return hold === undefined ? {} : { on_hold_reason: hold.reason }
}

/**
 * What is to be written for the claim, where the update takes the change to or past Implement.
 *
 * @throws Problem `in-use`, `notes-unreadable`
 */
async function claimBefore(
  context: OperationContext,
  { change, target, claim, started }: Update,
  moves: boolean
): Promise<Claiming | undefined> {
  if (claim === undefined || target === undefined || target === 'canceled') return undefined
  const beyond = isAtOrBeyond(target, 'implement')
  const again = target === 'implement' && ['implement', 'review'].includes(stateOf(change.state) ?? '')
  if (!beyond || (!moves && !again)) return undefined
  const { deployment } = claim.identity
  const text = started === undefined ? startText(deployment, false) : startedText(deployment, started)
  const claiming = await prepareClaim(context, change, claim, { text })
  // In Review there is nothing left to claim for: it is only refused where another run has it.
  return moves || stateOf(change.state) === 'implement' ? claiming : undefined
}

/** A change that only goes to Review has its result among the plain fields; its tasks are closed with the same. */
function closingOf(fields: Readonly<Record<string, Scalar>>): Record<string, Scalar> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => name === 'close_code' || name === 'close_notes')
  )
}

/** The plain write that comes before the moves; the note is sent with it rather than alone. */
function firstFields(update: Update, moves: boolean): Record<string, Scalar> {
  const { change, workNote, comment } = update
  const fields = Object.fromEntries(
    Object.entries(update.fields).filter(
      ([name, value]) => differences({ [name]: String(value) }, change.fields).length > 0
    )
  )
  if (update.hold?.on === false && change.onHold) fields.on_hold = false
  if (comment !== undefined && isShort(comment) && hasNote(change, comment, 'comments') !== true)
    fields.comments = noteText(comment)
  const withFields = Object.keys(fields).length > 0 || !moves
  if (withFields && workNote !== undefined && isShort(workNote) && hasNote(change, workNote) !== true)
    fields.work_notes = noteText(workNote)
  return fields
}
