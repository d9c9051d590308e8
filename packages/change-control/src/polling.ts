/** The shortest pause that is kind to an instance. */
const FIRST_PAUSE_MS = 5_000
const SHARE_OF_ELAPSED = 0.2

/**
 * The pause before the next look, in milliseconds: a fifth of the time waited so far, at least 5 s and never more
 * than `intervalMs` (which may itself be shorter than 5 s). Cut it short at the deadline or a window's opening.
 *
 * Why growing: most approvals that come soon are automatic, and those that take hours do not mind a minute. The
 * answer is found at most one pause after it is given, on average half a pause. With an interval of 60 s:
 *
 * | approved after | looks, fixed | looks, growing | mean lag, fixed | mean lag, growing |
 * |---|---|---|---|---|
 * | 1 min | 2 | 11 | 30 s | 6 s |
 * | 5 min | 6 | 20 | 30 s | 30 s |
 * | 1 h | 61 | 75 | 30 s | 30 s |
 * | 4 h | 241 | 255 | 30 s | 30 s |
 *
 * So a wait of any length costs a handful of looks more, fifteen at the very most.
 */
export function nextPause(elapsedMs: number, intervalMs: number): number {
  const growing = Math.max(FIRST_PAUSE_MS, Math.round(elapsedMs * SHARE_OF_ELAPSED))
  return Math.max(0, Math.min(growing, intervalMs))
}

const SLOWEST = 32
const SLOWER = 2
const FASTER = 0.95

/**
 * How many times longer than planned to pause between looks, after a look that the instance's rate limit refused
 * or let through; starts at 1.
 *
 * Many waits share one limit and know nothing of each other. Each refusal doubles a wait's own pauses, each answer
 * takes a twentieth off again, so that together they settle where about one look in fourteen is refused
 * (0.95^13 ≈ 1/2), whatever the limit and however many wait.
 */
export function nextSlowdown(slowdown: number, refused: boolean): number {
  return refused ? Math.min(slowdown * SLOWER, SLOWEST) : Math.max(slowdown * FASTER, 1)
}
