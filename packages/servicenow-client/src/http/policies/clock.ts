import type { Policy, Response } from '../message.ts'

/** The date of a slower response is too old to set a clock by. */
const SLOW_MS = 10_000

/** `Date` has whole seconds: differences below are not corrected. */
const RESOLUTION_MS = 2_000

/** The instance's clock, from the `Date` of its last response, whatever its status; resolution one second. */
export interface InstanceClock {
  readonly policy: Policy
  /** Epoch milliseconds; the runner's clock until the first response. */
  now(): number
}

/** @param now the runner's clock, epoch milliseconds */
export function instanceClock(now: () => number): InstanceClock {
  let offsetMs = 0
  const read = ({ headers }: Response, started: number) => {
    const date = Date.parse(String(headers.date ?? ''))
    const here = now()
    if (!Number.isFinite(date) || here - started > SLOW_MS) return
    const offset = date - here
    offsetMs = Math.abs(offset) < RESOLUTION_MS ? 0 : offset
  }
  return {
    now: () => now() + offsetMs,
    policy: async (request, next) => {
      const started = now()
      const response = await next(request)
      read(response, started)
      return response
    }
  }
}
