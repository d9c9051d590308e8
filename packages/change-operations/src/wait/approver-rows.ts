import {
  type Approval,
  type Change,
  type ClientProblem,
  isClientProblem
} from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'

/** How long an approval may be held back for the names of those who approved. */
const MAX_DELAY_MS = 5_000

/** Twice the heartbeat, with which the rows are read anew. */
const STALE_MS = 10 * 60_000

/** What decides whether the rows are read with a poll. */
export interface RowsPoll {
  /** The last poll, which is retried like any request. */
  readonly last: boolean
  /** It must be known whether an approval was ever requested. */
  readonly needed: boolean
  /** The decision depends on them: a temporary error is one of the poll. */
  readonly decisive: boolean
  /** This wait gives way to others that share the rate limit. */
  readonly yielding: boolean
  readonly heartbeatDue: boolean
}

/**
 * The approvers' rows of a change that is waited for. They are good to know; the decision is in the change itself and
 * must not wait for them.
 */
export class ApproverRows {
  /** undefined: not read, or not readable. */
  rows: readonly Approval[] | undefined
  /** Why they could not be read with this poll. */
  problem: ClientProblem | undefined
  private readonly context: OperationContext
  /** The status of the change when they were read. */
  private readFor = ''
  private readAt = Number.NEGATIVE_INFINITY
  /** They are refused until then. */
  private allowedFrom = 0

  constructor(context: OperationContext) {
    this.context = context
  }

  /**
   * Reads them when something changed, when it must be known whether an approval was ever requested, and for the
   * heartbeat. While the wait gives way to others, only what changed is a reason: the change itself holds all that the
   * decision needs.
   *
   * @throws Problem that is not temporary
   */
  async read(change: Change, poll: RowsPoll): Promise<void> {
    this.problem = undefined
    const decides = poll.decisive && !this.areOf(change)
    if (!poll.needed && !poll.last && !decides && !this.isDue(change, poll)) return
    try {
      this.rows = await this.context.client.approvals(change.sysId, poll.last ? undefined : 0)
      this.readFor = statusOf(change)
      this.readAt = this.context.now()
    } catch (error) {
      if (!isClientProblem(error) || !error.retry.temporary || poll.decisive) throw error
      this.problem = error
      this.allowedFrom = this.context.now() + (error.retry.afterMs ?? 0)
      // What was read for another status would name the wrong people.
      if (!this.areOf(change)) this.rows = undefined
    }
  }

  /**
   * Who decided, and their comments, when the poll itself could not tell. A refusal is worth an ordinary request; an
   * approval is not held back for long, nor let grow old, for names.
   */
  async readMissed(change: Change, proceeds: boolean): Promise<void> {
    if (this.areOf(change)) return
    if (proceeds && this.allowedFrom - this.context.now() > MAX_DELAY_MS) return
    try {
      this.rows = await this.context.client.approvals(change.sysId, proceeds ? 1 : undefined)
    } catch (error) {
      if (!isClientProblem(error)) throw error
    }
  }

  /** Those who have yet to decide. While the wait gives way to others the rows grow old, and may be wrong by now. */
  pending(): readonly Approval[] {
    const stale = this.context.now() - this.readAt > STALE_MS
    return stale ? [] : (this.rows ?? []).filter(one => one.state === 'requested')
  }

  private isDue(change: Change, { yielding, heartbeatDue }: RowsPoll): boolean {
    if (this.context.now() < this.allowedFrom) return false
    if (!yielding) return !this.areOf(change) || heartbeatDue
    const neverRead = this.readFor === ''
    return !this.areOf(change) && !(neverRead && change.approval === 'requested')
  }

  private areOf(change: Change): boolean {
    return this.readFor === statusOf(change)
  }
}

function statusOf(change: Change): string {
  return `${change.state} ${change.approval} ${change.onHold}`
}
