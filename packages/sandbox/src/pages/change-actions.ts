import { decideOwnApprovals } from '../engine/approval-decisions.ts'
import { fromZone } from '../engine/dates.ts'
import type { Engine } from '../engine/engine.ts'
import { stateName, stateValue } from '../engine/life-cycle.ts'
import { updateRecord } from '../engine/records.ts'
import type { Row, Values } from '../engine/store.ts'
import { decidable, mayAddNotes, mayWriteChange } from './change-rights.ts'
import { type Person, Refusal } from './visit.ts'

/** One submitted form of a change. */
interface Submission {
  readonly engine: Engine
  readonly person: Person
  readonly change: Row
  readonly form: URLSearchParams
}

interface ChangeAction {
  /** What the page says afterwards. */
  readonly done: string
  /** @throws Refusal or RuleAbort when it is not carried out */
  readonly perform: (submission: Submission) => void
}

function field({ form }: Submission, name: string): string {
  return (form.get(name) ?? '').trim()
}

function required(submission: Submission, name: string, label: string): string {
  const text = field(submission, name)
  if (text === '') throw new Refusal(`${label} is empty. Fix: fill it in.`, 422)
  return text
}

/** @throws Refusal when the account may not write changes, RuleAbort when a rule refuses the values */
function update({ engine, person, change }: Submission, values: Values): void {
  if (!mayWriteChange(person, change)) throw new Refusal('Your account may not write change requests.')
  updateRecord(engine, person.actor, 'change_request', change, values)
}

/** @throws Refusal for an empty note, and where the instance would drop it */
function addNote(submission: Submission, element: string, name: string, label: string): void {
  const { engine, person, change } = submission
  const text = required(submission, name, label)
  if (mayWriteChange(person, change) && !mayAddNotes(engine, person, change))
    throw new Refusal('A closed change takes no notes.')
  update(submission, { [element]: text })
}

function decide(submission: Submission, state: 'approved' | 'rejected'): void {
  const { engine, person, change } = submission
  const comments = field(submission, 'comment')
  const [first] = decidable(engine, person, change.sys_id)
  if (!first) throw new Refusal('No approval of this change is requested from you.')
  if (state === 'rejected' && comments === '')
    throw new Refusal('A rejection needs a comment. Fix: fill in Comment, then press Reject again.', 422)
  const decided = decideOwnApprovals(engine, person.actor, change.sys_id, state, comments)
  if (decided > 0) return
  const values = { state, ...(comments !== '' && { comments }) }
  updateRecord(engine, person.actor, 'sysapproval_approver', first, values)
}

/** The stored value of a date that was entered in the person's time zone; empty when none was entered. */
function enteredDate(submission: Submission, name: string, label: string): string {
  const text = field(submission, name).replace('T', ' ')
  if (text === '') return ''
  const withSeconds = /:\d\d:\d\d/.test(text) ? text : `${text}:00`
  const stored = fromZone(withSeconds, submission.person.actor.timeZone)
  if (stored === '') throw new Refusal(`${label} is not a date and time: ${text}`, 422)
  return stored
}

function plan(submission: Submission): void {
  const start = enteredDate(submission, 'start_date', 'Planned start date')
  const end = enteredDate(submission, 'end_date', 'Planned end date')
  if (start !== '' && end !== '' && end <= start)
    throw new Refusal('Planned end date must be after Planned start date.', 422)
  update(submission, { start_date: start, end_date: end })
}

function move(submission: Submission): void {
  const { engine, form } = submission
  const state = form.get('to') ?? ''
  const closes = stateName(engine, state) === 'closed'
  const closure = {
    close_code: field(submission, 'close_code'),
    close_notes: field(submission, 'close_notes')
  }
  update(submission, { state, ...(closes && closure) })
}

function cancel(submission: Submission): void {
  const state = stateValue(submission.engine, 'canceled')
  if (state === undefined) throw new Refusal('This instance has no state for cancelled changes.')
  update(submission, { state, work_notes: field(submission, 'cancel_reason') })
}

/** The buttons of a change's form by the value that they send. */
export const CHANGE_ACTIONS: ReadonlyMap<string, ChangeAction> = new Map(
  Object.entries<ChangeAction>({
    approve: { done: 'You approved this change.', perform: one => decide(one, 'approved') },
    reject: { done: 'You rejected this change.', perform: one => decide(one, 'rejected') },
    comment: {
      done: 'The comment was added.',
      perform: one => addNote(one, 'comments', 'comment', 'Comment')
    },
    note: {
      done: 'The work note was added.',
      perform: one => addNote(one, 'work_notes', 'work_note', 'Work note')
    },
    move: { done: 'The change was moved.', perform: move },
    cancel: { done: 'The change was cancelled.', perform: cancel },
    hold: {
      done: 'The change is on hold.',
      perform: one => update(one, { on_hold: 'true', on_hold_reason: field(one, 'on_hold_reason') })
    },
    release: {
      done: 'The hold was released.',
      perform: one => update(one, { on_hold: 'false', on_hold_reason: '' })
    },
    assign: {
      done: 'The assignment was saved.',
      perform: one =>
        update(one, {
          assignment_group: field(one, 'assignment_group'),
          assigned_to: field(one, 'assigned_to')
        })
    },
    plan: { done: 'The planned dates were saved.', perform: plan }
  })
)
