import { STATES } from '@change-actions/change-control'
import {
  type Change,
  fieldOf,
  isClientProblem,
  isSafeInQuery,
  Query
} from '@change-actions/servicenow-client'
import { createdAt, oldestFirst } from '../change-order.ts'
import type { OperationContext } from '../context.ts'
import { openChangesOf } from './duplicates.ts'
import type { Resolved, Sending } from './request.ts'

/** The instance counts in seconds, and its clock is known to a second. */
const CLOCK_TOLERANCE_MS = 5_000

/**
 * The change whose creation got no response, or one that does not show it: found by its correlation id, else as the
 * one that was just made. A template drops the correlation id, and so do some instances.
 */
export async function findLostDraft(
  context: OperationContext,
  { request, resolved, known, startedAt }: Sending
): Promise<Change | undefined> {
  const open = await openChangesOf(context, request)
  const ours = open.find(change => !known.has(change.sysId))
  if (ours !== undefined) return ours
  const drafts =
    resolved.template === undefined
      ? await findNameless(context, resolved)
      : await findHalfMadeDrafts(context, resolved)
  const fresh = drafts.filter(one => createdAt(one) >= startedAt - CLOCK_TOLERANCE_MS)
  return fresh.length === 1 ? fresh[0] : undefined
}

/** Changes of this account with the title, without a correlation id and without a template; none when it cannot tell. */
async function findNameless(context: OperationContext, resolved: Resolved): Promise<Change[]> {
  try {
    const found = await findUnidentified(context, resolved)
    return found.filter(change => !change.fromTemplate)
  } catch (error) {
    // It is only a second look: without it the write is sent again as before.
    if (isClientProblem(error)) return []
    throw error
  }
}

/**
 * Drafts that a killed job of this account left between making them from a template, which drops the correlation id,
 * and writing it: same template, same title, no correlation id. Oldest first.
 */
export async function findHalfMadeDrafts(context: OperationContext, resolved: Resolved): Promise<Change[]> {
  if (resolved.template === undefined) return []
  const { version } = resolved.template
  const drafts = await findUnidentified(context, resolved)
  const isSameTemplate = (change: Change) =>
    version === '' || fieldOf(change.fields, 'std_change_producer_version').value === version
  return drafts.filter(isSameTemplate)
}

/**
 * Changes of this account with the title of the request and no correlation id, that have not been submitted; they
 * begin in New, or in a state of the instance's own. Oldest first.
 */
async function findUnidentified(context: OperationContext, resolved: Resolved): Promise<Change[]> {
  const title = String(resolved.fields.short_description ?? '')
  if (!isSafeInQuery(title)) return []
  const named = new Query().is('short_description', title)
  const typed = resolved.type === undefined ? named : named.is('type', resolved.type)
  const query = typed.isEmpty('correlation_id').createdByMe()
  const begun = SUBMITTED.reduce((narrowed, state) => narrowed.isNot('state', state), query)
  return oldestFirst(await context.client.changes.find(begun, 'looking for a draft left half made'))
}

/** Assess to Canceled. */
const SUBMITTED = STATES.filter(state => state.name !== 'new').map(state => state.value)
