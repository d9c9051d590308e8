import { isDerivedId } from '@change-actions/change-control'
import {
  type Change,
  type ClientProblem,
  clientProblem,
  fieldOf,
  isClientProblem,
  type Made
} from '@change-actions/servicenow-client'
import { createdAt } from '../change-order.ts'
import type { OperationContext } from '../context.ts'
import { findByNumber } from '../named-change.ts'
import { changeProblem } from '../problems.ts'
import { findLostDraft } from './half-made.ts'
import type { Resolved, Sending } from './request.ts'

/** Older than that before the request, and a record was not made by it. Milliseconds. */
const OLD_MS = 60_000
const LOOKS = 3
const PAUSE_MS = 1_000

/**
 * The change that a creation made. A success means that there is one, whatever the response shows: it may show
 * nothing, a part, or the change of somebody else. The change is looked for then, and never made again.
 *
 * @param onNamed told as soon as the change has a sys_id, before it can be read
 * @throws Problem `created-unseen`; of the client, `other-record`
 */
export async function madeBy(
  context: OperationContext,
  sending: Sending,
  response: Made,
  onNamed: (change: Change) => void
): Promise<Change> {
  const { change: shown, whole } = response
  const other = shown !== undefined && isOther(shown, sending)
  if (shown !== undefined && whole && !other) return shown
  const named = other ? undefined : shown
  if (named !== undefined && named.sysId !== '') onNamed(named)
  let last: ClientProblem | undefined
  for (let n = 0; n < LOOKS; n += 1) {
    if (n > 0) await context.sleep(PAUSE_MS)
    const found = await look(context, sending, named)
    if (found instanceof Error) last = found
    else if (found !== undefined) return found
  }
  if (other) {
    const got = shown.number === '' ? shown.sysId : `${shown.number} (${shown.sysId})`
    throw clientProblem('other-record', { operation: 'creating the change request', asked: '', got })
  }
  const { correlationId } = sending.request
  const facts = { sysId: named?.sysId ?? '', correlationId, ...(last !== undefined && { last }) }
  const about = named === undefined ? undefined : { number: named.number, sysId: named.sysId }
  throw changeProblem('created-unseen', about, facts, { committed: 'maybe', cause: last })
}

/** By what the response names it by, else by what was sent. */
async function look(
  context: OperationContext,
  sending: Sending,
  named: Change | undefined
): Promise<Change | ClientProblem | undefined> {
  try {
    if (named !== undefined && named.sysId !== '') return await context.client.changes.get(named.sysId)
    if (named !== undefined) return await findByNumber(context.client, named.number)
    return await findLostDraft(context, sending)
  } catch (error) {
    if (isClientProblem(error)) return error
    throw error
  }
}

/**
 * Whether a record cannot be the one that was made: it was there before, or it is of another deployment. A correlation
 * id that a rule of the instance changed is no proof.
 */
function isOther(change: Change, { request, resolved, known, startedAt }: Sending): boolean {
  const { correlationId } = change
  if (known.has(change.sysId)) return true
  if (correlationId === request.correlationId) return false
  if (createdAt(change) < startedAt - OLD_MS) return true
  const { short_description: title } = change.fields
  const sent = resolved.fields.short_description
  const titled = title === undefined || sent === undefined || title.value === String(sent)
  return correlationId !== '' && (isDerivedId(correlationId) || !titled)
}

/**
 * The change with what is known of how it was made: an account that may not read the field of the template would take
 * it for a standard change that only a person can submit.
 */
export function asMade(change: Change, { template }: Resolved): Change {
  const hidden = change.fields.std_change_producer_version === undefined
  if (template === undefined || !hidden || fieldOf(change.fields, 'type').value !== 'standard') return change
  return { ...change, fromTemplate: true }
}
