import { requestApprovalMove } from '@change-actions/change-control'
import { draftFields } from './draft.ts'
import type { Created, Creation } from './request.ts'

/** The writes that a dry run leaves out where a change would be created. */
export async function planCreation({ context, request, resolved, hooks }: Creation): Promise<Created> {
  const { type: kind, template } = resolved
  const fields = draftFields(context, request, resolved)
  context.emit({ type: 'planned', write: { type: 'create', kind, template: template?.name, fields } })
  await hooks.attach(undefined, false)
  const snapshot = { state: '-5', type: kind ?? '', fromTemplate: template !== undefined }
  const first = request.requestApproval ? requestApprovalMove(snapshot) : undefined
  if (first !== undefined)
    context.emit({ type: 'planned', write: { type: 'move', change: undefined, states: [first] } })
  return { change: undefined, created: false }
}
