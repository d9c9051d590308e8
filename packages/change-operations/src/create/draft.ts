import {
  type Change,
  fieldOf,
  isSafeInQuery,
  isSysId,
  Query,
  type Scalar
} from '@change-actions/servicenow-client'
import type { Flow } from '../flow.ts'
import { noteText } from '../note.ts'
import type { CreateRequest, Resolved } from './request.ts'
import { createdAt, oldestFirst, openChangesOf } from './rivals.ts'
import { notResolved, notTaken, shows, unresolvedOf, verifyResolved, verifyWritten } from './verify.ts'

/** Everything a new change is sent with. */
export function draftFields(flow: Flow, request: CreateRequest, resolved: Resolved): Record<string, Scalar> {
  // A template brings its own description; the Table API copies nothing from it.
  const owned = resolved.template !== undefined && flow.client.changes.dialect === 'change-management'
  const generated = owned ? {} : request.generated
  const display = request.correlationDisplay === '' ? {} : { correlation_display: request.correlationDisplay }
  const note: Record<string, Scalar> =
    request.note === undefined ? {} : { work_notes: noteText(request.note) }
  return { ...generated, ...resolved.fields, correlation_id: request.correlationId, ...display, ...note }
}

/**
 * Creates the change in New and makes sure that what was written is what was asked for.
 *
 * @param known sys_ids of open changes of this deployment that were there before
 * @param onChange called as soon as the record exists
 */
export async function createDraft(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  known: ReadonlySet<string>,
  onChange: (change: Change) => void
): Promise<Change> {
  const { changes } = flow.client
  const sent = draftFields(flow, request, resolved)
  const byName = namesOf(flow, resolved)
  const first = Object.fromEntries(Object.entries(sent).filter(([field]) => !(field in byName)))
  const draft = { type: resolved.type, model: resolved.model, template: resolved.template, fields: first }
  const startedAt = flow.client.now()
  let change = await changes.create(draft, () => lookForDraft(flow, request, resolved, known, startedAt))
  onChange(change)
  change = await complete(flow, change, first, resolved)
  if (Object.keys(byName).length > 0) change = await setByName(flow, change, byName)
  await verify(flow, change, first, resolved)
  return change
}

async function verify(
  flow: Flow,
  change: Change,
  sent: Readonly<Record<string, Scalar>>,
  resolved: Resolved
): Promise<void> {
  await verifyResolved(flow, change, resolved)
  const asked = Object.fromEntries(
    Object.entries(sent).filter(([field]) => !resolved.unverified.includes(field))
  )
  verifyWritten(flow, change, { ...asked, ...typeField(resolved) }, resolved.fields)
}

/** A template takes only the fields it has itself when the change is made; the rest is written afterwards. */
async function complete(
  flow: Flow,
  change: Change,
  sent: Readonly<Record<string, Scalar>>,
  resolved: Resolved
): Promise<Change> {
  if (resolved.template === undefined) return change
  const missing = notTaken(sent, change, true)
  const note = noteMissing(sent, change)
  if (Object.keys(missing).length === 0 && note === undefined) return change
  const fields = note === undefined ? missing : { ...missing, work_notes: note }
  return flow.client.changes.update(change.sysId, fields, {
    doing: `completing ${change.number}`,
    done: now =>
      Object.keys(notTaken(missing, now, true)).length === 0 && noteMissing(sent, now) === undefined
  })
}

function noteMissing(sent: Readonly<Record<string, Scalar>>, change: Change): Scalar | undefined {
  const note = sent.work_notes
  const journal = change.fields.work_notes
  if (note === undefined || journal === undefined) return undefined
  const marker = String(note).split('\n').at(-1) ?? ''
  return journal.display.includes(marker) ? undefined : note
}

/**
 * Names and labels that could not be looked up. On the Table API they reach their field only in a request of their
 * own: the switch for it changes dates as well.
 */
export function namesOf(flow: Flow, resolved: Resolved): Record<string, Scalar> {
  if (flow.client.changes.dialect !== 'table') return {}
  const { fields, unverified, unverifiedChoices } = resolved
  const names = [...unverified.filter(field => !isSysId(String(fields[field]))), ...unverifiedChoices]
  return Object.fromEntries(names.map(field => [field, fields[field] as Scalar]))
}

async function setByName(flow: Flow, change: Change, fields: Record<string, Scalar>): Promise<Change> {
  const before = (field: string) => fieldOf(change.fields, field).value
  const isSet = (now: Change, field: string) =>
    fieldOf(now.fields, field).value !== before(field) || shows(now, field, fields[field])
  return flow.client.changes.update(change.sysId, fields, {
    doing: `setting ${Object.keys(fields).join(', ')} of ${change.number} by name`,
    done: now => Object.keys(fields).every(field => isSet(now, field)),
    byDisplayValue: true
  })
}

/**
 * Names and labels that a draft taken up does not show: its job was killed before it had set them.
 *
 * @throws ChangeError naming those that the instance does not know either
 */
export async function setMissingNames(flow: Flow, change: Change, resolved: Resolved): Promise<Change> {
  const missing = Object.entries(namesOf(flow, resolved)).filter(
    ([field, name]) =>
      !shows(change, field, name) &&
      (fieldOf(change.fields, field).value === '' || resolved.unverifiedChoices.includes(field))
  )
  if (missing.length === 0) return change
  const fields = Object.fromEntries(missing)
  if (flow.dryRun) {
    flow.report.plan(`set ${Object.keys(fields).join(', ')} of ${change.number} by name`)
    return change
  }
  const after = await setByName(flow, change, fields)
  const unknown = await unresolvedOf(flow, after, resolved, Object.keys(fields))
  if (unknown.length > 0) throw notResolved(resolved, unknown, `${change.number} is left as it is.`)
  return after
}

function typeField(resolved: Resolved): Record<string, Scalar> {
  return resolved.type === undefined ? {} : { type: resolved.type }
}

/** The change whose creation got no answer: found by its correlation id, or, from a template, as the draft just made. */
async function lookForDraft(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  known: ReadonlySet<string>,
  startedAt: number
): Promise<Change | undefined> {
  const mine = (await openChangesOf(flow, request.correlationId)).find(change => !known.has(change.sysId))
  if (mine !== undefined) return mine
  const fresh = (await findOrphans(flow, resolved)).filter(one => createdAt(one) >= startedAt - 5_000)
  return fresh.length === 1 ? fresh[0] : undefined
}

/**
 * Drafts that a killed job of this account left between making them from a template, which drops the correlation id,
 * and writing it: same template, same title, no correlation id. Oldest first.
 */
export async function findOrphans(flow: Flow, resolved: Resolved): Promise<Change[]> {
  const title = String(resolved.fields.short_description ?? '')
  if (resolved.template === undefined || !isSafeInQuery(title)) return []
  const { version } = resolved.template
  const query = new Query()
    .is('short_description', title)
    .is('state', '-5')
    .is('type', 'standard')
    .isEmpty('correlation_id')
    .createdByMe()
  const drafts = await flow.client.changes.find(query, 'looking for a draft left half made')
  const same = (change: Change) =>
    version === '' || fieldOf(change.fields, 'std_change_producer_version').value === version
  return oldestFirst(drafts).filter(same)
}

/** Takes up an orphan: writes what the template dropped, and checks it like a new one. */
export async function completeOrphan(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  orphan: Change
): Promise<Change> {
  const sent = draftFields(flow, request, resolved)
  const byName = namesOf(flow, resolved)
  const first = Object.fromEntries(Object.entries(sent).filter(([field]) => !(field in byName)))
  let change = await complete(flow, orphan, first, resolved)
  if (Object.keys(byName).length > 0) change = await setByName(flow, change, byName)
  await verify(flow, change, first, resolved)
  return change
}
