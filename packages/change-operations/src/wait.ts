import {
  type Decision,
  decide,
  type GateHistory,
  type GatePolicy,
  nextPause,
  nextSlowdown,
  type Outcome,
  observe,
  pauseAfterRefusal,
  stateOf
} from '@change-actions/change-control'
import { type Approval, type Change, ServiceNowError } from '@change-actions/servicenow-client'
import type { Flow } from './flow.ts'
import { WaitLog, yetToApprove } from './wait-log.ts'

export interface Wait {
  readonly sysId: string
  /** The deadline is worked out from `timeoutMs`. */
  readonly policy: Omit<GatePolicy, 'deadline'>
  /** The whole wait; 0 looks exactly once. */
  readonly timeoutMs: number
  /** The longest pause between two looks. */
  readonly intervalMs: number
  /** Told during and after every look, so that an interruption can report what is known. */
  readonly onLook?: (progress: Progress) => void
}

export interface Progress {
  readonly change: Change | undefined
  /** undefined: not read, or not readable. */
  readonly approvals: readonly Approval[] | undefined
  readonly polls: number
  /** Sent for it, failed ones included. */
  readonly requests: number
  readonly waitedMs: number
}

export interface Waited extends Progress {
  readonly outcome: Outcome
  readonly reason: string
  readonly warning?: string | undefined
  /** Why no answer was had, when the outcome is `error` or the last looks failed. */
  readonly error?: ServiceNowError | undefined
}

/**
 * Looks at a change until the gate's decision is made or the time is up. Passing faults never end the wait before
 * its deadline; a fault that time does not heal ends it at once with `error`.
 */
export async function waitForApproval(flow: Flow, wait: Wait): Promise<Waited> {
  return new Waiting(flow, wait).run()
}

/** What the names of those who approved may cost an approval. */
const PATIENCE_MS = 5_000

/** Twice the heartbeat, with which the rows are read anew. */
const STALE_MS = 10 * 60_000

class Waiting {
  private readonly flow: Flow
  private readonly wait: Wait
  private readonly startedAt: number
  private readonly requestsBefore: number
  private readonly log: WaitLog
  private history: GateHistory = { approvalWasRequested: false }
  private change: Change | undefined
  private approvals: readonly Approval[] | undefined
  private approvalsOf = ''
  private polls = 0
  private slowdown = 1
  /** Why the approver rows could not be read at this look. */
  private hindrance: ServiceNowError | undefined
  private rowsAt = Number.NEGATIVE_INFINITY
  /** The rows are refused until then. */
  private rowsFrom = 0

  constructor(flow: Flow, wait: Wait) {
    this.flow = flow
    this.wait = wait
    this.startedAt = flow.now()
    this.requestsBefore = flow.client.stats.requests
    this.log = new WaitLog(flow)
  }

  async run(): Promise<Waited> {
    const deadline = this.startedAt + this.wait.timeoutMs
    for (;;) {
      const last = this.flow.now() >= deadline
      const look = await this.look(last)
      this.wait.onLook?.(this.progress())
      if (look instanceof ServiceNowError) {
        if (!look.transient) return this.end('error', look.message, { error: look })
        if (last) return this.unanswered(look)
        this.log.trouble(look)
      } else {
        if (look.kind !== 'wait') await this.readMissed(look.kind === 'proceed')
        if (look.kind === 'proceed') return this.end(look.outcome, look.reason, { warning: look.warning })
        if (look.kind === 'stop') return this.end(look.outcome, look.reason)
        if (last) return this.end('timeout', this.tooLate(look.reason))
        this.log.waiting({ ...this.progress(), approvals: this.currentApprovals() }, look.reason)
      }
      await this.rest(this.pause(look, deadline))
    }
  }

  private async rest(ms: number): Promise<void> {
    const until = this.flow.now() + ms
    for (let left = ms; left > 0; left = until - this.flow.now()) {
      await this.flow.sleep(Math.min(left, this.log.silenceLeft()))
      this.log.heartbeat(this.flow.now() - this.startedAt)
    }
  }

  /** One look. The last one is retried like any request; before it the next look is the retry. */
  private async look(last: boolean): Promise<Decision | ServiceNowError> {
    this.polls += 1
    const { client } = this.flow
    const retries = last ? {} : { maxRetries: 0 }
    try {
      this.change = await client.changes.get(this.wait.sysId, {
        doing: 'reading the change while waiting for approval',
        brief: true,
        ...retries
      })
      this.wait.onLook?.(this.progress())
      await this.readApprovals(this.change, last)
    } catch (error) {
      if (error instanceof ServiceNowError) return error
      throw error
    }
    this.history = observe(
      this.history,
      this.change,
      this.approvals?.map(one => one.state)
    )
    // Windows are on the instance's clock: a runner that is ahead must not open one early.
    const skew = client.now() - this.flow.now()
    const policy = { ...this.wait.policy, deadline: this.startedAt + this.wait.timeoutMs + skew }
    return decide(this.change, policy, client.now(), this.history)
  }

  /**
   * Approver rows are read when something changed, when it must be known whether anyone was ever asked, and for the
   * heartbeat. While this wait gives way to others, only what changed is a reason: the change itself says all that the
   * decision needs.
   */
  private async readApprovals(change: Change, last: boolean): Promise<void> {
    this.hindrance = undefined
    const undecided = stateOf(change.state) === 'new' && !this.history.approvalWasRequested
    if (!undecided && !last && !this.isDue(change)) return
    try {
      this.approvals = await this.flow.client.approvals(change.sysId, last ? undefined : 0)
      this.approvalsOf = statusOf(change)
      this.rowsAt = this.flow.now()
    } catch (error) {
      // Who approved is good to know; the decision is in the change itself and must not wait for it.
      if (!(error instanceof ServiceNowError) || !error.transient) throw error
      this.hindrance = error
      this.rowsFrom = this.flow.now() + (error.retryAfterMs ?? 0)
      // What was read for another status would name the wrong people.
      if (!this.knowsApprovalsOf(change)) this.approvals = undefined
    }
  }

  private isDue(change: Change): boolean {
    if (this.flow.now() < this.rowsFrom) return false
    if (this.slowdown === 1) return !this.knowsApprovalsOf(change) || this.log.heartbeatDue()
    const neverRead = this.approvalsOf === ''
    return !this.knowsApprovalsOf(change) && !(neverRead && change.approval === 'requested')
  }

  private knowsApprovalsOf(change: Change): boolean {
    return this.approvalsOf === statusOf(change)
  }

  /**
   * Who decided, and what they said, when the look itself could not tell. A refusal is worth an ordinary request; an
   * approval is not held back for long, nor let grow old, for names.
   */
  private async readMissed(proceeds: boolean): Promise<void> {
    if (this.change === undefined || this.knowsApprovalsOf(this.change)) return
    if (proceeds && this.rowsFrom - this.flow.now() > PATIENCE_MS) return
    try {
      this.approvals = await this.flow.client.approvals(this.wait.sysId, proceeds ? 1 : undefined)
    } catch (error) {
      if (!(error instanceof ServiceNowError)) throw error
    }
  }

  private pause(look: Decision | ServiceNowError, deadline: number): number {
    const now = this.flow.now()
    const { intervalMs } = this.wait
    const error = look instanceof ServiceNowError ? look : this.hindrance
    const refused = error?.code === 'rate-limit'
    this.slowdown = nextSlowdown(this.slowdown, refused)
    let pause = nextPause(now - this.startedAt, intervalMs) * this.slowdown
    // The instance asks for patience with what it refused: with the rows it has refused, the change may be looked at.
    const asked = error === look ? (error?.retryAfterMs ?? 0) : 0
    if (refused) pause = pauseAfterRefusal(pause, asked, intervalMs, this.flow.random())
    else pause = Math.max(pause, asked)
    if (!(look instanceof ServiceNowError) && look.kind === 'wait' && look.until !== undefined) {
      const opensIn = look.until - this.flow.client.now()
      if (opensIn > 0) pause = Math.min(pause, opensIn)
    }
    return Math.max(0, Math.min(pause, deadline - now))
  }

  /** While the wait gives way to others the rows grow old, and may name somebody who has answered. */
  private currentApprovals(): readonly Approval[] | undefined {
    return this.flow.now() - this.rowsAt > STALE_MS ? undefined : this.approvals
  }

  private tooLate(reason: string): string {
    const once = this.wait.timeoutMs === 0
    const looked = once ? 'looked once, and the deployment may not begin yet' : this.noDecision()
    const who = yetToApprove(this.currentApprovals())
    return `${looked}: ${reason}${who === '' ? '' : `. ${who}`}`
  }

  private noDecision(): string {
    return `no decision within ${Math.round(this.wait.timeoutMs / 1000)} s`
  }

  private unanswered(error: ServiceNowError): Waited {
    const never = this.change === undefined
    const text = never ? error.message : `${this.noDecision()}, and the last look failed. ${error.message}`
    return this.end(never ? 'error' : 'timeout', text, { error })
  }

  private progress(): Progress {
    return {
      change: this.change,
      approvals: this.approvals,
      polls: this.polls,
      requests: this.flow.client.stats.requests - this.requestsBefore,
      waitedMs: this.flow.now() - this.startedAt
    }
  }

  private end(
    outcome: Outcome,
    reason: string,
    more: { warning?: string | undefined; error?: ServiceNowError } = {}
  ): Waited {
    return { ...this.progress(), outcome, reason, ...more }
  }
}

function statusOf(change: Change): string {
  return `${change.state} ${change.approval} ${change.onHold}`
}
