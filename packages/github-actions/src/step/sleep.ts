import { setTimeout as wait } from 'node:timers/promises'

/** A timer cannot be set further ahead (2^31 - 1 ms, 24.8 days); beyond it would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Waits `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  try {
    for (let left = ms; left > 0; left -= MAX_TIMER_MS) {
      await wait(Math.min(left, MAX_TIMER_MS), undefined, { signal })
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
