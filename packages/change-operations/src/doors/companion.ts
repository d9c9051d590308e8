/**
 * The door of the companion application in servicenow/: signed, and a delivery that arrives twice is taken once.
 *
 * `POST {endpoint}/flows` or `/events` responds 202, 200 for a repeat; `GET {endpoint}/deliveries/{delivery}` tells how
 * the execution goes. The response is `{ result: { delivery, accepted, duplicate, execution_id, state, outputs, error,
 * change: { sys_id, number } } }`.
 */
import { clientProblem, type EndpointResponse } from '@change-actions/servicenow-client'
import {
  type DoorPlace,
  type Execution,
  type FlowDoor,
  type FlowState,
  recordOf,
  resultOf,
  textIn
} from './door.ts'
import { bodyOf, type Message } from './message.ts'
import { signedHeaders } from './signed-headers.ts'

export const COMPANION_ENDPOINT = '/api/x_chgact/v1'

const STATES: readonly FlowState[] = ['in_progress', 'waiting', 'complete', 'error', 'canceled']

export function companion(place: DoorPlace): FlowDoor {
  const { endpoint, secret } = place
  return {
    ...place,
    name: 'companion',
    idempotent: true,
    request(message) {
      const body = bodyOf(message)
      const path = `${endpoint}/${message.kind === 'flow' ? 'flows' : 'events'}`
      return { path, body, headers: signedHeaders(message.delivery, body, secret) }
    },
    receipt(response, message) {
      const result = resultFor(response, message, `sending the ${message.kind}`)
      if (result.accepted !== true)
        throw notUnderstood(`sending the ${message.kind}`, 'it does not say accepted')
      return { duplicate: result.duplicate === true, execution: executionOf(result) }
    },
    async follow(client, _started, message, options) {
      const operation = 'asking how the flow goes'
      const path = deliveryPath(endpoint, message.delivery)
      return executionOf(
        resultFor(await client.endpoint({ operation, path, ...options }), message, operation)
      )
    }
  }
}

/** Where one delivery is shown. */
export function deliveryPath(endpoint: string, delivery: string): string {
  return `${endpoint}/deliveries/${encodeURIComponent(delivery)}`
}

/** A gateway mixes responses up: each is held against the delivery that was asked for. */
function resultFor(response: EndpointResponse, message: Message, operation: string) {
  const result = resultOf(response)
  if (textIn(result, 'delivery') === message.delivery) return result
  throw notUnderstood(operation, 'it is not about this delivery')
}

function notUnderstood(operation: string, why: string) {
  const facts = { operation, message: `${why}, as the companion application would` }
  return clientProblem('unexpected', facts, { committed: 'maybe' })
}

function executionOf(result: Readonly<Record<string, unknown>>): Execution {
  const state = STATES.find(one => one === result.state) ?? 'unknown'
  const change = recordOf(result.change)
  const sysId = textIn(change, 'sys_id')
  return {
    id: textIn(result, 'execution_id'),
    state,
    outputs: recordOf(result.outputs),
    error: textIn(result, 'error'),
    change: sysId === '' ? undefined : { sysId, number: textIn(change, 'number') }
  }
}
