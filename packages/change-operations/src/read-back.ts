import type { FieldDifference } from '@change-actions/change-control'

/** What became of a field that was written, in words. Foreign text. */
export function describeDifference({ field, sent, got, unresolved }: FieldDifference): string {
  if (unresolved) return `${field} was sent as "${sent}", which the instance took for no record of its own`
  if (got !== undefined) return `${field} was sent as "${sent}" and reads "${got}"`
  return `${field} was sent as "${sent}" and is not on the record: the instance does not know it, or the account may not read it`
}
