import { differences, type FieldDifference } from '@change-actions/change-control'
import { type Change, fieldOf, isSysId, type Scalar } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from '../flow.ts'
import { describeDifference } from '../read-back.ts'
import type { Resolved } from './request.ts'
import { cancelDraft } from './rivals.ts'

/** Fields a standard change template owns: what a caller sends for them is ignored by the instance. */
const TEMPLATE_OWNED = ['description', 'backout_plan', 'test_plan', 'implementation_plan', 'work_notes']

/** Choice lists whose values are numbers everywhere: a word that stands there is no choice. */
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
 * @param given fields the user asked for; a generated default that did not stick is no news
 * @throws ChangeError for a difference in type, state, group, CI or dates; the change stays as it is, in New
 */
export function verifyWritten(flow: Flow, change: Change, sent: Sent, given: Sent): void {
  const found = differences(textOf(sent), change.fields)
  const critical = found.filter(one => one.critical)
  if (critical.length > 0) throw notAsAsked(change, critical)
  const asked = found.filter(one => one.field in given || one.field.startsWith('correlation_'))
  for (const one of asked) flow.report.warning(`${change.number}: ${describeDifference(one)}.`)
}

/**
 * Names the instance had to resolve by itself: an unresolved one is kept as raw text or dropped, and a change
 * without its group may lose its approvers without a word. The draft is cancelled then.
 *
 * @throws ChangeError naming the values
 */
export async function verifyResolved(flow: Flow, change: Change, resolved: Resolved): Promise<void> {
  const all = [...resolved.unverified, ...resolved.unverifiedChoices]
  const bad = await unresolvedOf(flow, change, resolved, all)
  if (bad.length === 0) return
  await cancelDraft(flow, change, `Canceled: ${bad.join(', ')} could not be resolved by the instance.`)
  throw notResolved(resolved, bad, `The draft ${change.number}, just created, was cancelled.`)
}

/** Those of the fields that do not hold what their name or label stands for. */
export async function unresolvedOf(
  flow: Flow,
  change: Change,
  resolved: Resolved,
  fields: readonly string[]
): Promise<string[]> {
  const bad: string[] = []
  for (const field of fields) {
    const sent = String(resolved.fields[field])
    const good = resolved.unverifiedChoices.includes(field)
      ? isChoice(change, field, sent)
      : await isResolved(flow, change, field, sent)
    if (!good) bad.push(field)
  }
  return bad
}

export function notResolved(resolved: Resolved, fields: readonly string[], left: string): ChangeError {
  const list = fields.map(field => `${field} "${resolved.fields[field]}"`).join(', ')
  return new ChangeError(
    'ServiceNow lookup: no such record',
    `The instance knows no ${list}. ${left}\n` +
      'Likely cause: a typing mistake, or a record that is inactive or not visible to the service account.\n' +
      'Fix: correct the name or give a sys_id; read access to sys_user_group, sys_user, cmdb_ci and sys_choice lets names be checked before anything is created.'
  )
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

async function isResolved(flow: Flow, change: Change, field: string, sent: string): Promise<boolean> {
  const { value, display } = fieldOf(change.fields, field)
  if (value === '') return false
  if (!isSysId(sent)) return value !== sent && display !== ''
  if (value.toLowerCase() !== sent.toLowerCase()) return false
  if (display !== '' && display !== value) return true
  // Nothing to show may mean a record without a name: ask for it.
  return (await flow.client.exists(field, sent)) !== false
}

function notAsAsked(change: Change, critical: readonly FieldDifference[]): ChangeError {
  return new ChangeError(
    `Change ${change.number}: not as asked for`,
    `${change.number} exists, but ${critical.map(describeDifference).join('; ')}. Approval was not requested.\n` +
      'Likely cause: a business rule, a change model or a template set the field, or the account may not write it.\n' +
      'Fix: ask for the value the instance gives, or have the rule corrected; run the job again and the change is taken up.'
  )
}

function textOf(sent: Sent): Record<string, string> {
  return Object.fromEntries(Object.entries(sent).map(([field, value]) => [field, String(value)]))
}
