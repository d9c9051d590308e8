import { stateOf } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import { changeProblem } from '../problems.ts'
import { isYoung } from './duplicates.ts'
import type { Creation } from './request.ts'

/**
 * Calls of one workflow, and legs of a matrix around it, have the same derived identity; their titles tell them apart.
 * A draft that nobody works on any more is brought up to date instead.
 *
 * @throws Problem `other-title` for a change that was submitted, or that another job is about to submit
 */
export function checkTitle({ context, request, resolved }: Creation, change: Change): void {
  const given = resolved.fields.short_description
  const title = change.fields.short_description?.value
  if (request.titleTells !== true || given === undefined || title === undefined) return
  const ownLeftover = request.retried && change.correlationDisplay === request.correlationDisplay
  const mayBeEdited = stateOf(change.state) === 'new' && (ownLeftover || !isYoung(context, change))
  if (mayBeEdited || isSameTitle(title, String(given))) return
  throw changeProblem('other-title', change, { title, given: String(given) })
}

/** Shorter titles are not cut by any instance. */
const MIN_CUT = 80

function isSameTitle(stored: string, given: string): boolean {
  const [left, right] = [stored.trim(), given.trim()]
  return left === right || (left.length >= MIN_CUT && right.startsWith(left))
}
