/** What the doors have in common. A door is a resource of ServiceNow that takes messages; each has a file of its own. */
import type { DoorName } from '@change-actions/change-control'
import type { EndpointRequest, EndpointResponse, ServiceNowClient } from '@change-actions/servicenow-client'
import type { Message } from './message.ts'

/** Where a door is, and the secret that its messages are signed with. */
export interface DoorPlace {
  /** As `parseEndpoint` makes it. */
  readonly endpoint: string
  readonly secret?: string | undefined
}

/** How an execution stands. `unknown`: nobody can tell. */
export type FlowState = 'in_progress' | 'waiting' | 'complete' | 'error' | 'canceled' | 'unknown'

/** One execution of a flow. */
export interface Execution {
  /** '' where the door gave none. */
  readonly id: string
  readonly state: FlowState
  /** Empty until it is complete, and where the door does not show them. */
  readonly outputs: Readonly<Record<string, unknown>>
  /** Why it failed. Untrusted text. */
  readonly error: string
  /** The change that the flow says it made. */
  readonly change: { readonly sysId: string; readonly number: string } | undefined
}

/** What a door says about a message that it took. */
export interface Receipt {
  /** The door had it already; undefined for one that does not know. */
  readonly duplicate: boolean | undefined
  readonly execution?: Execution | undefined
  /** What is unusual about the response, without a full stop. Untrusted text. */
  readonly remark?: string | undefined
}

/** A door that takes messages. */
export interface Door extends DoorPlace {
  readonly name: DoorName
  /** A message that arrives twice has its effect once. */
  readonly idempotent: boolean
  request(message: Message): Pick<EndpointRequest, 'path' | 'headers'> & { readonly body: string }
  /** @throws Problem for a response that does not say that the message was taken */
  receipt(response: EndpointResponse, message: Message): Receipt
}

/** A door that starts flows, and can be asked how they go. */
export interface FlowDoor extends Door {
  /** @throws Problem of the client */
  follow(
    client: ServiceNowClient,
    started: Execution,
    message: Message,
    options: { readonly maxRetries?: number }
  ): Promise<Execution>
}

/** The member `result` of a response, as an object; empty for anything else. */
export function resultOf({ body }: Pick<EndpointResponse, 'body'>): Readonly<Record<string, unknown>> {
  return recordOf(recordOf(body).result)
}

/** The value, where it is an object; else an empty one. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

/** A member as a text; '' for what is none. */
export function textIn(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = record[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
