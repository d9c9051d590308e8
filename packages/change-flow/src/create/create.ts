import { normaliseWord, requestApprovalMove, stateLabel, stateOf } from '@change-actions/change-control'
import type { Change } from '@change-actions/servicenow-client'
import type { Flow } from '../flow.ts'
import { moveTo } from '../move.ts'
import { findNamed } from '../named-change.ts'
import { createDraft, draftFields } from './draft.ts'
import type { CreateHooks, CreateRequest, Resolved } from './request.ts'
import { resolveRequest } from './resolve.ts'
import { cancelDraft, cancelRivals, openChangesOf } from './rivals.ts'
import { bringUpToDate, checkUsable, findOpen } from './take-up.ts'
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
  const resolved = await resolveRequest(flow, request)
  if (request.supplied !== undefined) return useSupplied(flow, request, hooks)
  const open = await openChangesOf(flow, request.correlationId)
  const existing = request.reuse ? await findOpen(flow, request, resolved, open) : undefined
  if (existing !== undefined) return takeUp(flow, request, resolved, existing, hooks)
  if (flow.dryRun) return planCreation(flow, request, resolved, hooks)
  const known = new Set(open.map(change => change.sysId))
  const draft = await createDraft(flow, request, resolved, known, change => hooks.onChange(change, true))
  flow.report.info(`Created ${draft.number} (${draft.type}) in ${draft.stateLabel}.`)
  await hooks.attach(draft)
  const winner = request.reuse ? await settleRivals(flow, request, draft) : draft
  if (winner.sysId !== draft.sysId) return takeUp(flow, request, resolved, winner, hooks)
  const change = request.requestApproval ? await requestApproval(flow, winner) : winner
  hooks.onChange(change, true)
  return { change, created: true }
}

async function useSupplied(flow: Flow, request: CreateRequest, hooks: CreateHooks): Promise<Created> {
  const change = await findNamed(flow, request.supplied ?? {})
  checkUsable(change, request)
  flow.report.info(`Using ${change.number}, in ${change.stateLabel}.`)
  hooks.onChange(change, false)
  await hooks.attach(change)
  return finish(flow, request, change, hooks)
}

async function takeUp(
  flow: Flow,
  request: CreateRequest,
  resolved: Resolved,
  found: Change,
  hooks: CreateHooks
): Promise<Created> {
  checkUsable(found, request)
  flow.report.info(`Taking up ${found.number}, in ${found.stateLabel}.`)
  hooks.onChange(found, false)
  const change = await bringUpToDate(flow, found, request, resolved)
  if (stateOf(change.state) === 'new' && !flow.dryRun)
    verifyWritten(flow, change, verifiable(resolved), resolved.fields)
  await hooks.attach(change)
  return finish(flow, request, change, hooks)
}

function verifiable(resolved: Resolved) {
  return Object.fromEntries(
    Object.entries(resolved.fields).filter(([field]) => !resolved.unverified.includes(field))
  )
}

async function finish(
  flow: Flow,
  request: CreateRequest,
  change: Change,
  hooks: CreateHooks
): Promise<Created> {
  const after = request.requestApproval ? await requestApproval(flow, change) : change
  hooks.onChange(after, false)
  return { change: after, created: false }
}

/**
 * The second look, just before approval is requested: two jobs may have created at once. The oldest wins; the loser
 * cancels its own draft and goes on with the winner.
 */
async function settleRivals(flow: Flow, request: CreateRequest, mine: Change): Promise<Change> {
  const open = await openChangesOf(flow, request.correlationId)
  const [oldest, ...rest] = open
  if (oldest === undefined || oldest.sysId === mine.sysId) {
    await cancelRivals(flow, rest, mine)
    return mine
  }
  await cancelDraft(flow, mine, `Canceled: ${oldest.number} is the change of this deployment.`)
  flow.report.notice(
    `Another job created ${oldest.number} for this deployment first; ${mine.number} was cancelled.`
  )
  return oldest
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
  const fields = Object.entries(draftFields(request, resolved)).map(
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
