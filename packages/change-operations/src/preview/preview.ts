import { parseServiceNowDate } from '@change-actions/change-control'
import type { OperationContext } from '../context.ts'
import type { CreateRequest } from '../create/request.ts'
import { type PreviewedName, previewNames } from './names.ts'
import { type OtherChanges, otherChanges, type PlannedWindow } from './other-changes.ts'

/** What a request would come to, were the change made now. */
export interface ChangePreview {
  readonly names: readonly PreviewedName[]
  /** Planned start and end, epoch milliseconds; undefined where they are not given. */
  readonly start: number | undefined
  readonly end: number | undefined
  readonly others: OtherChanges
}

/**
 * What a change would be made with, and what it would meet. It only reads.
 *
 * @throws Problem of the client, for anything but names that are wrong and changes that cannot be read
 */
export async function previewChange(
  context: OperationContext,
  request: CreateRequest
): Promise<ChangePreview> {
  const names = await previewNames(context, request)
  const [start, end] = ['start_date', 'end_date'].map(field =>
    parseServiceNowDate(String(request.given[field] ?? ''))
  )
  const window = start === undefined || end === undefined ? undefined : { start, end }
  const others = await othersOf(context, names, window)
  return { names, start, end, others }
}

async function othersOf(
  context: OperationContext,
  names: readonly PreviewedName[],
  window: PlannedWindow | undefined
): Promise<OtherChanges> {
  const ci = names.find(({ field }) => field === 'cmdb_ci')?.value
  if (ci === undefined) return { kind: 'not-asked', why: 'no-ci' }
  if (window === undefined) return { kind: 'not-asked', why: 'no-window' }
  return otherChanges(context, ci, window)
}
