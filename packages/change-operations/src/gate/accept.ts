import { differences, type ListedState, stateOf } from '@change-actions/change-control'
import { type Change, fieldOf, type Scalar } from '@change-actions/servicenow-client'
import type { Resolved } from '../create/request.ts'
import { foreignChange } from '../own/standing.ts'
import { changeProblem } from '../problems.ts'

/** What a named change is compared with. */
export interface Acceptance {
  readonly resolved: Resolved
  readonly proceedStates: readonly ListedState[]
  readonly waitStates: readonly ListedState[]
}

/**
 * A change that was named must be of the CI, group and template that are requested, and not used for a deployment
 * before.
 *
 * @throws Problem `foreign-change`, `already-used`
 */
export function acceptNamed(change: Change, acceptance: Acceptance): void {
  checkKind(change, acceptance.resolved)
  checkUnused(change, acceptance)
}

/**
 * A change that was named must be of the type that is requested.
 *
 * @param type its value; undefined: any
 * @throws Problem `foreign-change`
 */
export function acceptType(change: Change, type: string | undefined): void {
  const { value, display } = fieldOf(change.fields, 'type')
  if (type === undefined || type === value.toLowerCase()) return
  throw foreignChange(change, { code: 'other-kind', fields: [{ field: 'type', display: display || value }] })
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
