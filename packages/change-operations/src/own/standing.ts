import { bindingOn, boundAs, isInScope, type Ownership } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { changeProblem, type ForeignReason } from '../problems.ts'
import { notedBindings } from './binding-note.ts'
import { createdByUs } from './creator.ts'
import { type Identity, scopeOf } from './identity.ts'
import { notesByText } from './own-notes.ts'

/**
 * Whose a change is that was named. Only one without a binding makes a request necessary, and only the first time: was
 * it our account that created it?
 *
 * @throws Problem `creator-unreadable`
 */
export async function ownershipOf(
  context: OperationContext,
  change: Change,
  identity: Identity
): Promise<Ownership> {
  const bound = boundAs(change, scopeOf(identity, context.client))
  if (bound !== 'none') return bound
  const created = await createdByUs(context, [change], identity)
  if (created.has(change.sysId)) return 'unbound'
  return isNotedElsewhere(context, change, identity) ? 'foreign' : 'open'
}

/**
 * Whether a change that was named is as good as one that this run made: ours, and bound to this run.
 *
 * @param restarted this run goes on with what another run of this repository began: that run's change counts as well
 * @throws Problem `creator-unreadable`
 */
export async function isOwnNamed(
  context: OperationContext,
  change: Change,
  identity: Identity,
  restarted: boolean
): Promise<boolean> {
  const scope = scopeOf(identity, context.client)
  if (boundAs(change, scope) !== 'ours') return false
  const run = identity.deployment.run || '0'
  if (!restarted && bindingOn(change, scope)?.runId !== run) return false
  return (await createdByUs(context, [change], identity)).has(change.sysId)
}

/** Another tool has the field, and a note says that the change is bound to another repository or environment. */
function isNotedElsewhere({ client }: OperationContext, change: Change, identity: Identity): boolean {
  const noted = notedBindings(notesByText(change, identity)?.marks('bound') ?? [])
  const scope = scopeOf(identity, client)
  return noted.length > 0 && !noted.some(one => isInScope(one.scope, scope))
}

/**
 * Refuses a change that was named and is not for this deployment.
 *
 * @param unbound what follows when our account created it and its binding is gone
 * @returns whose it is: `foreign` where that is allowed, `unbound` where that is no more than a warning
 * @throws Problem `foreign-change`, `unbound`, `creator-unreadable`
 */
export async function checkNamed(
  context: OperationContext,
  change: Change,
  identity: Identity,
  unbound: 'refuse' | 'warn' = 'refuse'
): Promise<Ownership> {
  const ownership = await ownershipOf(context, change, identity)
  if (ownership === 'foreign') {
    if (!identity.allowForeignChange) throw foreignChange(change, { code: 'bound-elsewhere' })
    context.emit({ type: 'foreign-allowed', change })
  }
  if (ownership === 'unbound') {
    if (unbound === 'refuse') throw unboundChange(change)
    context.emit({ type: 'unbound-used', change })
  }
  return ownership
}

export function foreignChange(change: Change, why: ForeignReason) {
  return changeProblem('foreign-change', change, { why }, { outcome: 'foreign-change' })
}

export function unboundChange(change: Change) {
  const facts = { reason: { code: 'binding-lost' }, rejections: [] } as const
  return changeProblem('unbound', change, facts, { outcome: 'unbound' })
}
