import type { Reason } from '@change-actions/change-control'
import type { Approval, Change, ClientProblem, RequestFacts } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { OperationEvent } from '../events.ts'

type WaitEvent = Extract<OperationEvent, { readonly type: 'waiting' | 'poll-failed' }>

/** The maximum time without an event. */
const HEARTBEAT_MS = 5 * 60_000
/** A poll this soon before it brings the heartbeat forward, with what is new. */
const EARLY_MS = 60_000

/** Tells of a wait when something changes, and at least every five minutes. */
export class WaitEvents {
  private readonly context: OperationContext
  private last: WaitEvent | undefined
  private lastAt = Number.NEGATIVE_INFINITY

  constructor(context: OperationContext) {
    this.context = context
  }

  /** The next poll should bring what the heartbeat tells. */
  heartbeatDue(): boolean {
    return this.msToHeartbeat() <= EARLY_MS
  }

  /** Milliseconds until an event is due whatever happens. */
  msToHeartbeat(): number {
    return Math.max(0, this.lastAt + HEARTBEAT_MS - this.context.now())
  }

  /** During a long pause: the last event again. */
  heartbeat(waitedMs: number): void {
    if (this.last !== undefined && this.msToHeartbeat() === 0) this.emit({ ...this.last, waitedMs })
  }

  waiting(change: Change, reason: Reason, pending: readonly Approval[], waitedMs: number): void {
    this.emit({ type: 'waiting', change, reason, pending, waitedMs })
  }

  pollFailed(problem: ClientProblem, waitedMs: number): void {
    this.emit({ type: 'poll-failed', problem, waitedMs })
  }

  private emit(event: WaitEvent): void {
    const isNews = this.last === undefined || contentOf(event) !== contentOf(this.last)
    if (!isNews && !this.heartbeatDue()) return
    this.context.emit(event)
    this.last = event
    this.lastAt = this.context.now()
  }
}

/** What makes two events tell the same. */
function contentOf(event: WaitEvent): string {
  if (event.type === 'waiting') {
    const approvers = event.pending.map(({ approver, group }) => [approver, group])
    return JSON.stringify([event.type, event.change.number, event.reason, approvers])
  }
  const { code, facts } = event.problem
  const { status, message }: Partial<RequestFacts> = 'status' in facts ? facts : {}
  return JSON.stringify([event.type, code, status, message])
}
