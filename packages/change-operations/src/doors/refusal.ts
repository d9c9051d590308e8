import { type ClientProblem, isClientProblem } from '@change-actions/servicenow-client'
import type { Door } from './door.ts'
import { type DoorProblem, doorProblem, type SentFacts } from './problems.ts'

/** What was sent, for a refusal of it. */
export interface SentMessage {
  readonly kind: 'flow' | 'event'
  readonly name: string
  readonly delivery: string
}

/**
 * What a failed request to a door means, where the door tells more than any other resource would.
 *
 * @param aheadMs how far the instance's clock is ahead of the runner's
 * @returns a problem of the door, or what was thrown
 */
export function refusalOf(
  error: unknown,
  { name: door, endpoint }: Pick<Door, 'name' | 'endpoint'>,
  { kind, name, delivery }: SentMessage,
  aheadMs: number
): unknown {
  if (!isClientProblem(error)) return error
  const { status, message } = error.facts as { status?: number | string; message?: string }
  const facts: SentFacts = { door, endpoint, kind, name, status, message }
  const more = { cause: error, committed: error.committed }
  if (isUnclear(error)) return doorProblem('delivery-unclear', { ...facts, delivery, last: error }, more)
  return byCode(error, facts) ?? byStatus(facts, aheadMs) ?? error
}

/** The response was lost or not understood. A refusal that says so is no loss, whatever it may have left. */
function isUnclear(error: ClientProblem): boolean {
  const { status } = error.facts as { status?: number | string }
  const refused = typeof status === 'number' && status >= 400 && status < 500
  return error.committed === 'maybe' && !refused && error.code !== 'not-json'
}

function byCode(error: ClientProblem, facts: SentFacts): DoorProblem | undefined {
  const more = { cause: error, committed: error.committed }
  switch (error.code) {
    case 'api-missing':
      return doorProblem('door-missing', facts, more)
    case 'not-servicenow':
    case 'login-page':
    case 'not-json':
      return doorProblem('door-page', { ...facts, unclear: error.committed === 'maybe' }, more)
    case 'role':
    case 'forbidden':
      return refusesFlow(facts) ? undefined : doorProblem('door-role', facts, more)
    default:
      return undefined
  }
}

/** Whether the door refuses the flow, and not the account. */
function refusesFlow({ door, status, message = '' }: SentFacts): boolean {
  return signs(door) && status === 403 && /flow/i.test(message) && /not allowed/i.test(message)
}

function signs(door: Door['name']): boolean {
  return door === 'companion' || door === 'rest-trigger'
}

/** What the companion application refuses with. A resource of one's own that responds alike is understood too. */
function byStatus(facts: SentFacts, aheadMs: number): DoorProblem | undefined {
  const { door, status, message = '' } = facts
  if (!signs(door)) return undefined
  if (status === 401 && /signature|signing secret/i.test(message)) return doorProblem('door-signature', facts)
  if (refusesFlow(facts)) return doorProblem('flow-not-allowed', facts)
  if (status === 409) return doorProblem('door-clock', { ...facts, aheadMs })
  return status === 400 || status === 413 || status === 422 ? doorProblem('door-refused', facts) : undefined
}
