/** Three hundred waits behind one rate limit. */
import { playCrowd } from './crowd.ts'

const WAITS = 300
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A wait that notices its approval this late has starved. */
const STARVED_MINUTES = 12
/** Three waits a place: the rest of the time they find out that others were first. */
const MAX_REFUSED = 0.35

export interface Load {
  readonly wrong: readonly string[]
  readonly requests: number
  /** Share of requests refused after the first minute. */
  readonly refused: number
  /** Minutes of the instance's clock until the last wait was decided. */
  readonly minutes: number
  /** The longest time between an approval and the end of its wait, in minutes. */
  readonly worstLagMinutes: number
}

export async function runLoad(): Promise<Load> {
  const { waits, requests, refused, minutes } = await playCrowd({
    waits: WAITS,
    limitPerMinute: 100,
    intervalMs: MINUTE,
    timeoutMs: 4 * HOUR,
    // Approved one after the other over the first hour.
    approvedAfterMs: n => ((n + 1) / WAITS) * HOUR,
    startsWithinMs: 30_000
  })
  const worstLagMinutes = Math.max(...waits.map(one => one.lagMs)) / MINUTE
  const lost = waits.filter(one => one.outcome !== 'approved')
  return {
    requests,
    refused,
    minutes,
    worstLagMinutes,
    wrong: [
      ...(lost.length === 0 ? [] : [`${lost.length} waits ended with ${lost[0]?.outcome}`]),
      ...(refused <= MAX_REFUSED ? [] : [`${Math.round(refused * 100)} % of the requests were refused`]),
      ...(worstLagMinutes <= STARVED_MINUTES
        ? []
        : [`a wait noticed its approval ${Math.round(worstLagMinutes)} minutes late`])
    ]
  }
}
