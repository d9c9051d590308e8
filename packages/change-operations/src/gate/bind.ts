import {
  correlationScope,
  differences,
  isApprovalIdle,
  type ListedState,
  parseBinding,
  stateOf
} from '@change-actions/change-control'
import { type Change, fieldOf, type Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { CreateRequest, Resolved } from '../create/request.ts'
import type { Deployment } from '../deployment.ts'
import { type ChangeProblem, changeProblem, type ForeignReason } from '../problems.ts'

/** What a change that this deployment did not make is compared with. */
export interface Acceptance {
  readonly request: CreateRequest
  readonly resolved: Resolved
  readonly deployment: Deployment
  /** Accepts one that is bound to another repository or environment. */
  readonly allowForeignChange: boolean
  readonly proceedStates: readonly ListedState[]
  readonly waitStates: readonly ListedState[]
}

/**
 * A change that was supplied, or found by its title, must be made for this deployment: unbound or bound to this
 * repository and environment; a supplied one also of the CI, group and template that are requested, and not used for
 * a deployment before. First use binds it to this commit, run, repository and environment.
 *
 * @returns whether it is bound elsewhere, and accepted all the same
 * @throws Problem `foreign-change`, `already-used`
 */
export async function acceptChange(
  context: OperationContext,
  change: Change,
  acceptance: Acceptance
): Promise<{ foreign: boolean }> {
  const { request, resolved, deployment } = acceptance
  const supplied = request.supplied !== undefined
  if (!supplied && change.correlationId === request.correlationId) return { foreign: false }
  const foreign = isForeign(change, deployment)
  if (foreign && !acceptance.allowForeignChange) throw foreignChange(change, { code: 'bound-elsewhere' })
  if (supplied) {
    checkKind(change, resolved)
    checkUnused(change, acceptance)
  }
  if (!foreign) await bind(context, change, request.correlationDisplay)
  return { foreign }
}

/** A change of create-change is bound to its repository alone, and may serve any one of its environments. */
function isForeign(change: Change, { server, repository, environment }: Deployment): boolean {
  const bound = parseBinding(change.correlationDisplay)
  if (bound === undefined) return false
  const own = [environment, ''].map(one =>
    correlationScope({ serverUrl: server, repository, environment: one })
  )
  return !own.includes(bound.scope)
}

function checkKind(change: Change, { fields: requested, template }: Resolved): void {
  const wanted: [field: string, value: Scalar | undefined][] = [
    ['cmdb_ci', requested.cmdb_ci],
    ['assignment_group', requested.assignment_group],
    ['std_change_producer_version', template?.version || undefined]
  ]
  const fields = wanted.flatMap(([field, value]) => {
    const differs = value !== undefined && differences({ [field]: String(value) }, change.fields).length > 0
    return differs ? [{ field, display: fieldOf(change.fields, field).display }] : []
  })
  if (fields.length > 0) throw foreignChange(change, { code: 'other-kind', fields })
}

/** In Review its deployment is over: nothing is to be written to it any more. */
function checkUnused(change: Change, { proceedStates, waitStates }: Acceptance): void {
  const listed = [...proceedStates, ...waitStates]
  if (stateOf(change.state) !== 'review' || listed.includes('review')) return
  throw changeProblem('already-used', change, {}, { outcome: 'unexpected-state' })
}

function foreignChange(change: Change, why: ForeignReason): ChangeProblem {
  return changeProblem('foreign-change', change, { why }, { outcome: 'foreign-change' })
}

/** Also to a new commit, as long as no approval has been requested for the old one. */
async function bind(context: OperationContext, change: Change, display: string): Promise<void> {
  const bound = parseBinding(change.correlationDisplay)
  const wanted = parseBinding(display)
  const neverRequested = stateOf(change.state) === 'new' && isApprovalIdle(change)
  const due = bound === undefined || (neverRequested && bound.commit !== wanted?.commit)
  if (wanted === undefined || !due) return
  if (context.dryRun) {
    context.emit({ type: 'planned', write: { type: 'bind', change } })
    return
  }
  const after = await context.client.changes.update(
    change.sysId,
    { correlation_display: display },
    {
      operation: `binding ${change.number} to this deployment`,
      done: current => current.correlationDisplay === display
    }
  )
  if (after.correlationDisplay !== display) context.emit({ type: 'not-bound', change: after })
}
