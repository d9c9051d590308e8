import { differences, normaliseWord, parseCorrelationDisplay, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, isSafeInQuery, isSysId, type Scalar } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from '../flow.ts'
import { hasNote, noteText } from '../note.ts'
import { namesOf } from './draft.ts'
import type { CreateRequest, Resolved } from './request.ts'
import { openChangesTitled } from './rivals.ts'

/**
 * The open change of this deployment, if there is one: the first of those with the correlation id, else, where
 * asked for, the one with exactly this title.
 *
 * @throws ChangeError when several have the title, or the one found is of another type, CI or parent
 */
export async function findOpen(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  open: readonly Change[]
): Promise<Change | undefined> {
  const [first] = open
  if (first === undefined) return request.matchTitle ? findTitled(flow, resolved) : undefined
  checkSame(first, resolved)
  return first
}

async function findTitled(flow: Flow, resolved: Resolved): Promise<Change | undefined> {
  const title = String(resolved.fields.short_description ?? '')
  if (!isSafeInQuery(title)) {
    flow.report.notice(
      `The short description is not looked for: ^, line breaks, surrounding spaces and javascript: are not safe in a query.`
    )
    return undefined
  }
  const found = await openChangesTitled(flow, title)
  const [only] = found
  if (found.length > 1) {
    throw new ChangeError(
      'Change not found: several have this title',
      `${found.length} open changes have the short description "${title}": ${found.map(one => one.number).join(', ')}.\n` +
        'Fix: give change-number, or close those that are not meant.'
    )
  }
  if (only !== undefined) checkSame(only, resolved)
  return only
}

/**
 * A change that was approved as one thing must not be used for another.
 *
 * @throws ChangeError when type, CI or parent are not those asked for
 */
export function checkSame(change: Change, resolved: Resolved): void {
  const wanted: [string, Scalar | undefined][] = [
    ['type', resolved.type],
    ['cmdb_ci', resolved.fields.cmdb_ci],
    ['parent', resolved.fields.parent]
  ]
  const differing = wanted.flatMap(([field, value]) => {
    // A name that could not be looked up is compared with what the record shows, where it shows anything.
    const comparable = isComparable(resolved, field) || fieldOf(change.fields, field).display !== ''
    const given = value !== undefined && comparable
    return given && differences({ [field]: String(value) }, change.fields).length > 0 ? [field] : []
  })
  if (differing.length === 0) return
  const list = differing.map(field => `${field} is "${change.fields[field]?.display ?? ''}"`).join(', ')
  throw new ChangeError(
    `Change ${change.number}: differs`,
    `${change.number} is the open change of this deployment, but its ${list}, which is not what the inputs ask for.\n` +
      'Fix: cancel or close it, give the inputs it was made with, or set another correlation-id (reuse: false makes a new change).'
  )
}

/** Whether a field's value can be compared with a record's: a name that could not be looked up is not its value. */
export function isComparable(resolved: Resolved, field: string): boolean {
  return !resolved.unverified.includes(field) || isSysId(String(resolved.fields[field]))
}

/** @throws ChangeError when the change was rejected and is not to be submitted again, or is over */
export function checkUsable(change: Change, request: CreateRequest): void {
  const state = stateOf(change.state)
  if (state === 'closed' || state === 'canceled') {
    throw new ChangeError(
      `Change ${change.number}: ${state}`,
      `${change.number} is ${change.stateLabel} and cannot be used for a deployment.\nFix: give an open change, or leave change-number and change-sys-id out to have one created.`,
      undefined,
      state
    )
  }
  if (state === 'new' && normaliseWord(change.approval) === 'rejected' && !request.resubmit) {
    throw new ChangeError(
      `Change ${change.number}: rejected`,
      `${change.number} was rejected and is back in New.\nFix: correct what was objected to; then cancel it and run again, which makes a new one, or set resubmit: true to have this one submitted again.`,
      undefined,
      'rejected'
    )
  }
}

/**
 * Brings a change taken up in New up to date with the inputs. Later than New people are deciding on it as it is,
 * so differences are only told.
 */
export async function bringUpToDate(
  flow: Flow,
  change: Change,
  request: CreateRequest,
  resolved: Resolved
): Promise<Change> {
  const byName = namesOf(flow, resolved)
  const given = Object.fromEntries(
    Object.entries(resolved.fields).filter(([field]) => isComparable(resolved, field) && !(field in byName))
  )
  const differing = differences(
    Object.fromEntries(Object.entries(given).map(([field, value]) => [field, String(value)])),
    change.fields
  )
  if (stateOf(change.state) !== 'new') {
    for (const one of differing) {
      flow.report.warning(
        `${change.number} is in ${change.stateLabel} already and is left as it is: ${one.field} reads "${one.got ?? ''}", the input says "${one.sent}".`
      )
    }
    return change
  }
  const fields: Record<string, Scalar> = Object.fromEntries(
    differing.map(one => [one.field, given[one.field] as Scalar])
  )
  // Nobody has been asked yet, so the approval will be for this commit and not for that of an earlier run.
  if (isBoundElsewhere(change, request)) fields.correlation_display = request.correlationDisplay
  const { note } = request
  const addNote = note !== undefined && hasNote(change, note) === false
  if (addNote) fields.work_notes = noteText(note)
  if (Object.keys(fields).length === 0) return change
  if (flow.dryRun) {
    flow.report.plan(`update ${change.number}: ${Object.keys(fields).join(', ')}`)
    return change
  }
  const isDone = (now: Change) =>
    hasNote(now, note ?? { text: '', marker: '' }) !== false &&
    differing.every(one => differences({ [one.field]: one.sent }, now.fields).length === 0)
  return flow.client.changes.update(change.sysId, fields, {
    doing: `bringing ${change.number} up to date`,
    done: isDone
  })
}

function isBoundElsewhere(change: Change, request: CreateRequest): boolean {
  const bound = parseCorrelationDisplay(change.correlationDisplay)
  const wanted = parseCorrelationDisplay(request.correlationDisplay)
  return bound !== undefined && wanted !== undefined && bound.commit !== wanted.commit
}
