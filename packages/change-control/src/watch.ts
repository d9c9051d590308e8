import { decide } from './decision.ts'
import {
  type Decision,
  type GateFacts,
  type GateHistory,
  type GatePolicy,
  type Ownership,
  observe
} from './gate.ts'
import { nextPause, nextSlowdown, pauseAfterRefusal } from './polling.ts'
import type { ChangeSnapshot } from './snapshot.ts'

/** A moment on both clocks, epoch milliseconds: windows are on the instance's, the maximum wait is on the runner's. */
export interface Moment {
  readonly runner: number
  readonly instance: number
}

/** A change that is waited for, as a value: what is required of it, and what the looks so far have left. */
export interface Watch {
  readonly policy: GatePolicy
  /** Epoch milliseconds on the runner's clock. */
  readonly startedAt: number
  /** Maximum wait in milliseconds; 0 looks once. */
  readonly timeoutMs: number
  /** Maximum pause between two looks, in milliseconds. */
  readonly intervalMs: number
  readonly history: GateHistory
  /** Number of looks, the one under way included. */
  readonly looks: number
  /** The look under way began at the deadline or after it: there is no other. */
  readonly last: boolean
  /** How many times longer than planned the pauses are: see `nextSlowdown`. */
  readonly slowdown: number
}

/** The watch before its first look. */
export function beginWatch(
  order: Pick<Watch, 'policy' | 'timeoutMs' | 'intervalMs'>,
  now: Pick<Moment, 'runner'>
): Watch {
  return {
    ...order,
    startedAt: now.runner,
    history: { approvalWasRequested: false },
    looks: 0,
    last: false,
    slowdown: 1
  }
}

/** The watch with one more look begun. */
export function beginLook(watch: Watch, now: Pick<Moment, 'runner'>): Watch {
  return { ...watch, looks: watch.looks + 1, last: now.runner >= deadlineOf(watch) }
}

/**
 * What follows from a look at the change: the one rule of every gate, whether one change is polled, many are swept or
 * a single look is taken. Waiting ends with the last look: the outcome is then `timeout`.
 *
 * @param approvals the raw states of the approvers' rows; undefined when they were not read
 * @param known whose the change is, and the facts beyond its record, where they were gathered
 */
export function advance(
  watch: Watch,
  change: ChangeSnapshot,
  approvals: readonly string[] | undefined,
  now: Moment,
  known: { readonly ownership?: Ownership; readonly facts?: GateFacts | undefined } = {}
): { readonly watch: Watch; readonly decision: Decision } {
  const history = observe(watch.history, change, approvals)
  const deadline = deadlineOf(watch) + now.instance - now.runner
  const policy = { ...watch.policy, deadline }
  const decision = decide(change, policy, now.instance, history, known.ownership, known.facts)
  const ended = decision.kind === 'wait' && watch.last
  return {
    watch: { ...watch, history },
    decision: ended ? { kind: 'stop', outcome: 'timeout', reason: decision.reason } : decision
  }
}

/**
 * How the wait ends when a look brought nothing; undefined while it goes on. What time does not mend ends it at once,
 * anything else at the deadline: as `timeout` where the change had been seen, as `error` where it never was.
 */
export function endAfterFailure(
  watch: Watch,
  failure: { readonly temporary: boolean; readonly seenBefore: boolean }
): 'error' | 'timeout' | undefined {
  if (!failure.temporary) return 'error'
  if (!watch.last) return undefined
  return failure.seenBefore ? 'timeout' : 'error'
}

/** What a look that did not end the wait tells about the next one. */
export interface LookResult {
  /** The instance's rate limit refused it, in whole or in part. */
  readonly refused: boolean
  /** What the instance asked to wait before the change is read again, in milliseconds; 0 when it did not. */
  readonly afterMs: number
  /** The decision can change at this moment, epoch milliseconds on the instance's clock. */
  readonly until?: number | undefined
}

/**
 * The pause before the next look, in milliseconds, cut short at the deadline and at the opening of a window.
 *
 * @param random a number in [0, 1)
 */
export function pauseAfter(
  watch: Watch,
  result: LookResult,
  now: Moment,
  random: number
): { readonly watch: Watch; readonly pauseMs: number } {
  const { refused, afterMs, until } = result
  const { intervalMs } = watch
  const slowdown = nextSlowdown(watch.slowdown, refused)
  const planned = nextPause(now.runner - watch.startedAt, intervalMs) * slowdown
  let pauseMs = refused ? pauseAfterRefusal(planned, afterMs, intervalMs, random) : Math.max(planned, afterMs)
  if (until !== undefined && until > now.instance) pauseMs = Math.min(pauseMs, until - now.instance)
  pauseMs = Math.max(0, Math.min(pauseMs, deadlineOf(watch) - now.runner))
  return { watch: { ...watch, slowdown }, pauseMs }
}

function deadlineOf({ startedAt, timeoutMs }: Watch): number {
  return startedAt + timeoutMs
}
