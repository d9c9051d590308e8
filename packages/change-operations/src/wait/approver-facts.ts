/** Who approved and who asked, where a gate asks for an approver. */
import {
  type ApproverProblem,
  approverProblem,
  asksApprovers,
  type GatePolicy,
  isDerivedId,
  type Requesters
} from '@change-actions/change-control'
import { type Approval, type Change, Query } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'

type Policy = Pick<GatePolicy, 'requireApprover' | 'selfApproval'>

/** What was found out about people during one wait, so that each is looked up once. */
export class KnownPeople {
  private readonly own = new Map<string, boolean>()

  /** Whether `requested_by` of a change is the account that is signed in with: the instance is asked. */
  async isOwnAccount(context: OperationContext, change: Change): Promise<boolean> {
    const id = change.fields.requested_by?.value ?? ''
    const known = this.own.get(id)
    if (known !== undefined) return known
    const query = new Query().is('sys_id', change.sysId).isMe('requested_by')
    const found = await context.client.changes.find(query, `reading who requested ${change.number}`)
    const own = found.length > 0
    this.own.set(id, own)
    return own
  }
}

/**
 * Why the approvals of a change that reads approved do not suffice; undefined when they do, or when nobody asks.
 *
 * @param change with all its fields
 * @param rows undefined: they cannot be read
 * @throws Problem of the client
 */
export async function approverFacts(
  context: OperationContext,
  about: { readonly change: Change; readonly policy: Policy; readonly people: KnownPeople },
  rows: readonly Approval[] | undefined
): Promise<ApproverProblem | undefined> {
  const { change, policy, people } = about
  if (!asksApprovers(policy, change)) return undefined
  const selfApproval = policy.selfApproval === 'refuse'
  return approverProblem(rows, selfApproval ? await requestersOf(context, change, people) : undefined)
}

async function requestersOf(
  context: OperationContext,
  change: Change,
  people: KnownPeople
): Promise<Requesters> {
  const { sys_created_by: creator, opened_by: opened, requested_by: requested } = change.fields
  const id = requested?.value ?? ''
  return {
    creator: creator?.value,
    openedBy: opened?.value,
    requestedBy: requested === undefined ? undefined : { id, name: requested.display },
    ownAccount: id !== '' && (isLeftAsMade(change) || (await people.isOwnAccount(context, change)))
  }
}

/**
 * A change that these actions made has their account in both fields unless somebody was given as the requester. Some
 * instances do not say which account is signed in.
 */
function isLeftAsMade({ correlationId, fields }: Change): boolean {
  return isDerivedId(correlationId) && fields.requested_by?.value === fields.opened_by?.value
}
