import type { Change, Scalar } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { isShort, type Note, noteText } from '../notes.ts'
import { artifactsNote } from '../own/artifacts-note.ts'
import { bindingNote } from '../own/binding-note.ts'
import { learnName } from '../own/creator.ts'
import { type Identity, signatureOf } from '../own/identity.ts'
import { findLostDraft } from './half-made.ts'
import { verifyKept } from './kept.ts'
import { asMade, madeBy } from './made.ts'
import { namesOf, setByName } from './names.ts'
import type { CreateRequest, Resolved } from './request.ts'
import { notTaken, verifyResolved, verifyWritten } from './verify.ts'

type Sent = Readonly<Record<string, Scalar>>

/** Whether a template decides what the description says. */
export function ownsDescription({ client }: OperationContext, { template }: Resolved): boolean {
  return template !== undefined && client.changes.capabilities.templatesOwnDescription
}

/** Everything a new change is sent with. */
export function draftFields(
  context: OperationContext,
  request: CreateRequest,
  resolved: Resolved
): Record<string, Scalar> {
  const generated = ownsDescription(context, resolved) ? {} : request.generated
  const display = request.correlationDisplay === '' ? {} : { correlation_display: request.correlationDisplay }
  const notes = firstNotes(request)
  const note: Record<string, Scalar> =
    notes.length === 0 ? {} : { work_notes: notes.map(noteText).join('\n\n') }
  return { ...generated, ...resolved.fields, correlation_id: request.correlationId, ...display, ...note }
}

/** What a run notes on a change that it makes. @param sysId of the change, where it is known */
export function ownNotes(identity: Identity, sysId?: string): Note[] {
  const signature = sysId === undefined ? undefined : signatureOf(identity, sysId)
  const artifacts = artifactsNote(identity, 1, sysId)
  const bound = bindingNote(identity.deployment, 'bound', { signature })
  return artifacts === undefined ? [bound] : [artifacts, bound]
}

/** What is noted with the creation. With a key our notes are signed for the change, which has no sys_id yet. */
function firstNotes({ note, identity }: CreateRequest): Note[] {
  const given = note === undefined || !isShort(note) ? [] : [note]
  return identity.bindingKey === undefined ? [...given, ...ownNotes(identity)] : given
}

/**
 * Creates the change in New and makes sure that what was written is what was requested.
 *
 * @param known sys_ids of open changes of this deployment that were there before
 * @param onChange called as soon as the record exists
 * @returns the change, and whether the response to the creation showed it: one that was found by a search may have been
 *   there longer, and hold files
 * @throws Problem `not-resolved`, `not-applied`, `created-unseen`, or of the client
 */
export async function createDraft(
  context: OperationContext,
  request: CreateRequest,
  resolved: Resolved,
  known: ReadonlySet<string>,
  onChange: (change: Change) => void
): Promise<{ readonly change: Change; readonly shown: boolean }> {
  const { first: fields } = sentFields(context, request, resolved)
  const { type, model, template } = resolved
  const sending = { request, resolved, known, startedAt: context.client.now() }
  let lost = false
  const check = () => {
    lost = true
    return findLostDraft(context, sending)
  }
  const response = await context.client.changes.create({ type, model, template, fields }, check)
  const change = await madeBy(context, sending, response, onChange)
  learnName(context, change)
  onChange(change)
  const shown = !lost && response.change?.sysId === change.sysId
  return { change: await completeDraft(context, request, resolved, change), shown }
}

/**
 * Writes what a template dropped and what has to be set by name, and compares the record with what was requested.
 *
 * @throws Problem `not-resolved`, `not-applied`, or of the client
 */
export async function completeDraft(
  context: OperationContext,
  request: CreateRequest,
  resolved: Resolved,
  draft: Change
): Promise<Change> {
  const { first, byName } = sentFields(context, request, resolved)
  const completed = await complete(context, draft, first, resolved)
  const change = Object.keys(byName).length > 0 ? await setByName(context, completed, byName) : completed
  if (request.reuse) verifyKept(change, request.correlationId)
  await verify(context, change, first, resolved)
  return asMade(change, resolved)
}

/** What the first request carries, and what is set by name afterwards. */
function sentFields(context: OperationContext, request: CreateRequest, resolved: Resolved) {
  const byName = namesOf(context, resolved)
  const all = Object.entries(draftFields(context, request, resolved))
  return { first: Object.fromEntries(all.filter(([field]) => !(field in byName))), byName }
}

async function verify(
  context: OperationContext,
  change: Change,
  sent: Sent,
  resolved: Resolved
): Promise<void> {
  await verifyResolved(context, change, resolved)
  const requested = Object.fromEntries(
    Object.entries(sent).filter(([field]) => !resolved.unverified.includes(field))
  )
  const type: Sent = resolved.type === undefined ? {} : { type: resolved.type }
  verifyWritten(context, change, { ...requested, ...type }, resolved.fields)
}

/** A template takes only the fields it has itself when the change is made; the rest is written afterwards. */
async function complete(
  context: OperationContext,
  change: Change,
  sent: Sent,
  resolved: Resolved
): Promise<Change> {
  if (resolved.template === undefined) return change
  const missing = notTaken(sent, change, true)
  const note = missingNote(sent, change)
  if (Object.keys(missing).length === 0 && note === undefined) return change
  const fields = note === undefined ? missing : { ...missing, work_notes: note }
  return context.client.changes.update(change.sysId, fields, {
    operation: `completing ${change.number}`,
    done: current =>
      Object.keys(notTaken(missing, current, true)).length === 0 && missingNote(sent, current) === undefined
  })
}

function missingNote(sent: Sent, change: Change): Scalar | undefined {
  const note = sent.work_notes
  const journal = change.fields.work_notes
  if (note === undefined || journal === undefined) return undefined
  const marker = String(note).split('\n').at(-1) ?? ''
  return journal.display.includes(marker) ? undefined : note
}
