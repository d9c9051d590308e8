import type { OperationContext } from '../context.ts'
import type { Door, Receipt } from './door.ts'
import type { Message } from './message.ts'
import { refusalOf } from './refusal.ts'

/**
 * Hands a message over. Where it may arrive twice without harm it is sent again after a response that was lost; at any
 * other door it is not.
 *
 * @returns undefined in a dry run
 * @throws Problem of a door, or of the client
 */
export async function deliver(
  context: OperationContext,
  door: Door,
  message: Message
): Promise<Receipt | undefined> {
  const { client } = context
  const { kind, name } = message
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'deliver', kind, name, endpoint: door.endpoint } })
    return undefined
  }
  const operation = kind === 'flow' ? 'starting the flow' : 'sending the event'
  try {
    const response = await client.endpoint({
      operation,
      ...door.request(message),
      idempotent: door.idempotent
    })
    const receipt = door.receipt(response, message)
    context.emit({ type: 'delivered', kind, name, door: door.name, receipt })
    return receipt
  } catch (error) {
    throw refusalOf(error, door, message, client.now() - context.now())
  }
}
