import { parseServiceNowDate, stateOf } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import { settleAll } from '../concurrency.ts'
import type { OperationContext } from '../context.ts'
import { findNamed } from '../named-change.ts'
import { addNote, isShort } from '../notes.ts'
import { changeProblem } from '../problems.ts'
import { completeDraft, createDraft } from './draft.ts'
import { planCreation } from './dry-run.ts'
import { openChangesOf, settleDuplicates } from './duplicates.ts'
import { reuseChange, useSupplied } from './existing.ts'
import { findHalfMadeDrafts } from './half-made.ts'
import { asMade } from './made.ts'
import { linkPrevious } from './previous.ts'
import type { Created, CreateHooks, CreateRequest, Creation } from './request.ts'
import { resolveRequest } from './resolve.ts'
import { checkSame, findOpen } from './reuse.ts'
import { submitDraft } from './submit.ts'

/** The draft was canceled or taken by another job in the moment between two checks: check anew. */
const LOST = 'lost'
const MAX_TRIES = 3

/**
 * Exactly one change for a deployment: resolve names → check for the change → create in New → attach → check again
 * for duplicates → request approval.
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
    return useSupplied({ context, request, resolved, hooks }, change)
  }
  // Neither read needs the other's response; nothing is written before both are in.
  const [resolved, first] = await settleAll([
    resolveRequest(context, request),
    openChangesOf(context, request.correlationId)
  ] as const)
  for (let n = 0; n < MAX_TRIES; n += 1) {
    const open = n === 0 ? first : await openChangesOf(context, request.correlationId)
    const settled = await createOrReuse({ context, request, resolved, hooks }, open)
    if (settled !== LOST) return settled
  }
  throw changeProblem('interference', undefined, {})
}

async function createOrReuse(creation: Creation, open: readonly Change[]): Promise<Created | typeof LOST> {
  const { context, request, resolved, hooks } = creation
  const existing = request.reuse ? await findOpen(context, request, resolved, open) : undefined
  if (existing === undefined || stateOf(existing.state) === 'new') checkPlannedEnd(creation)
  if (existing !== undefined) return reuseChange(creation, existing, open)
  if (context.dryRun) return planCreation(creation)
  const known = new Set(open.map(change => change.sysId))
  const linked = request.linkPrevious ? await linkPrevious(context, request, resolved) : resolved
  const { draft: made, creationMs } = await makeDraft({ ...creation, resolved: linked }, known)
  const { note } = request
  const draft = note === undefined || isShort(note) ? made : await addNote(context, made, note)
  await hooks.attach(draft)
  const settled = request.reuse ? await settleDuplicates(context, request.correlationId, draft) : draft
  if (settled === undefined) return LOST
  const kept = asMade(settled, resolved)
  if (kept.sysId !== draft.sysId) {
    checkSame(kept, resolved)
    return reuseChange(creation, kept, [])
  }
  const change = request.requestApproval ? await submitDraft(context, request, kept) : kept
  if (change === undefined) return LOST
  hooks.onChange(change, true)
  return { change, created: true, creationMs }
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
}

/** A draft of this deployment: the one that an earlier attempt left half made, or a new one. */
async function makeDraft(creation: Creation, known: ReadonlySet<string>): Promise<MadeDraft> {
  const { context, request, resolved, hooks } = creation
  const [halfMade] = request.retried && request.reuse ? await findHalfMadeDrafts(context, resolved) : []
  if (halfMade !== undefined) {
    hooks.onChange(halfMade, true)
    context.emit({ type: 'draft-resumed', change: halfMade })
    return { draft: await completeDraft(context, request, resolved, halfMade), creationMs: undefined }
  }
  const onChange = (change: Change) => hooks.onChange(change, true)
  const startedAt = context.now()
  const draft = await createDraft(context, request, resolved, known, onChange)
  context.emit({ type: 'change-created', change: draft })
  return { draft, creationMs: context.now() - startedAt }
}
