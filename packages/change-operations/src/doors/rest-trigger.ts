/**
 * The trigger "REST API - Asynchronous" of Flow Designer, or a Scripted REST resource that somebody wrote.
 *
 * The trigger responds with `{ result: { executionId } }` and runs the flow later. It knows no repeats and checks no
 * signature; the headers are there for a resource that does. How the execution goes is in its record,
 * `sys_flow_context`. ServiceNow's documentation: Integration Hub, REST API trigger.
 */
import { type DoorPlace, type Execution, type FlowDoor, type FlowState, resultOf, textIn } from './door.ts'
import { bodyOf } from './message.ts'
import { signedHeaders } from './signed-headers.ts'

/** By the states of `sys_flow_context`. */
const STATES: Readonly<Record<string, FlowState>> = {
  QUEUED: 'in_progress',
  IN_PROGRESS: 'in_progress',
  WAITING: 'waiting',
  COMPLETE: 'complete',
  ERROR: 'error',
  CANCELLED: 'canceled'
}

export function restTrigger(place: DoorPlace): FlowDoor {
  return {
    ...place,
    name: 'rest-trigger',
    idempotent: false,
    request(message) {
      const body = bodyOf(message)
      return { path: place.endpoint, body, headers: signedHeaders(message.delivery, body, place.secret) }
    },
    receipt(response) {
      const id = textIn(resultOf(response), 'executionId')
      const remark = id === '' ? 'the response names no execution' : undefined
      return { duplicate: undefined, execution: execution(id, id === '' ? 'unknown' : 'in_progress'), remark }
    },
    async follow(client, { id }, _message, options) {
      const response = await client.endpoint({
        operation: 'asking how the flow goes',
        path: `/api/now/table/sys_flow_context/${encodeURIComponent(id)}`,
        query: { sysparm_fields: 'sys_id,state,error_message', sysparm_display_value: 'false' },
        ...options
      })
      const record = resultOf(response)
      const state = STATES[textIn(record, 'state').toUpperCase()] ?? 'unknown'
      return execution(id, state, textIn(record, 'error_message'))
    }
  }
}

function execution(id: string, state: FlowState, error = ''): Execution {
  return { id, state, outputs: {}, error, change: undefined }
}
