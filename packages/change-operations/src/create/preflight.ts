/**
 * What the first move will ask for, found as early as it can be known. Nothing is sent where the change has an
 * assignment group: that is what instances ask for.
 */
import { askedFields, requestApprovalMove, stateOf, stateValue } from '@change-actions/change-control'
import { type Change, fieldOf, isClientProblem, Query } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { changeProblem } from '../problems.ts'
import { failForMissing, isEmptyIn, type Origin, unmetFor } from './missing-fields.ts'
import type { Creation, Resolved } from './request.ts'

const GROUP = 'assignment_group'

/**
 * Before a change is made without a group: the instance is asked about another draft of this kind without one. A
 * configuration item or a model may bring the group along, so with these it is only known on the draft.
 *
 * @throws Problem `missing-fields`; nothing was made
 */
export async function checkBeforeDraft({ context, request, resolved }: Creation): Promise<void> {
  const { type = '', template, model, fields } = resolved
  if (!request.requestApproval || hasGroup(resolved) || template !== undefined) return
  const next = requestApprovalMove({ state: stateValue('new'), type, fromTemplate: false })
  if (next === undefined && model === undefined) return
  const alike =
    next === undefined || fields.cmdb_ci !== undefined ? undefined : await draftLike(context, resolved)
  if (alike !== undefined && next !== undefined) {
    const unmet = unmetFor(await context.client.changes.nextStates(alike.sysId), stateValue(next))
    const missing = askedFields({ unmet, message: '' }, field => field === GROUP)
    if (missing.length > 0)
      throw changeProblem('missing-fields', undefined, { fields: missing, next, change: 'none' })
  }
  context.emit({ type: 'group-not-checked', dryRun: context.dryRun })
}

function hasGroup({ fields }: Resolved): boolean {
  return String(fields[GROUP] ?? '') !== ''
}

/** Drafts that are looked at, to find one of the same model. */
const MAX_DRAFTS = 10

/** A draft of anybody, of the same type and model and without a group; undefined where there is none. */
async function draftLike(
  context: OperationContext,
  { type = '', model }: Resolved
): Promise<Change | undefined> {
  const { changes } = context.client
  if (!changes.capabilities.tellsNextStates) return undefined
  const query = new Query().is('type', type).is('state', stateValue('new')).isEmpty(GROUP)
  const operation = 'looking for another draft without a group'
  const drafts = await changes.findNewest(query, operation, MAX_DRAFTS).catch(noneIfRefused)
  return drafts.find(({ fields }) => {
    const own = fieldOf(fields, 'chg_model')
    // Without a model of its own a change gets that of its type, which has the same name.
    return model === undefined
      ? ['', type.toLowerCase()].includes(own.display.toLowerCase())
      : own.value === model
  })
}

/** Without this look the draft is made, and it is asked about itself. */
function noneIfRefused(error: unknown): Change[] {
  if (isClientProblem(error)) return []
  throw error
}

/**
 * Before files are attached to a change in New that shows no group.
 *
 * @throws Problem `missing-fields`
 */
export async function checkDraft(creation: Creation, change: Change, origin: Origin): Promise<void> {
  const { context, request } = creation
  if (!request.requestApproval || stateOf(change.state) !== 'new' || change.fields[GROUP]?.value !== '')
    return
  const next = requestApprovalMove(change)
  if (next === undefined) return
  const unmet = unmetFor(await context.client.changes.nextStates(change.sysId), stateValue(next))
  const fields = askedFields({ unmet, message: '' }, isEmptyIn(change))
  if (fields.length > 0) await failForMissing(creation, change, origin, { fields, next })
}
