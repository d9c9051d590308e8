import {
  correlationScope,
  differences,
  isApprovalIdle,
  parseCorrelationDisplay,
  type StateName,
  stateOf
} from '@change-actions/change-control'
import { ChangeError, type CreateRequest, type Flow, type Resolved } from '@change-actions/change-operations'
import type { Step } from '@change-actions/github-actions'
import type { Change, Scalar } from '@change-actions/servicenow-client'
import type { GateInputs } from './inputs.ts'

/** What a change that this deployment did not make is held against. */
export interface Wanted {
  readonly step: Pick<Step<GateInputs>, 'inputs' | 'runtime'>
  readonly request: CreateRequest
  readonly resolved: Resolved
}

/**
 * A change that was supplied, or found by its title, must be meant for this deployment: unbound or bound to this
 * repository and environment; a supplied one also of the CI, group and template that inputs and policy name, and
 * not used for a deployment before. First use binds it to this commit, run, repository and environment.
 *
 * @returns whether it is bound elsewhere, and accepted all the same
 * @throws ChangeError `foreign-change`, `unexpected-state`
 */
export async function acceptChange(
  flow: Flow,
  change: Change,
  wanted: Wanted
): Promise<{ foreign: boolean }> {
  const { request, resolved, step } = wanted
  const supplied = request.supplied !== undefined
  if (!supplied && change.correlationId === request.correlationId) return { foreign: false }
  const foreign = isForeign(change, step)
  if (foreign && !step.inputs.allowForeignChange)
    throw foreignChange(change, 'it is bound to another repository or environment')
  if (supplied) {
    checkKind(change, resolved)
    checkUnused(change, step.inputs)
  }
  if (!foreign) await bind(flow, change, request.correlationDisplay)
  return { foreign }
}

/** A change of create-change is bound to its repository alone, and may serve any one of its environments. */
function isForeign(change: Change, { inputs, runtime }: Wanted['step']): boolean {
  const bound = parseCorrelationDisplay(change.correlationDisplay)
  if (bound === undefined) return false
  const own = [inputs.environment ?? '', ''].map(environment => correlationScope({ ...runtime, environment }))
  return !own.includes(bound.scope)
}

function checkKind(change: Change, resolved: Resolved): void {
  const wanted: [name: string, field: string, value: Scalar | undefined][] = [
    ['configuration item', 'cmdb_ci', resolved.fields.cmdb_ci],
    ['assignment group', 'assignment_group', resolved.fields.assignment_group],
    ['template', 'std_change_producer_version', resolved.template?.version || undefined]
  ]
  const differing = wanted.flatMap(([name, field, value]) => {
    const different = value !== undefined && differences({ [field]: String(value) }, change.fields).length > 0
    return different ? [`its ${name} is "${change.fields[field]?.display ?? ''}"`] : []
  })
  if (differing.length > 0) throw foreignChange(change, differing.join(', '))
}

/** In Review its deployment is over: nothing is to be written to it any more. */
function checkUnused(change: Change, inputs: GateInputs): void {
  const listed: readonly StateName[] = [...inputs.proceedStates, ...inputs.waitStates]
  if (stateOf(change.state) !== 'review' || listed.includes('review')) return
  throw new ChangeError(
    `Change ${change.number}: unexpected-state`,
    `${change.number} is in ${change.stateLabel}: a deployment under it is over already.\nFix: use a new change for a new deployment.`,
    undefined,
    'unexpected-state'
  )
}

function foreignChange(change: Change, why: string): ChangeError {
  return new ChangeError(
    `Change ${change.number}: foreign-change`,
    `${change.number} was not made for this deployment: ${why}.\n` +
      'Fix: give the number of a change made for it, correct the inputs or the policy, or set allow-foreign-change: true for a change bound to another repository.',
    undefined,
    'foreign-change'
  )
}

/** Also to a new commit, as long as nobody has been asked to approve the old one. */
async function bind(flow: Flow, change: Change, display: string): Promise<void> {
  const bound = parseCorrelationDisplay(change.correlationDisplay)
  const wanted = parseCorrelationDisplay(display)
  const unasked = stateOf(change.state) === 'new' && isApprovalIdle(change)
  const due = bound === undefined || (unasked && bound.commit !== wanted?.commit)
  if (wanted === undefined || !due) return
  if (flow.dryRun) {
    flow.report.plan(`bind ${change.number} to this deployment`)
    return
  }
  const after = await flow.client.changes.update(
    change.sysId,
    { correlation_display: display },
    { doing: `binding ${change.number} to this deployment`, done: now => now.correlationDisplay === display }
  )
  if (after.correlationDisplay === display) return
  flow.report.warning(
    `${change.number} could not be bound to this commit (correlation_display reads "${after.correlationDisplay}"): another commit would not be noticed. Give the service account write access to correlation_display.`
  )
}
