import { type Ownership, stateOf } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { bindChange } from '../own/bind.ts'
import { checkNamed } from '../own/standing.ts'
import { withKeptBrief } from './brief.ts'
import { cancelDuplicates, isYoung } from './duplicates.ts'
import { addNoteOf } from './evidence-note.ts'
import { asMade } from './made.ts'
import { setMissingNames } from './names.ts'
import { checkDraft } from './preflight.ts'
import type { Created, CreateRequest, Creation, Resolved } from './request.ts'
import { bringUpToDate, checkUsable, isComparable } from './reuse.ts'
import { checkTitle } from './same-title.ts'
import { submitExisting } from './submit.ts'
import { verifyWritten } from './verify.ts'

/**
 * Uses a change that was named, or counts as such. Apart from its binding and notes nothing of it is written.
 *
 * @param known whose it is, where that was found out already
 * @throws Problem `foreign-change`, `unbound`, those of {@link checkUsable}
 */
export async function useNamed(creation: Creation, change: Change, known?: Ownership): Promise<Created> {
  const { context, request, resolved, hooks } = creation
  hooks.onSeen?.(change)
  checkUsable(change, request)
  const ownership = known ?? (await checkNamed(context, change, request.identity))
  await hooks.accept?.(change, resolved, ownership)
  context.emit({ type: 'change-used', change })
  const bound = await bindChange(context, change, ownership, request.identity)
  hooks.onChange(bound, false, true)
  await checkDraft(creation, bound, 'named')
  return finish(creation, await attachNoted(creation, bound), 'named')
}

/**
 * Reuses an open change of this deployment.
 *
 * @param open the open changes of this deployment; drafts among them are duplicates of `found`
 */
export async function reuseChange(
  creation: Creation,
  found: Change,
  open: readonly Change[]
): Promise<Created> {
  const { context, request, hooks } = creation
  const resolved = withKeptBrief(creation.resolved, found)
  hooks.onSeen?.(found)
  checkUsable(found, request)
  checkTitle(creation, found)
  context.emit({ type: 'change-reused', change: found })
  hooks.onChange(found, false, false)
  await clearDuplicates(context, found, open)
  const left = hooks.attaches === true ? await untilLeft(context, request, found) : found
  const updated = await bringUpToDate(context, left, request, resolved)
  const change =
    stateOf(updated.state) === 'new' ? await setMissingNames(context, updated, resolved) : updated
  if (stateOf(change.state) === 'new' && !context.dryRun)
    verifyWritten(context, change, comparableFields(resolved), resolved.fields)
  // A dry run has not written the group.
  if (resolved.fields.assignment_group === undefined) await checkDraft(creation, change, 'reused')
  return finish(creation, await attachNoted(creation, change), 'reused')
}

/** The note is written at once: a change that was there before may be past its submission. */
async function attachNoted({ context, hooks }: Creation, change: Change): Promise<Change> {
  return addNoteOf(context, change, await hooks.attach(change, false))
}

const POLL_MS = 1_000
const MAX_POLLS = 40

/**
 * A draft made a moment ago has a job of its own that is attaching its files and requests approval next. Attachments
 * cannot be taken back: that job is left to finish, so that the files both have are attached once. What an earlier
 * attempt of this very run left behind has no job any more.
 */
async function untilLeft(context: OperationContext, request: CreateRequest, found: Change): Promise<Change> {
  if (context.dryRun || (request.retried && found.correlationDisplay === request.correlationDisplay))
    return found
  let current = found
  for (let n = 0; n < MAX_POLLS && isYoung(context, current); n += 1) {
    if (n === 0) context.emit({ type: 'waiting-for-own-job', change: found })
    await context.sleep(POLL_MS * (0.5 + context.random()))
    current = await context.client.changes.get(found.sysId)
  }
  return current
}

async function clearDuplicates(
  context: OperationContext,
  kept: Change,
  open: readonly Change[]
): Promise<void> {
  const duplicates = open.filter(one => one.sysId !== kept.sysId)
  if (!context.dryRun) return cancelDuplicates(context, duplicates, kept)
  for (const change of duplicates)
    context.emit({ type: 'planned', write: { type: 'cancel-duplicate', change } })
}

function comparableFields(resolved: Resolved) {
  return Object.fromEntries(
    Object.entries(resolved.fields).filter(([field]) => isComparable(resolved, field))
  )
}

async function finish(creation: Creation, change: Change, origin: 'reused' | 'named'): Promise<Created> {
  const { context, request, resolved, hooks } = creation
  const after = request.requestApproval
    ? await submitExisting(creation, asMade(await reread(context, change), resolved), origin)
    : change
  hooks.onChange(after, false, origin === 'named')
  return { change: after, created: false }
}

/** Files may have taken minutes, and the change is not ours alone: another job may have submitted it meanwhile. */
function reread(context: OperationContext, change: Change): Change | Promise<Change> {
  const draft = stateOf(change.state) === 'new' && !context.dryRun
  return draft ? context.client.changes.get(change.sysId) : change
}
