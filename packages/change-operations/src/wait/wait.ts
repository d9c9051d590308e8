import {
  advance,
  asksApprovers,
  beginLook,
  beginWatch,
  type Decision,
  endAfterFailure,
  type GateFacts,
  isApprovalIdle,
  isApproved,
  isReady,
  type LookResult,
  type Moment,
  pauseAfter,
  type StateName,
  stateOf,
  type Watch
} from '@change-actions/change-control'
import {
  type Change,
  type ClientProblem,
  isClientProblem,
  type Problem
} from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import { noteBeforeApprovers } from '../fingerprint-notes.ts'
import { findOfJob } from '../own/of-job.ts'
import { ApprovalFactGatherer, checksEdits, needsApprovalFacts, withApprovalFacts } from './approval-facts.ts'
import { ApproverRows } from './approver-rows.ts'
import { Knowledge } from './knowledge.ts'
import { PolledRecord } from './polled-record.ts'
import type { Look, Progress, Wait, Waited } from './types.ts'
import { WaitEvents } from './wait-events.ts'

/**
 * Polls a change until the gate's decision is made or the time is up. Temporary errors never end the wait before its
 * deadline; an error that time does not heal ends it at once with `error`.
 */
export async function waitForApproval(context: OperationContext, wait: Wait): Promise<Waited> {
  return new Waiting(context, wait).run()
}

/** Looks once at a change, as the last poll of a wait does: with the retries of an ordinary request. */
export async function lookOnce(context: OperationContext, look: Look): Promise<Waited> {
  return new Waiting(context, { ...look, timeoutMs: 0, intervalMs: 0 }).run()
}

type Poll =
  | { readonly decision: Decision; readonly change: Change; readonly facts: GateFacts | undefined }
  | { readonly problem: ClientProblem }

/** The driver of one wait: it reads, tells and sleeps; every decision is `advance`'s. */
class Waiting {
  private readonly context: OperationContext
  private readonly wait: Wait
  private readonly requestsBefore: number
  private readonly events: WaitEvents
  private readonly approvers: ApproverRows
  private readonly knowledge: Knowledge
  private readonly facts: ApprovalFactGatherer
  private readonly record: PolledRecord
  private watch: Watch
  private change: Change | undefined
  private approvedAfterMs: number | undefined

  constructor(context: OperationContext, wait: Wait) {
    this.context = context
    this.wait = wait
    this.watch = beginWatch(wait, this.moment)
    this.requestsBefore = context.client.stats.requests
    this.events = new WaitEvents(context)
    this.approvers = new ApproverRows(context)
    this.knowledge = new Knowledge(context, wait)
    this.facts = new ApprovalFactGatherer(context, wait.policy, wait.own?.identity)
    this.record = new PolledRecord(context, wait.sysId)
  }

  async run(): Promise<Waited> {
    for (;;) {
      this.watch = beginLook(this.watch, this.moment)
      const poll = await this.poll()
      this.wait.onPoll?.(this.progress())
      const ended = 'problem' in poll ? this.afterFailure(poll.problem) : await this.after(poll)
      if (ended !== undefined) return ended
      await this.rest(this.pause(poll))
    }
  }

  private get moment(): Moment {
    return { runner: this.context.now(), instance: this.context.client.now() }
  }

  private get waitedMs(): number {
    return this.context.now() - this.watch.startedAt
  }

  /** How the wait ends after a poll; undefined while it goes on. */
  private async after(poll: Extract<Poll, { change: Change }>): Promise<Waited | undefined> {
    const { decision, change } = poll
    const { kind, reason } = decision
    if (kind === 'wait') {
      this.events.waiting(change, reason, this.approvers.pending(), this.waitedMs)
      return undefined
    }
    if (kind === 'proceed') this.tellEdited(poll)
    if (decision.outcome !== 'timeout') await this.approvers.readMissed(change, kind === 'proceed')
    return this.end(decision.outcome, {
      reason,
      ...(kind === 'proceed' && { warning: decision.warning, boundLater: poll.facts?.boundLater })
    })
  }

  private tellEdited({ change, facts }: Extract<Poll, { change: Change }>): void {
    if (facts === undefined || facts.edited?.length === 0) return
    this.context.emit({ type: 'edited-after-submission', change, fields: facts.edited })
  }

  private afterFailure(problem: ClientProblem): Waited | undefined {
    const { temporary } = problem.retry
    const outcome = endAfterFailure(this.watch, { temporary, seenBefore: this.change !== undefined })
    if (outcome !== undefined) return this.end(outcome, { problem })
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
  private async poll(): Promise<Poll> {
    const { last } = this.watch
    const whole = () => this.whole()
    try {
      const read = await this.record.read({ last, whole })
      const poll = await this.judge(read.change)
      // Nothing is let through on a record that an earlier poll has read.
      if (poll.decision.kind !== 'proceed' || read.isFresh) return poll
      return await this.judge((await this.record.readWhole({ whole })).change)
    } catch (error) {
      if (isClientProblem(error)) return { problem: error }
      throw error
    }
  }

  /** What follows from a record, with what is known beyond it. */
  private async judge(change: Change): Promise<Extract<Poll, { change: Change }>> {
    const { last, history, slowdown } = this.watch
    this.change = change
    this.approvedAfterMs = isApproved(change) ? (this.approvedAfterMs ?? this.waitedMs) : undefined
    this.wait.onPoll?.(this.progress())
    await this.approvers.read(change, {
      last,
      needed: stateOf(change.state) === 'new' && !history.approvalWasRequested,
      decisive: isReady(change, this.wait.policy) && asksApprovers(this.wait.policy, change),
      yielding: slowdown > 1,
      heartbeatDue: this.events.heartbeatDue()
    })
    const { rows } = this.approvers
    if (isUnasked(change, rows) && checksEdits(this.wait.policy)) await this.beforeApprovers(change)
    const known = await this.knowledge.of(change)
    const needed = needsApprovalFacts(this.wait.policy, change)
    const facts = withApprovalFacts(known.facts, needed ? await this.facts.gather(change, rows) : undefined)
    const states = rows?.map(one => one.state)
    const { watch, decision } = advance(
      { ...this.watch, policy: known.policy },
      known.change,
      states,
      this.moment,
      { ...known, facts }
    )
    this.watch = watch
    return { decision, change, facts }
  }

  /** The whole record. What the job's variables name is proved to be this run's when it is read first. */
  private whole(): Promise<Change> {
    const { own, sysId } = this.wait
    if (own?.ofJob && this.change === undefined)
      return findOfJob(this.context, sysId, own.identity, this.retries)
    const operation = 'reading the change while waiting for approval'
    return this.context.client.changes.get(sysId, { operation, ...this.retries })
  }

  /** A rule may still change fields. */
  private async beforeApprovers(change: Change): Promise<void> {
    const identity = this.wait.own?.identity
    if (identity === undefined) return
    if (await noteBeforeApprovers(this.context, change, identity)) this.record.forget()
  }

  private get retries(): { readonly maxRetries?: number } {
    return this.watch.last ? {} : { maxRetries: 0 }
  }

  private pause(poll: Poll): number {
    const result = this.resultOf(poll)
    const { watch, pauseMs } = pauseAfter(this.watch, result, this.moment, this.context.random())
    this.watch = watch
    return pauseMs
  }

  private resultOf(poll: Poll): LookResult {
    if ('problem' in poll) {
      const { problem } = poll
      return { refused: isRefused(problem), afterMs: problem.retry.afterMs ?? 0 }
    }
    // A time to wait is for what was refused: where that was the rows, the change may still be polled.
    const refused = this.approvers.problem !== undefined && isRefused(this.approvers.problem)
    return { refused, afterMs: 0, ...(poll.decision.kind === 'wait' && { until: poll.decision.until }) }
  }

  private progress(): Progress {
    return {
      change: this.change,
      approvals: this.approvers.rows,
      polls: this.watch.looks,
      requests: this.context.client.stats.requests - this.requestsBefore,
      waitedMs: this.waitedMs
    }
  }

  private end(
    outcome: Waited['outcome'],
    why: Pick<Waited, 'reason' | 'warning' | 'problem' | 'boundLater'>
  ): Waited {
    const { timeoutMs } = this.wait
    const progress = this.progress()
    const approvalWaitMs = this.approvedAfterMs ?? progress.waitedMs
    return { ...progress, approvalWaitMs, outcome, ...why, pending: this.approvers.pending(), timeoutMs }
  }
}

/** Submitted, and nobody is asked for an approval yet. */
function isUnasked(change: Change, rows: ApproverRows['rows']): boolean {
  return isApprovalIdle(change) && rows?.length === 0 && isBetween(stateOf(change.state))
}

function isBetween(state: StateName | undefined): boolean {
  return state === 'assess' || state === 'authorize'
}

function isRefused(problem: Problem): boolean {
  return isClientProblem(problem, 'rate-limit')
}
