import { parseServiceNowDate, stateOf } from '@change-actions/change-control'
import { type Change, Problem } from '@change-actions/servicenow-client'
import { settleAll } from '../concurrency.ts'
import type { OperationContext } from '../context.ts'
import { checkLengths } from '../lengths.ts'
import { findNamed } from '../named-change.ts'
import { addNote, isShort, type Note } from '../notes.ts'
import { changeProblem } from '../problems.ts'
import { withBriefFor } from './brief.ts'
import { completeDraft, createDraft, ownNotes } from './draft.ts'
import { planCreation } from './dry-run.ts'
import { openChangesOf, settleDuplicates } from './duplicates.ts'
import { addNoteIfPossible, addNoteOf } from './evidence-note.ts'
import { reuseChange, useNamed } from './existing.ts'
import { findHalfMadeDrafts } from './half-made.ts'
import { asMade } from './made.ts'
import { checkBeforeDraft, checkDraft } from './preflight.ts'
import { linkPrevious } from './previous.ts'
import type { Created, CreateHooks, CreateRequest, Creation } from './request.ts'
import { resolveRequest } from './resolve.ts'
import { checkSame, findOpen } from './reuse.ts'
import { checkRollback } from './rollback.ts'
import { submitDraft } from './submit.ts'

/** The draft was canceled or taken by another job in the moment between two checks: check anew. */
const LOST = 'lost'
const MAX_TRIES = 3

/**
 * Exactly one change for a deployment: resolve names → check for the change → check what the first move will ask for →
 * create in New → attach → check again for duplicates → request approval.
 *
 * @throws Problem of the client or of an operation
 */
export async function createChange(
  context: OperationContext,
  request: CreateRequest,
  hooks: CreateHooks
): Promise<Created> {
  const { supplied } = request
  if (supplied !== undefined) {
    const [resolved, change] = await settleAll([
      resolveRequest(context, request),
      findNamed(context, supplied)
    ] as const)
    return useNamed({ context, request, resolved, hooks }, change)
  }
  // No read needs another's response; nothing is written before all are in.
  const [found, first] = await settleAll([
    resolveRequest(context, request),
    openChangesOf(context, request),
    checkLengths(context, request.given)
  ] as const)
  const checked = await checkRollback(context, request, found)
  for (let n = 0; n < MAX_TRIES; n += 1) {
    const open = n === 0 ? first : await openChangesOf(context, request)
    const settled = await createOrReuse({ context, ...checked, hooks }, open)
    if (settled !== LOST) return settled
  }
  throw changeProblem('interference', undefined, {})
}

async function createOrReuse(creation: Creation, open: readonly Change[]): Promise<Created | typeof LOST> {
  const { context, request, resolved, hooks } = creation
  const existing = request.reuse ? await findOpen(context, request, resolved, open) : undefined
  if (existing === undefined || stateOf(existing.change.state) === 'new') checkPlannedEnd(creation)
  if (existing?.ownership === 'open') return useNamed(creation, existing.change, 'open')
  if (existing !== undefined) return reuseChange(creation, existing.change, open)
  const [briefed] = await settleAll([withBriefFor(creation), checkBeforeDraft(creation)] as const)
  if (context.dryRun) return planCreation(briefed)
  const known = new Set(open.map(change => change.sysId))
  const linked = request.linkPrevious
    ? await linkPrevious(context, request, briefed.resolved)
    : briefed.resolved
  const { draft: made, creationMs, isNew } = await makeDraft({ ...briefed, resolved: linked }, known)
  await checkDraft(creation, made, 'made')
  const draft = await addLaterNotes(context, made, briefed.request)
  const evidence = await hooks.attach(draft, isNew)
  const settled = request.reuse ? await settle(creation, draft, evidence) : draft
  if (settled === undefined) return LOST
  const kept = asMade(settled, resolved)
  if (kept.sysId !== draft.sysId) {
    checkSame(kept, resolved)
    return reuseChange(creation, kept, [])
  }
  const change = request.requestApproval
    ? await submitDraft(creation, kept, evidence)
    : await addNoteOf(context, kept, evidence)
  if (change === undefined) return LOST
  hooks.onChange(change, true, false)
  return { change, created: true, creationMs }
}

/** The check for duplicates. The note on files is written before it ends with another change, or with an error. */
async function settle(
  { context, request }: Creation,
  draft: Change,
  evidence: Note | undefined
): Promise<Change | undefined> {
  try {
    const settled = await settleDuplicates(context, request, draft, evidence)
    if (settled === undefined) await addNoteIfPossible(context, draft, evidence)
    return settled
  } catch (error) {
    if (error instanceof Problem) await addNoteIfPossible(context, draft, evidence)
    throw error
  }
}

/**
 * What did not go with the creation: the brief, which would make the entry too long, a note too long for one entry, and
 * those that are signed for their change.
 */
async function addLaterNotes(
  context: OperationContext,
  made: Change,
  { note, briefNote, identity }: CreateRequest
): Promise<Change> {
  const own = identity.bindingKey === undefined ? [] : ownNotes(identity, made.sysId)
  const given = note === undefined || isShort(note) ? [] : [note]
  let change = made
  const brief = briefNote === undefined ? [] : [briefNote]
  for (const one of [...given, ...brief, ...own]) change = await addNote(context, change, one)
  return change
}

/** No approval is requested for what can no longer be carried out; what was done already may be recorded. */
function checkPlannedEnd({ context, request, resolved }: Creation): void {
  const plannedEnd = String(resolved.fields.end_date ?? '')
  const endsAt = parseServiceNowDate(plannedEnd)
  if (endsAt === undefined || endsAt > context.client.now() || !request.requestApproval) return
  if (request.windowBinds) throw changeProblem('plan-over', undefined, { plannedEnd })
  context.emit({ type: 'plan-over', plannedEnd })
}

interface MadeDraft {
  readonly draft: Change
  /** undefined when the record was there before. */
  readonly creationMs: number | undefined
  /** Nothing can be attached to it yet. */
  readonly isNew: boolean
}

/** A draft of this deployment: the one that an earlier attempt left half made, or a new one. */
async function makeDraft(creation: Creation, known: ReadonlySet<string>): Promise<MadeDraft> {
  const { context, request, resolved, hooks } = creation
  const [halfMade] = request.retried && request.reuse ? await findHalfMadeDrafts(context, resolved) : []
  if (halfMade !== undefined) {
    hooks.onChange(halfMade, true, false)
    context.emit({ type: 'draft-resumed', change: halfMade })
    return {
      draft: await completeDraft(context, request, resolved, halfMade),
      creationMs: undefined,
      isNew: false
    }
  }
  const onChange = (change: Change) => hooks.onChange(change, true, false)
  const startedAt = context.now()
  const { change: draft, shown } = await createDraft(context, request, resolved, known, onChange)
  context.emit({ type: 'change-created', change: draft })
  return { draft, creationMs: context.now() - startedAt, isNew: shown }
}
