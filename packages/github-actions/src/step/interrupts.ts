import { stackOf } from '../errors.ts'
import type { Log } from '../log.ts'

/** What a step wants done when it is cancelled. */
export interface Interrupts {
  readonly signal: AbortSignal
  add(callback: () => void): void
  /**
   * Runs the callbacks, each whatever the others do, then aborts the signal. The last one added goes first: what was
   * added later knows more of the step, and what was added earlier sums it up.
   */
  fire(log: Log): void
}

/** No callbacks yet, and a signal that is not aborted. */
export function createInterrupts(): Interrupts {
  const controller = new AbortController()
  const callbacks: (() => void)[] = []
  return {
    signal: controller.signal,
    add: callback => void callbacks.push(callback),
    fire(log) {
      for (const callback of callbacks.toReversed()) {
        try {
          callback()
        } catch (error) {
          log.debug(`While ending: ${stackOf(error)}`)
        }
      }
      controller.abort(new Error('The step was interrupted'))
    }
  }
}
