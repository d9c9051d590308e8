/** What is handed over to ServiceNow: the start of a flow, or an event. */
import { asciiJson } from '@change-actions/change-control'
import type { Deployment } from '../deployment.ts'

/** A flow that is to be started, or an event that has happened. */
export interface Message {
  readonly kind: 'flow' | 'event'
  /** Name of the flow or event; '' where the door itself says which flow it is. */
  readonly name: string
  /** The same for each repeat of it. */
  readonly delivery: string
  /** Inputs of the flow, or facts of the event. */
  readonly data: Readonly<Record<string, unknown>>
  readonly deployment: Deployment
  readonly correlationId: string
  readonly correlationDisplay: string
  /** When it is sent, epoch milliseconds: the receiver refuses what is too old. */
  readonly at: number
}

/** Characters of a body that a receiver takes. */
export const MAX_BODY = 65_536

/** The members of a message, by their names on the wire, in their order. */
export function membersOf(message: Message): Readonly<Record<string, unknown>> {
  const { kind, name, delivery, data, deployment, correlationId, correlationDisplay, at } = message
  const { repository, run, attempt, commit, environment } = deployment
  return {
    version: 1,
    delivery,
    ...(name !== '' && { [kind]: name }),
    data,
    repository,
    run_id: run,
    run_attempt: attempt,
    commit,
    environment,
    correlation_id: correlationId,
    correlation_display: correlationDisplay,
    at: new Date(at).toISOString()
  }
}

/** The message as it is sent and signed: ASCII JSON. */
export function bodyOf(message: Message): string {
  return asciiJson(membersOf(message))
}
