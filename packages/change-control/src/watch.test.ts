import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ChangeSnapshot } from './snapshot.ts'
import {
  advance,
  beginLook,
  beginWatch,
  endAfterFailure,
  type Moment,
  pauseAfter,
  type Watch
} from './watch.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 10, 28, 9)

const NEW: ChangeSnapshot = {
  state: '-5',
  stateLabel: 'New',
  type: 'normal',
  approval: 'not requested',
  onHold: false,
  onHoldReason: '',
  unauthorized: false,
  correlationDisplay: '',
  fromTemplate: false
}
const ASSESSED: ChangeSnapshot = { ...NEW, state: '-4', stateLabel: 'Assess', approval: 'requested' }
const SCHEDULED: ChangeSnapshot = { ...NEW, state: '-2', stateLabel: 'Scheduled', approval: 'approved' }

/** `ms` after the start of the wait; the instance's clock may be ahead of the runner's. */
const after = (ms: number, aheadMs = 0): Moment => ({ runner: START + ms, instance: START + ms + aheadMs })

function watchFor(timeoutMs = 60 * MINUTE): Watch {
  const policy = {
    proceedStates: ['scheduled', 'implement', 'review'],
    waitStates: ['new', 'assess', 'authorize', 'scheduled'],
    requireApproval: true,
    respectWindow: true,
    allowNewCommit: false
  } as const
  return beginWatch({ policy, timeoutMs, intervalMs: MINUTE }, after(0))
}

/** The decision of one look. */
function look(watch: Watch, change: ChangeSnapshot, at: Moment, approvals?: readonly string[]) {
  return advance(beginLook(watch, at), change, approvals, at)
}

describe('a look at the change that is waited for', () => {
  it('opens the gate on an approval in a state that may proceed', () => {
    expect(look(watchFor(), SCHEDULED, after(0)).decision).toMatchObject({
      kind: 'proceed',
      outcome: 'approved'
    })
  })

  it('waits while there is time, and ends as a timeout with the reason of the last look', () => {
    const watch = watchFor(10 * MINUTE)
    expect(look(watch, ASSESSED, after(10 * MINUTE - 1)).decision).toMatchObject({ kind: 'wait' })
    expect(look(watch, ASSESSED, after(10 * MINUTE)).decision).toEqual({
      kind: 'stop',
      outcome: 'timeout',
      reason: { code: 'waiting-for-approval', state: 'Assess', approval: 'requested' }
    })
  })

  it('is the only one where nothing is to be waited for', () => {
    expect(look(watchFor(0), ASSESSED, after(0)).decision).toMatchObject({ outcome: 'timeout' })
    expect(look(watchFor(0), SCHEDULED, after(0)).decision).toMatchObject({ outcome: 'approved' })
  })

  it('opens the gate in the last look too', () => {
    expect(look(watchFor(MINUTE), SCHEDULED, after(2 * MINUTE)).decision).toMatchObject({ kind: 'proceed' })
  })

  it('that began before the deadline is not the last one, however long it took', () => {
    const watch = beginLook(watchFor(MINUTE), after(MINUTE - 1))
    expect(advance(watch, ASSESSED, undefined, after(MINUTE + 5_000)).decision.kind).toBe('wait')
  })

  it('remembers that an approval was requested, and sees by it that the request was taken back', () => {
    const { watch } = look(watchFor(), ASSESSED, after(0))
    expect(look(watch, NEW, after(MINUTE)).decision).toMatchObject({ kind: 'stop', outcome: 'withdrawn' })
    expect(look(watchFor(), NEW, after(MINUTE)).decision).toMatchObject({ kind: 'wait' })
  })

  it("learns from the approvers' rows that an approval was requested before the first look", () => {
    const { decision } = look(watchFor(), NEW, after(0), ['cancelled'])
    expect(decision).toMatchObject({ kind: 'stop', outcome: 'withdrawn' })
  })

  it('counts itself', () => {
    const once = beginLook(watchFor(), after(0))
    expect([once.looks, beginLook(once, after(MINUTE)).looks]).toEqual([1, 2])
  })

  it("opens a window on the instance's clock, and measures the wait on the runner's", () => {
    const plannedStart = START + 5 * MINUTE
    const window = { ...SCHEDULED, plannedStart, plannedEnd: plannedStart + 60 * MINUTE }
    const decisionAt = (timeoutMs: number, aheadMs: number) =>
      look(watchFor(timeoutMs), window, after(0, aheadMs)).decision
    expect(decisionAt(10 * MINUTE, 0)).toMatchObject({ kind: 'wait', until: plannedStart })
    expect(decisionAt(10 * MINUTE, 5 * MINUTE)).toMatchObject({ kind: 'proceed' })
    // The instance is four minutes ahead: after two minutes of waiting it shows six minutes past the start.
    expect(decisionAt(2 * MINUTE, 4 * MINUTE)).toMatchObject({ kind: 'wait' })
    expect(decisionAt(2 * MINUTE, 0)).toMatchObject({ kind: 'stop', outcome: 'window-not-open' })
    expect(decisionAt(6 * MINUTE, -4 * MINUTE)).toMatchObject({ kind: 'stop', outcome: 'window-not-open' })
  })

  it('changes neither the watch it was given nor the change', () => {
    const [watch, change] = [Object.freeze(beginLook(watchFor(), after(0))), Object.freeze({ ...ASSESSED })]
    expect(advance(watch, change, Object.freeze(['requested']), after(0))).toEqual(
      advance(watch, change, ['requested'], after(0))
    )
  })
})

describe('a look that brought nothing', () => {
  const [early, last] = [beginLook(watchFor(), after(0)), beginLook(watchFor(0), after(0))]

  it('ends the wait at once when time does not mend it', () => {
    expect(endAfterFailure(early, { temporary: false, seenBefore: true })).toBe('error')
    expect(endAfterFailure(last, { temporary: false, seenBefore: true })).toBe('error')
  })

  it('never ends it before the deadline when time may mend it', () => {
    expect(endAfterFailure(early, { temporary: true, seenBefore: false })).toBeUndefined()
    expect(endAfterFailure(early, { temporary: true, seenBefore: true })).toBeUndefined()
  })

  it('ends it at the deadline: as a timeout only where the change had been seen', () => {
    expect(endAfterFailure(last, { temporary: true, seenBefore: true })).toBe('timeout')
    expect(endAfterFailure(last, { temporary: true, seenBefore: false })).toBe('error')
  })
})

describe('the pause before the next look', () => {
  const NOTHING = { refused: false, afterMs: 0 }
  const pause = (watch: Watch, at: Moment, result = {}, random = 0) =>
    pauseAfter(watch, { ...NOTHING, ...result }, at, random).pauseMs

  it('grows from five seconds to the interval', () => {
    const watch = watchFor()
    expect([0, MINUTE, 20 * MINUTE].map(ms => pause(watch, after(ms)))).toEqual([5_000, 10_980, 60_000])
  })

  it('ends at the deadline', () => {
    expect(pause(watchFor(MINUTE), after(MINUTE - 300))).toBe(300)
    expect(pause(watchFor(MINUTE), after(2 * MINUTE))).toBe(0)
  })

  it('ends when the window opens, on the clock of the instance', () => {
    expect(pause(watchFor(), after(0), { until: START + 2_000 })).toBe(2_000)
    expect(pause(watchFor(), after(0, 500), { until: START + 2_000 })).toBe(1_500)
    expect(pause(watchFor(), after(0), { until: START - 2_000 })).toBe(5_000)
  })

  it('is at least what the instance asked for, and no longer than to the deadline', () => {
    expect(pause(watchFor(), after(0), { afterMs: 30_000 })).toBe(30_000)
    expect(pause(watchFor(), after(0), { afterMs: 3_000 })).toBe(5_000)
    expect(pause(watchFor(MINUTE), after(0), { afterMs: 10 * MINUTE })).toBe(MINUTE)
  })

  it('doubles on a refusal and is drawn from an interval after what the instance asked for', () => {
    const refused = { refused: true, afterMs: 20_000 }
    expect(pause(watchFor(), after(0), refused, 0)).toBe(20_000)
    expect(pause(watchFor(), after(0), refused, 0.5)).toBe(50_000)
    expect(pause(watchFor(), after(0), { refused: true }, 0)).toBe(10_000)
  })

  it('stays longer after a refusal, less so with each answer', () => {
    const refused = pauseAfter(watchFor(), { refused: true, afterMs: 0 }, after(0), 0).watch
    const answered = pauseAfter(refused, NOTHING, after(0), 0)
    expect(refused.slowdown).toBe(2)
    expect(answered.watch.slowdown).toBeLessThan(2)
    expect(answered.pauseMs).toBeGreaterThan(5_000)
  })

  it('is never negative and never passes the deadline', () => {
    fc.assert(
      fc.property(
        fc.nat(7_200_000),
        fc.nat(7_200_000),
        fc.boolean(),
        fc.nat(600_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (timeoutMs, elapsedMs, refused, afterMs, random) => {
          const pauseMs = pause(watchFor(timeoutMs), after(elapsedMs), { refused, afterMs }, random)
          expect(pauseMs).toBeGreaterThanOrEqual(0)
          expect(pauseMs).toBeLessThanOrEqual(Math.max(0, timeoutMs - elapsedMs))
        }
      )
    )
  })
})
