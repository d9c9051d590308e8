import { boundAs } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { createdByUs, creatorName } from './creator.ts'
import { type Identity, scopeOf } from './identity.ts'

/** What was told of a step's finds already. */
const told = new WeakMap<OperationContext, Set<string>>()

/**
 * The changes among those found that are ours: created by our account or a trusted one, and not bound elsewhere. One
 * without a binding is among them. Of the others the log tells, once.
 *
 * @param made this step has made it: it is ours
 * @throws Problem `creator-unreadable`
 */
export async function oursAmong(
  context: OperationContext,
  found: readonly Change[],
  identity: Identity,
  made?: Change
): Promise<Change[]> {
  const asked = found.filter(change => change.sysId !== made?.sysId)
  const created = await createdByUs(context, asked, identity)
  const scope = scopeOf(identity, context.client)
  return found.filter(change => {
    if (change.sysId === made?.sysId) return true
    const why = created.has(change.sysId) ? elsewhere(boundAs(change, scope)) : 'creator'
    if (why !== undefined) tell(context, change, why)
    return why === undefined
  })
}

/** A change that may be gone on with. `open`: nobody's so far, it counts as one that was named. */
export interface Usable {
  readonly change: Change
  readonly ownership: 'ours' | 'open'
}

/**
 * The changes among those found that may be gone on with: ours, with their binding, or created by somebody else and
 * without any.
 *
 * @throws Problem `creator-unreadable`
 */
export async function usableAmong(
  context: OperationContext,
  found: readonly Change[],
  identity: Identity
): Promise<Usable[]> {
  const created = await createdByUs(context, found, identity)
  const scope = scopeOf(identity, context.client)
  return found.flatMap((change): Usable[] => {
    const ours = created.has(change.sysId)
    const bound = boundAs(change, scope)
    if (ours && bound === 'ours') return [{ change, ownership: 'ours' }]
    if (!ours && bound === 'none') return [{ change, ownership: 'open' }]
    tell(context, change, ours ? 'bound-elsewhere' : 'creator')
    return []
  })
}

function elsewhere(bound: ReturnType<typeof boundAs>): 'bound-elsewhere' | undefined {
  return bound === 'foreign' ? 'bound-elsewhere' : undefined
}

function tell(context: OperationContext, change: Change, why: 'creator' | 'bound-elsewhere'): void {
  const known = told.get(context) ?? new Set()
  told.set(context, known)
  if (known.has(change.sysId)) return
  known.add(change.sysId)
  context.emit({ type: 'not-ours', change, why, creator: creatorName(change) })
}
