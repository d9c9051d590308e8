import { describeCrowds } from '../../packages/change-control/src/crowd-simulation.ts'
import { type CrowdResult, playCrowd } from '../../test/faults/crowd.ts'
import { percent, table } from '../measure/format.ts'
import { quantile } from '../measure/statistics.ts'
import type { Scenario } from '../scenario.ts'

const WAITS = 1_000
const LIMIT_PER_MINUTE = 600
const MINUTE = 60_000
const INTERVAL_MS = MINUTE
const HOUR = 60 * MINUTE
const MAX_INTERVALS = 3

/** A thousand waits of one account on an instance that lets it make 600 requests a minute. */
export const crowd: Scenario = {
  name: 'crowd',
  title: '1,000 waits behind one rate limit',
  run: async () =>
    judge(
      await playCrowd({
        waits: WAITS,
        limitPerMinute: LIMIT_PER_MINUTE,
        intervalMs: INTERVAL_MS,
        timeoutMs: 4 * HOUR,
        approvedAfterMs: n => ((n + 1) / WAITS) * HOUR,
        startsWithinMs: 30_000
      })
    )
}

function judge({ waits, requests, refused, minutes }: CrowdResult) {
  const lags = waits.map(one => one.lagMs / INTERVAL_MS)
  const unanswered = waits.filter(one => one.outcome !== 'approved').length
  const intervals = (share: number) => quantile(lags, share).toFixed(1)
  return {
    findings: [
      {
        what: `${WAITS.toLocaleString('en')} waits at once, ${LIMIT_PER_MINUTE} requests a minute: answered`,
        target: 'all, no wait fails',
        measured: `${WAITS - unanswered} of ${WAITS}`,
        met: unanswered === 0
      },
      {
        what: 'the same: from approval to answer, 95 of 100',
        target: `≤ ${MAX_INTERVALS} intervals`,
        measured: `${intervals(0.95)} intervals`,
        met: quantile(lags, 0.95) <= MAX_INTERVALS
      }
    ],
    details: `On a virtual clock, in one process with the sandbox: ${requests} requests in ${Math.round(minutes)} minutes of the instance's time, ${percent(refused)} of them refused after the first minute.\n\n${table(
      ['lag', 'half', '95 of 100', 'worst'],
      [[`in intervals of ${INTERVAL_MS / 1000} s`, intervals(0.5), intervals(0.95), intervals(1)]]
    )}\n\nWays to give way, by simulation; lags in seconds, the worst of three runs:\n\n\`\`\`text\n${describeCrowds()}\n\`\`\``
  }
}
