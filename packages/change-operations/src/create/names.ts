import { type Change, fieldOf, isSysId, type Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { Resolved } from './request.ts'
import { notResolved, shows, unresolvedOf } from './verify.ts'

/**
 * Names and labels that could not be looked up, where they reach their field only in a request of their own: the
 * switch for it changes dates as well.
 */
export function namesOf(context: OperationContext, resolved: Resolved): Record<string, Scalar> {
  if (context.client.changes.capabilities.resolvesNames) return {}
  const { fields, unverified, unverifiedChoices } = resolved
  const names = [...unverified.filter(field => !isSysId(String(fields[field]))), ...unverifiedChoices]
  return Object.fromEntries(names.map(field => [field, fields[field] as Scalar]))
}

/** Sets fields by name or label, as the instance resolves them. */
export async function setByName(
  context: OperationContext,
  change: Change,
  fields: Record<string, Scalar>
): Promise<Change> {
  const before = (field: string) => fieldOf(change.fields, field).value
  const isSet = (current: Change, field: string) =>
    fieldOf(current.fields, field).value !== before(field) || shows(current, field, fields[field])
  return context.client.changes.update(change.sysId, fields, {
    operation: `setting ${Object.keys(fields).join(', ')} of ${change.number} by name`,
    done: current => Object.keys(fields).every(field => isSet(current, field)),
    byDisplayValue: true
  })
}

/**
 * Names and labels that a reused draft does not show: its job was killed before it had set them.
 *
 * @throws Problem `not-resolved` with those that the instance does not know either
 */
export async function setMissingNames(
  context: OperationContext,
  change: Change,
  resolved: Resolved
): Promise<Change> {
  const missing = Object.entries(namesOf(context, resolved)).filter(
    ([field, name]) =>
      !shows(change, field, name) &&
      (fieldOf(change.fields, field).value === '' || resolved.unverifiedChoices.includes(field))
  )
  if (missing.length === 0) return change
  const fields = Object.fromEntries(missing)
  if (context.dryRun) {
    const write = { type: 'write-by-name', change, fields: Object.keys(fields) } as const
    context.emit({ type: 'planned', write })
    return change
  }
  const after = await setByName(context, change, fields)
  const unknown = await unresolvedOf(context, after, resolved, Object.keys(fields))
  if (unknown.length > 0) throw notResolved(resolved, unknown, { left: change })
  return after
}
