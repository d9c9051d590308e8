import type { RequestEvent } from '@change-actions/servicenow-client'
import type { Log } from '../log.ts'
import { clientTitle } from '../messages/index.ts'

/** Writes the log of requests: each attempt for debugging, each retry for everybody. */
export function logRequests(log: Log): (event: RequestEvent) => void {
  return event => {
    if (event.type === 'attempt-ended') {
      const { method, path, status, ms, attempt } = event
      log.debug(`${method} ${path} → ${status} in ${ms} ms (attempt ${attempt})`)
    }
    if (event.type === 'retry') {
      const { attempt, of, operation, pauseMs, problem } = event
      const pause = (pauseMs / 1000).toFixed(1)
      log.info(
        `Attempt ${attempt} of ${of} failed while ${operation} (${clientTitle(problem)}). Retrying in ${pause} s.`
      )
    }
  }
}
