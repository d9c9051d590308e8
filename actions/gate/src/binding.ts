import type { Step } from '@change-actions/action-kit'
import { correlationScope, differences, parseCorrelationDisplay } from '@change-actions/change-control'
import { ChangeError, type Flow, type Resolved } from '@change-actions/change-flow'
import type { Change } from '@change-actions/servicenow-client'
import type { GateInputs } from './inputs.ts'

/**
 * A change that was supplied must be meant for this deployment: unbound or bound to this repository and environment,
 * and of the CI, group and template that inputs and policy name.
 *
 * @throws ChangeError `foreign-change`
 */
export function acceptChange(step: Step<GateInputs>, change: Change, resolved: Resolved): void {
  const { inputs, runtime } = step
  if (inputs.changeNumber === undefined && inputs.changeSysId === undefined) return
  const bound = parseCorrelationDisplay(change.correlationDisplay)
  const scope = correlationScope({ ...runtime, environment: inputs.environment ?? '' })
  if (bound !== undefined && bound.scope !== scope && !inputs.allowForeignChange) {
    throw foreign(change, 'it is bound to another repository or environment')
  }
  const wanted = Object.entries({
    cmdb_ci: resolved.fields.cmdb_ci,
    assignment_group: resolved.fields.assignment_group,
    std_change_producer_version: resolved.template?.version || undefined
  })
  const differing = wanted.flatMap(([field, value]) => {
    const different = value !== undefined && differences({ [field]: String(value) }, change.fields).length > 0
    return different ? [`its ${field} is "${change.fields[field]?.display ?? ''}"`] : []
  })
  if (differing.length > 0) throw foreign(change, differing.join(', '))
}

function foreign(change: Change, why: string): ChangeError {
  return new ChangeError(
    `Change ${change.number}: foreign-change`,
    `${change.number} was not made for this deployment: ${why}.\n` +
      'Fix: give the number of a change made for it, correct the inputs or the policy, or set allow-foreign-change: true for a change bound to another repository.',
    undefined,
    'foreign-change'
  )
}

/** First use binds a supplied change to this commit, run, repository and environment. */
export async function bindSupplied(flow: Flow, change: Change, display: string): Promise<void> {
  if (display === '' || parseCorrelationDisplay(change.correlationDisplay) !== undefined) return
  if (flow.dryRun) {
    flow.report.plan(`bind ${change.number} to this deployment`)
    return
  }
  await flow.client.changes.update(
    change.sysId,
    { correlation_display: display },
    { doing: `binding ${change.number} to this deployment`, done: now => now.correlationDisplay === display }
  )
}
