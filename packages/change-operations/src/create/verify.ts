import { differences } from '@change-actions/change-control'
import {
  type Change,
  fieldOf,
  isClientProblem,
  isSameName,
  isSysId,
  type Scalar
} from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { type ChangeProblem, changeProblem } from '../problems.ts'
import { cancelDraft } from './duplicates.ts'
import { knownText, REFERENCE_KINDS, type Resolved } from './request.ts'

/** Fields a standard change template owns: what a caller sends for them is ignored by the instance. */
const TEMPLATE_OWNED = ['description', 'backout_plan', 'test_plan', 'implementation_plan', 'work_notes']

/** Choice lists whose values are numbers everywhere: a word as a value is no choice. */
const NUMBERED = ['priority', 'impact', 'urgency', 'risk']

type Sent = Readonly<Record<string, Scalar>>

/** The fields that did not arrive, apart from those a template owns. */
export function notTaken(sent: Sent, change: Change, fromTemplate: boolean): Record<string, Scalar> {
  const missing = differences(textOf(sent), change.fields).map(one => one.field)
  const wanted = missing.filter(field => !fromTemplate || !TEMPLATE_OWNED.includes(field))
  return Object.fromEntries(wanted.map(field => [field, sent[field] as Scalar]))
}

/**
 * Compares the written record with what was sent. ServiceNow reports neither unknown fields nor names it could not
 * resolve, so reading back is the only way to know.
 *
 * @param given fields that the user gave; a generated default that was not kept is no news
 * @throws Problem `not-applied` for a difference in type, state, group, CI or dates; the change stays in New
 */
export function verifyWritten(context: OperationContext, change: Change, sent: Sent, given: Sent): void {
  const found = differences(textOf(sent), change.fields)
  const critical = found.filter(one => one.critical)
  if (critical.length > 0)
    throw changeProblem(
      'not-applied',
      change,
      { differences: critical, during: 'create' },
      { committed: 'yes' }
    )
  const told = found.filter(one => one.field in given || one.field.startsWith('correlation_'))
  for (const difference of told) context.emit({ type: 'field-not-applied', change, difference })
}

/**
 * Names the instance had to resolve by itself: an unresolved one is kept as raw text or dropped, and a change
 * without its group may lose its approvers without notice. The draft is canceled then.
 *
 * @throws Problem `not-resolved` with the values
 */
export async function verifyResolved(
  context: OperationContext,
  change: Change,
  resolved: Resolved
): Promise<void> {
  const all = [...resolved.unverified, ...resolved.unverifiedChoices]
  const unknown = [
    ...(await unresolvedOf(context, change, resolved, all)),
    ...(await otherModel(context, change, resolved))
  ]
  if (unknown.length === 0) return
  const why = `Canceled: ${unknown.join(', ')} could not be resolved by the instance.`
  await cancelDraft(context, change, why)
  throw notResolved(resolved, unknown, { draft: change })
}

/** The model is no field that is sent; where the record shows it, it must have the name that was given. */
async function otherModel(context: OperationContext, change: Change, resolved: Resolved): Promise<string[]> {
  const field = 'chg_model'
  const name = resolved.known?.[field]
  if (name === undefined || fieldOf(change.fields, field).value === '') return []
  return (await isNamed(context, change, field, name)) ? [] : [field]
}

/** Those of the fields that do not hold what their name or label stands for. */
export async function unresolvedOf(
  context: OperationContext,
  change: Change,
  resolved: Resolved,
  fields: readonly string[]
): Promise<string[]> {
  const unknown: string[] = []
  for (const field of fields) {
    const sent = String(resolved.fields[field])
    const name = resolved.known?.[field]
    const good = resolved.unverifiedChoices.includes(field)
      ? isChoice(change, field, sent)
      : await isResolved(context, change, field, sent)
    if (!good || (name !== undefined && !(await isNamed(context, change, field, name)))) unknown.push(field)
  }
  return unknown
}

/** @param of the draft that was canceled, or the reused change that was left as it is */
export function notResolved(
  resolved: Resolved,
  fields: readonly string[],
  of: { readonly draft: Change } | { readonly left: Change }
): ChangeProblem {
  const values = fields.map(field => {
    const [value, name] = [String(resolved.fields[field] ?? resolved.model), resolved.known?.[field]]
    return { field, value: name === undefined ? value : knownText(name, value) }
  })
  return 'draft' in of
    ? changeProblem('not-resolved', undefined, { values, draft: of.draft.number }, { committed: 'yes' })
    : changeProblem('not-resolved', of.left, { values, draft: undefined }, { committed: 'yes' })
}

/** Whether a record shows a field as it was written by name or label. */
export function shows(change: Change, field: string, sent: Scalar | undefined): boolean {
  return differences({ [field]: String(sent) }, change.fields).length === 0
}

function isChoice(change: Change, field: string, sent: string): boolean {
  const { value, display } = fieldOf(change.fields, field)
  // Without a label of its own a number may be right; a word is one only in lists whose values are words.
  if (value === display && NUMBERED.includes(field)) return /^-?\d+$/.test(value)
  // Labels may carry their number: "3 - Moderate" is also called "Moderate".
  const bare = display.replace(/^-?\d+\s*[-–]\s*/, '')
  const isSent = shows(change, field, sent) || bare.trim().toLowerCase() === sent.trim().toLowerCase()
  return value !== '' && isSent
}

async function isResolved(
  context: OperationContext,
  change: Change,
  field: string,
  sent: string
): Promise<boolean> {
  const { value, display } = fieldOf(change.fields, field)
  if (value === '') return false
  if (!isSysId(sent)) return value !== sent && display !== ''
  if (value.toLowerCase() !== sent.toLowerCase()) return false
  if (display !== '' && display !== value) return true
  // Nothing to show may mean a record without a name: look it up.
  return (await context.client.exists(field, sent)) !== false
}

/**
 * Whether a reference shows the record of that name. Where the display value is another one, as of a user named by
 * e-mail, the name is looked up after all.
 */
async function isNamed(
  context: OperationContext,
  change: Change,
  field: string,
  name: string
): Promise<boolean> {
  const { value, display } = fieldOf(change.fields, field)
  if (isSameName(display, name)) return true
  const kind = REFERENCE_KINDS[field]
  if (kind === undefined) return false
  try {
    return (await context.client.reference(kind, name)).value === value
  } catch (error) {
    if (isClientProblem(error, 'lookup-none', 'lookup-many')) return false
    throw error
  }
}

function textOf(sent: Sent): Record<string, string> {
  return Object.fromEntries(Object.entries(sent).map(([field, value]) => [field, String(value)]))
}
