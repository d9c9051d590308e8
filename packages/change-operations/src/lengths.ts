/** Texts that a field cannot keep whole: an instance cuts them without an error. */
import type { Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from './context.ts'
import { changeProblem } from './problems.ts'

/** Characters up to which a field of this name is not looked up: instances keep more of it. */
const AMPLE: Readonly<Record<string, number>> = {
  short_description: 100,
  description: 1_000,
  justification: 1_000,
  implementation_plan: 1_000,
  backout_plan: 1_000,
  test_plan: 1_000,
  risk_impact_analysis: 1_000,
  close_notes: 1_000,
  on_hold_reason: 1_000,
  // Set by this product, which keeps to their lengths.
  correlation_id: 100,
  correlation_display: 100
}

/** A text field of the instance's own keeps 40 characters unless somebody chose another length. */
const AMPLE_ELSEWHERE = 40

/** Split into several entries. */
const SPLIT: readonly string[] = ['work_notes', 'comments']

/**
 * Looks up the maximum lengths of fields with a long text, in one request and only where there is one. Where they
 * cannot be read this is told, and the record is compared after the write.
 *
 * @throws Problem `too-long` with both lengths; nothing was written
 */
export async function checkLengths(
  context: OperationContext,
  fields: Readonly<Record<string, Scalar>>
): Promise<void> {
  const long = Object.entries(fields)
    .map(([field, value]) => ({ field, length: charactersOf(String(value)) }))
    .filter(({ field, length }) => !SPLIT.includes(field) && length > (AMPLE[field] ?? AMPLE_ELSEWHERE))
  if (long.length === 0) return
  const names = long.map(one => one.field)
  const limits = await context.client.maxLengths(names)
  const unknown = names.filter(field => limits?.has(field) !== true)
  if (limits === undefined) context.emit({ type: 'lengths-not-checked', fields: unknown })
  const tooLong = long.flatMap(({ field, length }) => {
    const max = limits?.get(field) ?? Number.POSITIVE_INFINITY
    return length > max ? [{ field, length, max }] : []
  })
  if (tooLong.length > 0) throw changeProblem('too-long', undefined, { fields: tooLong })
}

/** As people count: a sign outside the basic plane is one character. */
function charactersOf(text: string): number {
  return [...text].length
}
