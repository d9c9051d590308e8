import {
  type Decision,
  decide,
  type GateHistory,
  nextPause,
  nextSlowdown,
  observe,
  pauseAfterRefusal,
  stateOf
} from '@change-actions/change-control'
import {
  type Change,
  type ClientProblem,
  isClientProblem,
  type Problem
} from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { ApproverRows } from './approver-rows.ts'
import type { Progress, Wait, Waited } from './types.ts'
import { WaitEvents } from './wait-events.ts'

/**
 * Polls a change until the gate's decision is made or the time is up. Temporary errors never end the wait before its
 * deadline; an error that time does not heal ends it at once with `error`.
 */
export async function waitForApproval(context: OperationContext, wait: Wait): Promise<Waited> {
  return new Waiting(context, wait).run()
}

type Poll = { readonly decision: Decision; readonly change: Change } | { readonly problem: ClientProblem }

class Waiting {
  private readonly context: OperationContext
  private readonly wait: Wait
  private readonly startedAt: number
  private readonly requestsBefore: number
  private readonly events: WaitEvents
  private readonly approvers: ApproverRows
  private history: GateHistory = { approvalWasRequested: false }
  private change: Change | undefined
  private polls = 0
  private slowdown = 1

  constructor(context: OperationContext, wait: Wait) {
    this.context = context
    this.wait = wait
    this.startedAt = context.now()
    this.requestsBefore = context.client.stats.requests
    this.events = new WaitEvents(context)
    this.approvers = new ApproverRows(context)
  }

  async run(): Promise<Waited> {
    for (;;) {
      const last = this.context.now() >= this.deadline
      const poll = await this.poll(last)
      this.wait.onPoll?.(this.progress())
      const ended = 'problem' in poll ? this.afterFailure(poll.problem, last) : await this.after(poll, last)
      if (ended !== undefined) return ended
      await this.rest(this.pause(poll))
    }
  }

  private get deadline(): number {
    return this.startedAt + this.wait.timeoutMs
  }

  private get waitedMs(): number {
    return this.context.now() - this.startedAt
  }

  /** How the wait ends after a poll; undefined while it goes on. */
  private async after(
    { decision, change }: Extract<Poll, { change: Change }>,
    last: boolean
  ): Promise<Waited | undefined> {
    const { kind, reason } = decision
    if (kind !== 'wait') await this.approvers.readMissed(change, kind === 'proceed')
    if (kind === 'proceed') return this.end(decision.outcome, { reason, warning: decision.warning })
    if (kind === 'stop') return this.end(decision.outcome, { reason })
    if (last) return this.end('timeout', { reason })
    this.events.waiting(change, reason, this.approvers.pending(), this.waitedMs)
    return undefined
  }

  private afterFailure(problem: ClientProblem, last: boolean): Waited | undefined {
    if (!problem.retry.temporary) return this.end('error', { problem })
    if (last) return this.end(this.change === undefined ? 'error' : 'timeout', { problem })
    this.events.pollFailed(problem, this.waitedMs)
    return undefined
  }

  private async rest(ms: number): Promise<void> {
    const until = this.context.now() + ms
    for (let left = ms; left > 0; left = until - this.context.now()) {
      await this.context.sleep(Math.min(left, this.events.msToHeartbeat()))
      this.events.heartbeat(this.waitedMs)
    }
  }

  /** One poll. The last one is retried like any request; before it the next poll is the retry. */
  private async poll(last: boolean): Promise<Poll> {
    this.polls += 1
    const { client } = this.context
    const retries = last ? {} : { maxRetries: 0 }
    try {
      const change = await client.changes.get(this.wait.sysId, {
        operation: 'reading the change while waiting for approval',
        brief: true,
        ...retries
      })
      this.change = change
      this.wait.onPoll?.(this.progress())
      await this.approvers.read(change, {
        last,
        needed: stateOf(change.state) === 'new' && !this.history.approvalWasRequested,
        yielding: this.slowdown > 1,
        heartbeatDue: this.events.heartbeatDue()
      })
      return { decision: this.decide(change), change }
    } catch (error) {
      if (isClientProblem(error)) return { problem: error }
      throw error
    }
  }

  private decide(change: Change): Decision {
    const { client } = this.context
    const approverStates = this.approvers.rows?.map(one => one.state)
    this.history = observe(this.history, change, approverStates)
    // Windows are on the instance's clock: a runner that is ahead must not open one early.
    const skew = client.now() - this.context.now()
    const policy = { ...this.wait.policy, deadline: this.deadline + skew }
    return decide(change, policy, client.now(), this.history)
  }

  private pause(poll: Poll): number {
    const now = this.context.now()
    const { intervalMs } = this.wait
    const failed = 'problem' in poll
    const problem: Problem | undefined = failed ? poll.problem : this.approvers.problem
    const refused = isClientProblem(problem, 'rate-limit')
    this.slowdown = nextSlowdown(this.slowdown, refused)
    let pause = nextPause(this.waitedMs, intervalMs) * this.slowdown
    // A time to wait is for what was refused: where that was the rows, the change may still be polled.
    const afterMs = failed ? (poll.problem.retry.afterMs ?? 0) : 0
    if (refused) pause = pauseAfterRefusal(pause, afterMs, intervalMs, this.context.random())
    else pause = Math.max(pause, afterMs)
    if (!failed && poll.decision.kind === 'wait' && poll.decision.until !== undefined) {
      const opensInMs = poll.decision.until - this.context.client.now()
      if (opensInMs > 0) pause = Math.min(pause, opensInMs)
    }
    return Math.max(0, Math.min(pause, this.deadline - now))
  }

  private progress(): Progress {
    return {
      change: this.change,
      approvals: this.approvers.rows,
      polls: this.polls,
      requests: this.context.client.stats.requests - this.requestsBefore,
      waitedMs: this.waitedMs
    }
  }

  private end(outcome: Waited['outcome'], why: Pick<Waited, 'reason' | 'warning' | 'problem'>): Waited {
    const { timeoutMs } = this.wait
    return { ...this.progress(), outcome, ...why, pending: this.approvers.pending(), timeoutMs }
  }
}
