import { nextPause } from '@change-actions/change-control'
import { type Change, type ClientProblem, isClientProblem } from '@change-actions/servicenow-client'
import type { OperationContext } from '../context.ts'
import type { Identity } from '../own/identity.ts'
import { deliver } from './deliver.ts'
import type { Execution, FlowDoor, Receipt } from './door.ts'
import { checkFlowChange } from './flow-change.ts'
import type { Message } from './message.ts'
import { doorProblem, type FlowChangeReason, type FlowFacts } from './problems.ts'

/** A flow that is to be started and followed. */
export interface FlowRun {
  readonly door: FlowDoor
  readonly message: Message
  /** Milliseconds; 0 starts it and does not wait. */
  readonly timeoutMs: number
  /** Maximum pause between two polls, in milliseconds. */
  readonly intervalMs: number
  readonly identity: Pick<Identity, 'trustedAccounts'>
  /** Told whenever more is known. */
  onProgress(progress: FlowProgress): void
}

/** What is known of a flow that was started. */
export interface FlowProgress {
  readonly receipt: Receipt
  readonly execution: Execution
  /** The change that it made, once it counts as this deployment's. */
  readonly change: Change | undefined
}

/** A response that names no execution. */
const UNKNOWN: Execution = { id: '', state: 'unknown', outputs: {}, error: '', change: undefined }

/**
 * Starts a flow and follows it to its end. That it was accepted is not its end.
 *
 * @returns undefined in a dry run
 * @throws Problem of a door: `flow-failed`, `flow-canceled`, `flow-unfinished`, `flow-not-followed`, `flow-change` and
 *   those of {@link deliver}
 */
export async function runFlow(context: OperationContext, run: FlowRun): Promise<FlowProgress | undefined> {
  const startedAt = context.now()
  const receipt = await deliver(context, run.door, run.message)
  if (receipt === undefined) return undefined
  const followed = new Followed(context, run, receipt)
  await followed.see(receipt.execution ?? UNKNOWN)
  if (run.timeoutMs > 0) await followed.toEnd(startedAt)
  return followed.ended()
}

/** A flow on its way. */
class Followed {
  private readonly context: OperationContext
  private readonly run: FlowRun
  private readonly receipt: Receipt
  private execution: Execution = UNKNOWN
  private change: Change | undefined
  /** Why the change that the flow named does not count so far. */
  private why: FlowChangeReason | undefined

  constructor(context: OperationContext, run: FlowRun, receipt: Receipt) {
    this.context = context
    this.run = run
    this.receipt = receipt
  }

  /** Takes what a poll showed. A flow may name its change before it has written all of it. */
  async see(execution: Execution): Promise<void> {
    const { context, run, receipt } = this
    const { state } = execution
    if (state !== this.execution.state) context.emit({ type: 'flow-state', state, execution: execution.id })
    this.execution = execution
    run.onProgress({ receipt, execution, change: this.change })
    if (execution.change === undefined || this.change !== undefined) return
    const checked = await checkFlowChange(context, execution.change, run.message, run.identity)
    if ('why' in checked) this.why = checked.why
    else {
      this.why = undefined
      this.change = checked.change
      run.onProgress({ receipt, execution, change: this.change })
    }
  }

  /** Polls until it is over, at most until the deadline and once more. @throws Problem `flow-unfinished`, `flow-not-followed` */
  async toEnd(startedAt: number): Promise<void> {
    const { context, run } = this
    const deadline = startedAt + run.timeoutMs
    let asked = 0
    while (!isOver(this.execution)) {
      const now = context.now()
      const pause = Math.max(nextPause(now - startedAt, run.intervalMs), asked)
      await context.sleep(Math.max(0, Math.min(pause, deadline - now)))
      const last = context.now() >= deadline
      const problem = await this.poll(last)
      asked = problem?.retry.afterMs ?? 0
      if (problem !== undefined && !mayPass(problem))
        throw this.problem('flow-not-followed', { last: problem })
      if (last && !isOver(this.execution)) {
        const { timeoutMs } = run
        throw this.problem('flow-unfinished', { timeoutMs, state: this.execution.state, last: problem })
      }
      if (problem !== undefined) {
        context.emit({ type: 'flow-poll-failed', problem, waitedMs: context.now() - startedAt })
      }
    }
  }

  /** One poll. Before the last one, the next poll is the retry. @returns why it failed */
  private async poll(last: boolean): Promise<ClientProblem | undefined> {
    const { door, message } = this.run
    const options = last ? {} : { maxRetries: 0 }
    if (this.execution.id === '' && door.name !== 'companion') throw this.problem('flow-not-followed', {})
    try {
      await this.see(await door.follow(this.context.client, this.execution, message, options))
      return undefined
    } catch (error) {
      if (!isClientProblem(error)) throw error
      this.execution = { ...this.execution, state: 'unknown' }
      this.run.onProgress({ receipt: this.receipt, execution: this.execution, change: this.change })
      return error
    }
  }

  /** How it ended. @throws Problem unless it ended well, or goes on and nobody waits */
  ended(): FlowProgress {
    const { execution, receipt, change, why } = this
    if (execution.state === 'error') {
      const notStarted = /was not started/i.test(execution.error)
      throw this.problem('flow-failed', { message: execution.error, notStarted })
    }
    if (execution.state === 'canceled') throw this.problem('flow-canceled', { message: execution.error })
    if (execution.state === 'complete' && why !== undefined && execution.change !== undefined)
      throw this.problem('flow-change', { change: execution.change, why })
    return { receipt, execution, change }
  }

  private problem<C extends Parameters<typeof doorProblem>[0]>(code: C, more: object): Error {
    const { door, message } = this.run
    const facts: FlowFacts = {
      door: door.name,
      endpoint: door.endpoint,
      kind: 'flow',
      name: message.name,
      execution: this.execution.id
    }
    return doorProblem(code, { ...facts, ...more } as never, { committed: 'yes' })
  }
}

function isOver({ state }: Execution): boolean {
  return state === 'complete' || state === 'error' || state === 'canceled'
}

/** A record that is not there yet may appear: a trigger runs its flow later. */
function mayPass(problem: ClientProblem): boolean {
  return problem.retry.temporary || problem.code === 'not-found'
}
