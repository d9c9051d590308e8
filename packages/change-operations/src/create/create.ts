import {
  normaliseWord,
  parseServiceNowDate,
  requestApprovalMove,
  stateLabel,
  stateOf
} from '@change-actions/change-control'
import { type Change, Query } from '@change-actions/servicenow-client'
import { ChangeError, type Flow } from '../flow.ts'
import { moveTo } from '../move.ts'
import { findNamed } from '../named-change.ts'
import { all } from '../side-by-side.ts'
import { completeOrphan, createDraft, draftFields, findOrphans, setMissingNames } from './draft.ts'
import type { CreateHooks, CreateRequest, Resolved } from './request.ts'
import { resolveRequest } from './resolve.ts'
import { cancelDraft, cancelRivals, isYoung, oldestFirst, openChangesOf } from './rivals.ts'
import { bringUpToDate, checkSame, checkUsable, findOpen, isComparable } from './take-up.ts'
import { verifyWritten } from './verify.ts'

export interface Created {
  /** Undefined in a dry run that would have created one. */
  readonly change: Change | undefined
  /** Made by this call; false: supplied or taken up. */
  readonly created: boolean
}

/**
 * Exactly one change for a deployment: resolve names → look for the change → create in New → attach → look again
 * for rivals → request approval.
 *
 * @throws ServiceNowError, ChangeError
 */
export async function createChange(flow: Flow, request: CreateRequest, hooks: CreateHooks): Promise<Created> {
  const { supplied } = request
  if (supplied !== undefined) {
    const [resolved, change] = await all([resolveRequest(flow, request), findNamed(flow, supplied)] as const)
    return useSupplied(flow, request, resolved, change, hooks)
  }
  // Neither look needs the other's answer; nothing is written before both are in.
  const [resolved, first] = await all([
    resolveRequest(flow, request),
    openChangesOf(flow, request.correlationId)
  ] as const)
  for (let n = 0; n < MOST_TRIES; n += 1) {
    const open = n === 0 ? first : await openChangesOf(flow, request.correlationId)
    const settled = await createOrTakeUp(flow, request, resolved, hooks, open)
    if (settled !== LOST) return settled
  }
  throw new ChangeError(
    'Change not created: other jobs interfere',
    'Each draft made for this deployment was cancelled or taken by another job before it could be used.\n' +
      'Fix: look for jobs or rules that cancel changes with this correlation id, and run the job again.'
  )
}

/** The draft was taken or cancelled by another job in the moment between two looks: look anew. */
const LOST = 'lost'
const MOST_TRIES = 3

async function createOrTakeUp(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  hooks: CreateHooks,
  open: readonly Change[]
): Promise<Created | typeof LOST> {
  const existing = request.reuse ? await findOpen(flow, request, resolved, open) : undefined
  if (existing === undefined || stateOf(existing.state) === 'new') checkPlan(flow, request, resolved)
  if (existing !== undefined) return takeUp(flow, request, resolved, existing, hooks, open)
  if (flow.dryRun) return planCreation(flow, request, resolved, hooks)
  const known = new Set(open.map(change => change.sysId))
  const linked = request.linkPrevious ? await linkPrevious(flow, request, resolved) : resolved
  const draft = await makeDraft(flow, request, linked, known, hooks)
  await hooks.attach(draft)
  const winner = request.reuse ? await settleRivals(flow, request, draft) : draft
  if (winner === undefined) return LOST
  if (winner.sysId !== draft.sysId) {
    checkSame(winner, resolved)
    return takeUp(flow, request, resolved, winner, hooks, [])
  }
  const change = request.requestApproval ? await submit(flow, request, winner) : winner
  if (change === undefined) return LOST
  hooks.onChange(change, true)
  return { change, created: true }
}

/** Nobody is to be asked to approve what can no longer be carried out; what was done already may be recorded. */
function checkPlan(flow: Flow, request: CreateRequest, { fields }: Resolved): void {
  const end = String(fields.end_date ?? '')
  const endsAt = parseServiceNowDate(end)
  if (endsAt === undefined || endsAt > flow.client.now() || !request.requestApproval) return
  const passed = `The planned end, ${end} UTC, has passed`
  if (!request.windowBinds) {
    flow.report.warning(
      `${passed}: a wait that respects the change window will not let the deployment begin.`
    )
    return
  }
  throw new ChangeError(
    'Input error',
    `${passed}, and approval was not requested.\nFix: give a start-date and an end-date that are still to come, or set change-window: ignore.`
  )
}

/** The last change of the same deployment that has ended becomes the parent of the new one. */
async function linkPrevious(flow: Flow, request: CreateRequest, resolved: Resolved): Promise<Resolved> {
  if (resolved.fields.parent !== undefined) return resolved
  const query = new Query().is('correlation_id', request.correlationId).in('state', ENDED)
  const found = await flow.client.changes.find(query, 'looking for an earlier change of this deployment')
  const ended = oldestFirst(found.filter(change => change.correlationId === request.correlationId))
  // A draft that lost a race was cancelled, and is younger than the change that was carried out.
  const previous = ended.findLast(change => stateOf(change.state) !== 'canceled') ?? ended.at(-1)
  if (previous === undefined) return resolved
  flow.report.info(
    `${previous.number} was the change of this deployment and has ended; the new one is linked to it.`
  )
  return { ...resolved, fields: { ...resolved.fields, parent: previous.sysId } }
}

/** Review, Closed, Canceled. */
const ENDED = ['0', '3', '4']

async function makeDraft(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  known: ReadonlySet<string>,
  hooks: CreateHooks
): Promise<Change> {
  const [orphan] = request.retried && request.reuse ? await findOrphans(flow, resolved) : []
  if (orphan !== undefined) {
    hooks.onChange(orphan, true)
    flow.report.info(`Going on with the draft ${orphan.number} that an earlier attempt left.`)
    return completeOrphan(flow, request, resolved, orphan)
  }
  const draft = await createDraft(flow, request, resolved, known, change => hooks.onChange(change, true))
  flow.report.info(`Created ${draft.number} (${draft.type}) in ${draft.stateLabel}. ${urlOf(flow, draft)}`)
  return draft
}

/** Requests approval of the draft; undefined when another job cancelled it just before. */
async function submit(flow: Flow, request: CreateRequest, draft: Change): Promise<Change | undefined> {
  try {
    return await requestApproval(flow, draft)
  } catch (error) {
    if (!request.reuse || !(error instanceof ChangeError)) throw error
    const now = await flow.client.changes.get(draft.sysId).catch(() => undefined)
    if (now !== undefined && stateOf(now.state) === 'canceled') return undefined
    throw error
  }
}

/** Whoever reads the log may have to go there. */
function urlOf(flow: Flow, change: Change): string {
  return flow.client.changeUrl(change.sysId)
}

async function useSupplied(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  change: Change,
  hooks: CreateHooks
): Promise<Created> {
  hooks.onSeen?.(change)
  checkUsable(change, request)
  await hooks.accept?.(change, resolved)
  flow.report.info(`Using ${change.number}, in ${change.stateLabel}. ${urlOf(flow, change)}`)
  hooks.onChange(change, false)
  await hooks.attach(change)
  return finish(flow, request, change, hooks)
}

async function takeUp(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  found: Change,
  hooks: CreateHooks,
  open: readonly Change[]
): Promise<Created> {
  hooks.onSeen?.(found)
  checkUsable(found, request)
  await hooks.accept?.(found, resolved)
  flow.report.info(`Taking up ${found.number}, in ${found.stateLabel}. ${urlOf(flow, found)}`)
  hooks.onChange(found, false)
  await clearRivals(flow, found, open)
  const left = hooks.attaches === true ? await untilLeft(flow, request, found) : found
  const current = await bringUpToDate(flow, left, request, resolved)
  const change = stateOf(current.state) === 'new' ? await setMissingNames(flow, current, resolved) : current
  if (stateOf(change.state) === 'new' && !flow.dryRun)
    verifyWritten(flow, change, verifiable(resolved), resolved.fields)
  await hooks.attach(change)
  return finish(flow, request, change, hooks)
}

const LOOK_MS = 1_000
const MOST_LOOKS = 40

/**
 * A draft made a moment ago has a job of its own that attaches its files now and requests approval next. Attachments
 * cannot be taken back: that job is left to finish, so that the files both have are attached once. What an earlier
 * attempt of this very run left behind has no job any more.
 */
async function untilLeft(flow: Flow, request: CreateRequest, found: Change): Promise<Change> {
  if (flow.dryRun || (request.retried && found.correlationDisplay === request.correlationDisplay))
    return found
  let now = found
  for (let n = 0; n < MOST_LOOKS && isYoung(flow, now); n += 1) {
    if (n === 0) flow.report.info(`${found.number} was made a moment ago; waiting for its own job to finish.`)
    await flow.sleep(LOOK_MS * (0.5 + flow.random()))
    now = await flow.client.changes.get(found.sysId)
  }
  return now
}

async function clearRivals(flow: Flow, found: Change, open: readonly Change[]): Promise<void> {
  const rivals = open.filter(one => one.sysId !== found.sysId)
  if (!flow.dryRun) return cancelRivals(flow, rivals, found)
  for (const one of rivals) flow.report.plan(`cancel the rival ${one.number} if it is in New`)
}

function verifiable(resolved: Resolved) {
  return Object.fromEntries(
    Object.entries(resolved.fields).filter(([field]) => isComparable(resolved, field))
  )
}

async function finish(
  flow: Flow,
  request: CreateRequest,
  change: Change,
  hooks: CreateHooks
): Promise<Created> {
  const after = request.requestApproval ? await requestApproval(flow, await reread(flow, change)) : change
  hooks.onChange(after, false)
  return { change: after, created: false }
}

/** Files may have taken minutes, and the change is not ours alone: another job may have submitted it meanwhile. */
function reread(flow: Flow, change: Change): Change | Promise<Change> {
  const draft = stateOf(change.state) === 'new' && !flow.dryRun
  return draft ? flow.client.changes.get(change.sysId) : change
}

/**
 * The second look, just before approval is requested: two jobs may have created at once. The oldest wins; the loser
 * cancels its own draft and goes on with the winner. Undefined: the draft was lost to another job.
 */
async function settleRivals(flow: Flow, request: CreateRequest, mine: Change): Promise<Change | undefined> {
  const open = await openChangesOf(flow, request.correlationId)
  const [first, ...rest] = open
  if (first === undefined) return isStillMine(flow, request, mine)
  if (first.sysId === mine.sysId) {
    await cancelRivals(flow, rest, mine)
    return mine
  }
  await cancelDraft(flow, mine, `Canceled: ${first.number} is the change of this deployment.`)
  flow.report.notice(
    `Another job has ${first.number} for this deployment already; ${mine.number} was cancelled.`
  )
  return first
}

/** The look did not show our own draft: it may be another's by now. */
async function isStillMine(flow: Flow, request: CreateRequest, mine: Change): Promise<Change | undefined> {
  const now = await flow.client.changes.get(mine.sysId)
  return now.correlationId === request.correlationId && stateOf(now.state) === 'new' ? now : undefined
}

async function requestApproval(flow: Flow, change: Change): Promise<Change> {
  if (stateOf(change.state) !== 'new') return change
  const target = requestApprovalMove(change)
  if (target === undefined) {
    flow.report.warning(
      `${change.number} stays in New: a ${change.type || 'change of this type'} change${change.type === 'standard' ? ' without a template' : ''} is submitted by a person in ServiceNow.`
    )
    return change
  }
  const moved = (await moveTo(flow, { change, target })).change
  return isRejected(change) ? settleResubmitted(flow, moved) : moved
}

const SETTLE_MS = 1_000
const SETTLE_LOOKS = 10

/**
 * A change submitted again may carry its old rejection for a moment, until its new approvals are made; a gate that
 * looks then would take it for the answer.
 */
async function settleResubmitted(flow: Flow, change: Change): Promise<Change> {
  let now = change
  for (let n = 0; n < SETTLE_LOOKS && isRejected(now) && stateOf(now.state) !== 'new'; n += 1) {
    await flow.sleep(SETTLE_MS)
    now = await flow.client.changes.get(change.sysId)
  }
  return now
}

function isRejected(change: Change): boolean {
  return normaliseWord(change.approval) === 'rejected'
}

async function planCreation(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  hooks: CreateHooks
): Promise<Created> {
  const fields = Object.entries(draftFields(flow, request, resolved)).map(
    ([name, value]) => `${name}=${JSON.stringify(String(value).slice(0, 120))}`
  )
  const kind = resolved.type ?? 'modelled'
  const from = resolved.template === undefined ? '' : ` from the template ${resolved.template.name}`
  flow.report.plan(`create a ${kind} change${from} with ${fields.join(', ')}`)
  await hooks.attach(undefined)
  const snapshot = { state: '-5', type: resolved.type ?? '', fromTemplate: resolved.template !== undefined }
  const first = request.requestApproval ? requestApprovalMove(snapshot) : undefined
  if (first !== undefined) flow.report.plan(`move it from New to ${stateLabel(first)}`)
  return { change: undefined, created: false }
}
