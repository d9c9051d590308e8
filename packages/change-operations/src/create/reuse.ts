import { boundAs, differences, normaliseWord, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, isSafeInQuery, isSysId, type Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { addNote, hasNote, isShort, noteText } from '../notes.ts'
import { type Usable, usableAmong } from '../own/among.ts'
import { bindChange, bindingWrite } from '../own/bind.ts'
import { scopeOf } from '../own/identity.ts'
import { unboundChange } from '../own/standing.ts'
import { changeProblem } from '../problems.ts'
import { openChangesTitled } from './duplicates.ts'
import { namesOf } from './names.ts'
import type { CreateRequest, Resolved } from './request.ts'

/**
 * The open change of this deployment, if there is one: the first of those with the correlation id, else, where
 * requested, the one with exactly this title.
 *
 * @throws Problem `ambiguous-title`, `unbound`, or `differs` when the one found is of another type, CI, parent or
 *   template
 */
export async function findOpen(
  context: OperationContext,
  request: CreateRequest,
  resolved: Resolved,
  open: readonly Change[]
): Promise<Usable | undefined> {
  const [first] = open
  if (first === undefined) return request.matchTitle ? findTitled(context, request, resolved) : undefined
  if (boundAs(first, scopeOf(request.identity, context.client)) === 'none') throw unboundChange(first)
  checkSame(first, resolved)
  return { change: first, ownership: 'ours' }
}

async function findTitled(
  context: OperationContext,
  { identity }: CreateRequest,
  resolved: Resolved
): Promise<Usable | undefined> {
  const title = String(resolved.fields.short_description ?? '')
  if (!isSafeInQuery(title)) {
    context.emit({ type: 'title-not-searched', title })
    return undefined
  }
  const found = await usableAmong(context, await openChangesTitled(context, title), identity)
  const [only] = found
  if (found.length > 1) {
    const changes = found.map(one => one.change.number)
    throw changeProblem('ambiguous-title', undefined, { title, changes })
  }
  if (only !== undefined) checkSame(only.change, resolved)
  return only
}

/**
 * A change that was approved as one thing must not be used for another.
 *
 * @throws Problem `differs` when type, CI, parent or template are not those requested
 */
export function checkSame(change: Change, resolved: Resolved): void {
  const wanted: [string, Scalar | undefined][] = [
    ['type', resolved.type],
    ['cmdb_ci', resolved.fields.cmdb_ci],
    ['parent', resolved.fields.parent],
    ['std_change_producer_version', resolved.template?.version || undefined]
  ]
  const fields = wanted.flatMap(([field, value]) => {
    const { display } = fieldOf(change.fields, field)
    // A name that could not be looked up is compared with what the record shows, where it shows anything.
    const comparable = isComparable(resolved, field) || display !== ''
    const given = value !== undefined && comparable && change.fields[field] !== undefined
    const differs = given && differences({ [field]: String(value) }, change.fields).length > 0
    return differs ? [{ field, display }] : []
  })
  if (fields.length > 0) throw changeProblem('differs', change, { fields })
}

/** Whether a field's value can be compared with a record's: a name that could not be looked up is not its value. */
export function isComparable(resolved: Resolved, field: string): boolean {
  return !resolved.unverified.includes(field) || isSysId(String(resolved.fields[field]))
}

/**
 * @throws Problem `already-over`, or `rejected-before` when the change was rejected and is not to be submitted again
 */
export function checkUsable(change: Change, request: CreateRequest): void {
  const state = stateOf(change.state)
  if (state === 'closed' || state === 'canceled')
    throw changeProblem('already-over', change, { state }, { outcome: state })
  if (state === 'new' && normaliseWord(change.approval) === 'rejected' && !request.resubmit)
    throw changeProblem('rejected-before', change, {}, { outcome: 'rejected' })
}

/**
 * Brings a change reused in New up to date with the request. Later than New people are deciding on it as it is,
 * so differences are only told.
 */
export async function bringUpToDate(
  context: OperationContext,
  change: Change,
  request: CreateRequest,
  resolved: Resolved
): Promise<Change> {
  const byName = namesOf(context, resolved)
  const given = Object.fromEntries(
    Object.entries(resolved.fields).filter(([field]) => isComparable(resolved, field) && !(field in byName))
  )
  const differing = differences(
    Object.fromEntries(Object.entries(given).map(([field, value]) => [field, String(value)])),
    change.fields
  )
  if (stateOf(change.state) !== 'new') {
    for (const difference of differing) context.emit({ type: 'field-left', change, difference })
    return bindChange(context, change, 'ours', request.identity)
  }
  const fields: Record<string, Scalar> = Object.fromEntries(
    differing.map(one => [one.field, given[one.field] as Scalar])
  )
  // No approval has been requested yet, so it will be for this commit and not for that of an earlier run.
  const binding = bindingWrite(context, change, 'ours', request.identity)
  Object.assign(fields, binding?.fields)
  const { note } = request
  const addsNote = note !== undefined && hasNote(change, note) === false
  const noted = addsNote && !isShort(note) ? await addNote(context, change, note) : change
  const notes = [...(addsNote && isShort(note) ? [note] : []), ...(binding?.notes ?? [])]
  if (notes.length > 0) fields.work_notes = notes.map(noteText).join('\n\n')
  const names = Object.keys(fields)
  if (names.length === 0) return noted
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'write', change, fields: names } })
    return change
  }
  const isDone = (current: Change) =>
    notes.every(one => hasNote(current, one) !== false) &&
    differing.every(one => differences({ [one.field]: one.sent }, current.fields).length === 0)
  return context.client.changes.update(change.sysId, fields, {
    operation: `bringing ${change.number} up to date`,
    done: isDone
  })
}
