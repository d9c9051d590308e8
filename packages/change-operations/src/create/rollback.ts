/** A change for going back: what must be true of the change that failed, and of the commit to go back to. */
import { boundAs, stateOf, type Unproved, unprovedWords } from '@change-actions/change-control'
import { type Change, fieldOf, isSameName, Query } from '@change-actions/servicenow-client'
import { createdAt } from '../change-order.ts'
import { closeResultOf } from '../close-code.ts'
import type { OperationContext } from '../context.ts'
import { createdByUs } from '../own/creator.ts'
import { scopeOf } from '../own/identity.ts'
import { changeProblem } from '../problems.ts'
import type { CreateRequest, Resolved } from './request.ts'

/**
 * Checks a change that is made to go back. A change that no person approves (one made from a template) is refused where
 * anything is not proved; any other is made, and those who approve it read what is not proved.
 *
 * @returns the request with that in its description
 * @throws Problem `rollback-refused`; of the client, `not-found`
 */
export async function checkRollback(
  context: OperationContext,
  request: CreateRequest,
  resolved: Resolved
): Promise<{ readonly request: CreateRequest; readonly resolved: Resolved }> {
  const parent = String(resolved.fields.parent ?? '')
  if (request.rollback === undefined || parent === '') return { request, resolved }
  const failed = await context.client.changes.get(parent, { operation: 'reading the change to roll back' })
  const unproved = await unprovedOf(context, request, failed)
  if (unproved.length === 0) return { request, resolved }
  if (resolved.template !== undefined)
    throw changeProblem('rollback-refused', failed, { unproved }, { outcome: 'rollback-refused' })
  context.emit({ type: 'rollback-unproved', failed, unproved })
  return withWarning(request, resolved, unprovedText(failed, unproved))
}

async function unprovedOf(
  context: OperationContext,
  request: CreateRequest,
  failed: Change
): Promise<Unproved[]> {
  const [own] = await ours(context, request, [failed])
  const unproved: Unproved[] = own === undefined ? ['other-scope'] : []
  if (isSuccessful(failed, request)) unproved.push('was-successful')
  if (!(await wasDeployed(context, request, failed))) unproved.push('commit-not-deployed')
  return unproved
}

/** Whether a change that was made before the failed one was closed as successful for the commit. */
async function wasDeployed(
  context: OperationContext,
  request: CreateRequest,
  failed: Change
): Promise<boolean> {
  const commit = request.identity.deployment.commit.toLowerCase()
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return false
  // The form of the first release has the first 12 digits.
  for (const line of [`gha2 ${commit.slice(0, 40)} `, `gha ${commit.slice(0, 12)} `]) {
    const query = new Query().startsWith('correlation_display', line.trim()).is('state', '3')
    const found = await context.client.changes.findNewest(
      query,
      'looking for an earlier deployment of the commit'
    )
    const earlier = found.filter(
      change =>
        change.correlationDisplay.startsWith(line) &&
        isSuccessful(change, request) &&
        createdAt(change) < createdAt(failed)
    )
    if ((await ours(context, request, earlier)).length > 0) return true
  }
  return false
}

/** Those that our account or a trusted one created for this repository and environment. */
async function ours(
  context: OperationContext,
  { identity }: CreateRequest,
  changes: readonly Change[]
): Promise<readonly Change[]> {
  const scope = scopeOf(identity, context.client)
  const bound = changes.filter(change => boundAs(change, scope) === 'ours')
  if (bound.length === 0) return bound
  const created = await createdByUs(context, bound, identity)
  return bound.filter(change => created.has(change.sysId))
}

function isSuccessful(change: Change, { rollback }: CreateRequest): boolean {
  if (closeResultOf(change) === 'successful') return true
  const own = rollback?.successCode
  if (own === undefined || stateOf(change.state) !== 'closed') return false
  const { value, display } = fieldOf(change.fields, 'close_code')
  return isSameName(value, own) || isSameName(display, own)
}

function unprovedText({ number }: Change, unproved: readonly Unproved[]): string {
  const lines = unprovedWords(unproved, number).map(words => `- ${words}`)
  return [`Rollback of ${number}. Not proved:`, ...lines].join('\n')
}

/** Characters that a stock instance keeps of a description. */
const MAX_DESCRIPTION = 4_000

/** A description given by the user is not cut for it: the log has the warning as well. */
function withWarning(request: CreateRequest, resolved: Resolved, warning: string) {
  const given = resolved.fields.description
  const text = `${given ?? request.generated.description ?? ''}\n\n${warning}`.trim()
  if (text.length > MAX_DESCRIPTION) return { request, resolved }
  if (given === undefined)
    return { request: { ...request, generated: { ...request.generated, description: text } }, resolved }
  return { request, resolved: { ...resolved, fields: { ...resolved.fields, description: text } } }
}
