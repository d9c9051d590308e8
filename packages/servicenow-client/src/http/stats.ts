import type { RequestEvent } from './events.ts'

/** Requests sent, sign-ins and failed attempts included. */
export interface Stats {
  requests: number
  requestErrors: number
}

/** Counts attempts, as a listener of request events. */
export function countAttempts(): { readonly stats: Stats; readonly listen: (event: RequestEvent) => void } {
  const stats: Stats = { requests: 0, requestErrors: 0 }
  return {
    stats,
    listen(event) {
      if (event.type === 'attempt-started') stats.requests += 1
      if (event.type === 'attempt-ended' && event.problem !== undefined) stats.requestErrors += 1
    }
  }
}
