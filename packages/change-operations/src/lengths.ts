/** Texts that a field cannot keep whole: an instance cuts them without an error. */
import { isClientProblem, type Scalar } from '@change-actions/servicenow-client'
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

/** What a stock instance keeps of a description. */
const STOCK_DESCRIPTION = 4_000

/**
 * How much of a text of so many characters the description keeps. Looked up only for a long text; where it cannot be
 * read, what a stock instance keeps.
 */
export async function roomInDescription(context: OperationContext, length: number): Promise<number> {
  const field = 'description'
  if (length <= (AMPLE[field] ?? 0)) return length
  try {
    return (await context.client.maxLengths([field]))?.get(field) ?? STOCK_DESCRIPTION
  } catch (error) {
    // What is put in that room is no reason to fail; the next request tells of an instance that does not respond.
    if (isClientProblem(error)) return STOCK_DESCRIPTION
    throw error
  }
}

/** As people count: a sign outside the basic plane is one character. */
function charactersOf(text: string): number {
  return [...text].length
}
