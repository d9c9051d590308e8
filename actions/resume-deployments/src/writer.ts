import type { Step } from '@change-actions/github-actions'
import { sendUntilDone } from '@change-actions/github-api'
import type { ResumeInputs } from './inputs.ts'
import type { Writer } from './latch.ts'

/** GitHub asks for a second between writes. */
const PAUSE_MS = 1_000

/** A longer pause that GitHub asks for leaves the rest to the next run. */
const MAX_PAUSE_MS = 66_000

/** What GitHub refuses counts as written too: more would keep the next runs from writing, and the runner waiting. */
const MAX_RATE_LIMIT_RETRIES = 1

/** Sends writes one a second. In a dry run none is sent. */
export function pacedWriter(step: Step<ResumeInputs>): Writer {
  let last = Number.NEGATIVE_INFINITY
  return {
    async write(send, find) {
      if (step.inputs.dryRun) return
      const pause = last + PAUSE_MS - step.now()
      if (pause > 0) await step.sleep(pause)
      try {
        await sendUntilDone<true>({
          send: async () => {
            await send()
            return true
          },
          find,
          maxPauseMs: MAX_PAUSE_MS,
          maxRateLimitRetries: MAX_RATE_LIMIT_RETRIES,
          sleep: ms => step.sleep(ms),
          random: Math.random
        })
      } finally {
        last = step.now()
      }
    }
  }
}
