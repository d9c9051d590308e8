import { type Change, isClientProblem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { createdByUs, creatorName } from '../own/creator.ts'
import type { Identity } from '../own/identity.ts'
import { isChangeProblem } from '../problems.ts'
import type { Execution } from './door.ts'
import type { Message } from './message.ts'
import type { FlowChangeReason } from './problems.ts'

/** The change that a flow made, or why it does not count. */
export type FlowChange = { readonly change: Change } | { readonly why: FlowChangeReason }

/**
 * Holds the change that a flow says it made against what was sent: both fields have to be exactly that, and its creator
 * an account that is trusted.
 */
export async function checkFlowChange(
  context: OperationContext,
  { sysId }: NonNullable<Execution['change']>,
  message: Pick<Message, 'correlationId' | 'correlationDisplay'>,
  identity: Pick<Identity, 'trustedAccounts'>
): Promise<FlowChange> {
  try {
    const operation = 'reading the change that the flow made'
    const change = await context.client.changes.get(sysId, { operation })
    const fields = [
      { field: 'correlation_id', sent: message.correlationId, has: change.correlationId },
      { field: 'correlation_display', sent: message.correlationDisplay, has: change.correlationDisplay }
    ].filter(({ sent, has }) => sent !== has)
    if (fields.length > 0) return { why: { code: 'fields', fields } }
    if ((await createdByUs(context, [change], identity)).has(change.sysId)) return { change }
    return { why: { code: 'creator', creator: creatorName(change) } }
  } catch (error) {
    if (isChangeProblem(error, 'creator-unreadable')) return { why: { code: 'creator', creator: '' } }
    if (isClientProblem(error)) return { why: { code: 'unreadable', last: error } }
    throw error
  }
}
