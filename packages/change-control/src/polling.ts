/** How often to poll a change. The numbers are justified by `polling-simulation.ts` and `crowd-simulation.ts`. */
export interface Schedule {
  readonly firstPauseMs: number
  readonly shareOfElapsed: number
}

/**
 * At most 15 polls more than fixed polling every minute, a mean lag under 5 s at first and under a tenth of the wait
 * later, over any span of approvals that is half as long as the wait at its beginning. With 5 s, only shares from
 * 18.1 % to 18.7 % keep both bounds.
 */
export const SCHEDULE: Schedule = { firstPauseMs: 5_000, shareOfElapsed: 0.183 }

/**
 * The pause before the next poll, in milliseconds: some 18 % of the time waited so far, at least 5 s and never more
 * than `intervalMs` (which may itself be shorter than 5 s). Cut it short at the deadline or a window's opening.
 *
 * Why growing: most approvals that come soon are automatic, and those that take hours do not mind a minute. A pause
 * that is a share of the wait makes the mean lag about half that share. `npm run bench -- polling` prints the comparison.
 */
export function nextPause(elapsedMs: number, intervalMs: number, schedule: Schedule = SCHEDULE): number {
  const growing = Math.max(schedule.firstPauseMs, Math.round(elapsedMs * schedule.shareOfElapsed))
  return Math.max(0, Math.min(growing, intervalMs))
}

/** How a wait gives way to others when the instance's rate limit refuses it. */
export interface Yielding {
  /** Pauses are multiplied by this on a refusal. */
  readonly slower: number
  /** A response adds this share of the planned rate for each planned pause that was waited. */
  readonly faster: number
  readonly slowest: number
}

export const YIELDING: Yielding = { slower: 2, faster: 0.02, slowest: 16 }

/**
 * How many times longer than planned to pause between polls, after a poll that the instance's rate limit refused
 * or let through; starts at 1.
 *
 * Many waits share one limit and know nothing of each other. A refusal takes a share of a wait's rate, a response
 * adds a fixed amount for the time it took: so their rates grow alike and the faster ones give up more, until all
 * get the same. Taking and adding shares alone would leave the slow ones slow for good.
 */
export function nextSlowdown(slowdown: number, refused: boolean, yielding: Yielding = YIELDING): number {
  if (refused) return Math.min(slowdown * yielding.slower, yielding.slowest)
  return Math.max(slowdown / (1 + yielding.faster * slowdown ** 2), 1)
}

/**
 * The pause after a refusal. All who were refused are told the same moment: polling together they would be refused
 * together, and far later than that moment others would have used up the limit.
 *
 * @param retryAfterMs what the instance told, or 0
 * @param random a number in [0, 1)
 */
export function pauseAfterRefusal(
  plannedMs: number,
  retryAfterMs: number,
  intervalMs: number,
  random: number
): number {
  return (retryAfterMs > 0 ? retryAfterMs : plannedMs) + random * intervalMs
}
