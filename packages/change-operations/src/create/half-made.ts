import { type Change, fieldOf, isSafeInQuery, Query } from '@change-actions/servicenow-client'
import { createdAt, oldestFirst } from '../change-order.ts'
import type { OperationContext } from '../context.ts'
import { openChangesOf } from './duplicates.ts'
import type { CreateRequest, Resolved } from './request.ts'

/** The instance counts in seconds, and its clock is known to a second. */
const CLOCK_TOLERANCE_MS = 5_000

/**
 * The change whose creation got no response: found by its correlation id or, from a template, as the draft just made.
 *
 * @param known sys_ids of open changes of this deployment that were there before
 * @param startedAt when the creation was sent, on the instance's clock, epoch milliseconds
 */
export async function findLostDraft(
  context: OperationContext,
  request: CreateRequest,
  resolved: Resolved,
  known: ReadonlySet<string>,
  startedAt: number
): Promise<Change | undefined> {
  const open = await openChangesOf(context, request.correlationId)
  const ours = open.find(change => !known.has(change.sysId))
  if (ours !== undefined) return ours
  const drafts = await findHalfMadeDrafts(context, resolved)
  const fresh = drafts.filter(one => createdAt(one) >= startedAt - CLOCK_TOLERANCE_MS)
  return fresh.length === 1 ? fresh[0] : undefined
}

/**
 * Drafts that a killed job of this account left between making them from a template, which drops the correlation id,
 * and writing it: same template, same title, no correlation id. Oldest first.
 */
export async function findHalfMadeDrafts(context: OperationContext, resolved: Resolved): Promise<Change[]> {
  const title = String(resolved.fields.short_description ?? '')
  if (resolved.template === undefined || !isSafeInQuery(title)) return []
  const { version } = resolved.template
  const query = new Query()
    .is('short_description', title)
    .is('state', '-5')
    .is('type', 'standard')
    .isEmpty('correlation_id')
    .createdByMe()
  const drafts = await context.client.changes.find(query, 'looking for a draft left half made')
  const isSameTemplate = (change: Change) =>
    version === '' || fieldOf(change.fields, 'std_change_producer_version').value === version
  return oldestFirst(drafts).filter(isSameTemplate)
}
