import { boundAs, stateOf } from '@change-actions/change-control'
import { Query } from '@change-actions/servicenow-client'
import { oldestFirst } from '../change-order.ts'
import type { OperationContext } from '../context.ts'
import { scopeOf } from '../own/identity.ts'
import type { CreateRequest, Resolved } from './request.ts'

/** Review, Closed, Canceled. */
const ENDED = ['0', '3', '4']

/** The newest change of the same deployment that has ended becomes the parent of the new one. */
export async function linkPrevious(
  context: OperationContext,
  request: CreateRequest,
  resolved: Resolved
): Promise<Resolved> {
  if (resolved.fields.parent !== undefined) return resolved
  const query = new Query().is('correlation_id', request.correlationId).in('state', ENDED)
  // With a correlation id of their own, deployments of years have it.
  const operation = 'looking for an earlier change of this deployment'
  const found = await context.client.changes.findNewest(query, operation)
  const scope = scopeOf(request.identity, context.client)
  const ended = oldestFirst(
    found.filter(
      change => change.correlationId === request.correlationId && boundAs(change, scope) === 'ours'
    )
  )
  // A draft that lost to another job's change was canceled, and is younger than the change that was carried out.
  const previous = ended.findLast(change => stateOf(change.state) !== 'canceled') ?? ended.at(-1)
  if (previous === undefined) return resolved
  context.emit({ type: 'previous-linked', previous })
  return { ...resolved, fields: { ...resolved.fields, parent: previous.sysId } }
}
