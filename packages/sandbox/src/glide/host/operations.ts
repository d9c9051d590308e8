import { ATTACHMENT_OPERATIONS } from './attachments.ts'
import { FLOW_OPERATIONS } from './flows.ts'
import { http } from './http.ts'
import { RECORD_OPERATIONS } from './records.ts'
import type { Operation, RunContext } from './run-context.ts'
import { SYSTEM_OPERATIONS } from './system.ts'

/** What a script may ask of the instance. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...RECORD_OPERATIONS,
  ...SYSTEM_OPERATIONS,
  ...FLOW_OPERATIONS,
  ...ATTACHMENT_OPERATIONS,
  http
}

const failure = (error: unknown) => JSON.stringify({ error: (error as Error).message })
const success = (value: unknown) => JSON.stringify({ value: value ?? null })

/** The way from a script to the instance. */
export type Bridge = (operation: string, json: string) => string | Promise<string>

/** Every response is JSON: `{ value }`, or `{ error }` with a message for the script. */
export function bridgeTo(context: RunContext): Bridge {
  return (operation, json) => {
    try {
      const value = OPERATIONS[operation]?.(context, JSON.parse(json))
      return value instanceof Promise ? value.then(success, failure) : success(value)
    } catch (error) {
      return failure(error)
    }
  }
}
