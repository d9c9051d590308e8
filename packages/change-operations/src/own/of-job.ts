import { bindingOn, boundAs, isInScope, type Mark } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { notedBindings } from './binding-note.ts'
import { readCreated } from './creator.ts'
import { type Identity, scopeOf } from './identity.ts'
import { readOwnNotes } from './own-notes.ts'
import { foreignChange } from './standing.ts'

/**
 * The change that the variables of the job name. Any step of a job can set them: it must be ours and bound to this run,
 * or hold the note in which this run says that it uses it.
 *
 * @throws Problem `foreign-change`; of the client, `not-found`
 */
export async function findOfJob(
  context: OperationContext,
  sysId: string,
  identity: Identity,
  options: { readonly maxRetries?: number } = {}
): Promise<Change> {
  const { change, ours } = await readCreated(context, sysId, identity, options)
  if (ours && isBoundToThisRun(context, change, identity)) return change
  if (await isNotedByThisRun(context, change, identity)) return change
  throw foreignChange(change, { code: 'not-of-this-run' })
}

function isBoundToThisRun({ client }: OperationContext, change: Change, identity: Identity): boolean {
  const scope = scopeOf(identity, client)
  const { run } = identity.deployment
  return boundAs(change, scope) === 'ours' && bindingOn(change, scope)?.runId === (run || '0')
}

/** A note that cannot be proved ours may close a gate, and never open one. */
async function isNotedByThisRun(
  context: OperationContext,
  change: Change,
  identity: Identity
): Promise<boolean> {
  const notes = await readOwnNotes(context, change, identity)
  if (notes === undefined || !notes.proved) return false
  const marks: readonly Mark[] = [...notes.marks('bound'), ...notes.marks('used')]
  const scope = scopeOf(identity, context.client)
  const run = identity.deployment.run || '0'
  return notedBindings(marks).some(one => one.runId === run && isInScope(one.scope, scope))
}
