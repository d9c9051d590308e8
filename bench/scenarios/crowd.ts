import { describeCrowds } from '@change-actions/change-control/crowd-simulation'
import { type CrowdResult, playCrowd } from '../../test/faults/crowd.ts'
import { percent, table } from '../measure/format.ts'
import { quantile } from '../measure/statistics.ts'
import type { Result, Scenario } from '../scenario.ts'

const WAITS = 1_000
const LIMIT_PER_MINUTE = 600
const MINUTE = 60_000
const INTERVAL_MS = MINUTE
const HOUR = 60 * MINUTE
const MAX_LAG_INTERVALS = 3

/** 1,000 waits of one account on an instance that allows it 600 requests a minute. */
export const crowd: Scenario = {
  name: 'crowd',
  title: '1,000 waits behind one rate limit',
  run: async () =>
    toResult(
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

function toResult({ waits, requests, refused, minutes }: CrowdResult): Result {
  const lags = waits.map(one => one.lagMs / INTERVAL_MS)
  const notApproved = waits.filter(one => one.outcome !== 'approved').length
  const intervals = (share: number) => quantile(lags, share).toFixed(1)
  return {
    findings: [
      {
        what: `${WAITS.toLocaleString('en')} waits at once, ${LIMIT_PER_MINUTE} requests a minute: approved`,
        target: 'all',
        measured: `${WAITS - notApproved} of ${WAITS}`,
        met: notApproved === 0
      },
      {
        what: 'the same: from approval to the end of the wait, 95 of 100',
        target: `≤ ${MAX_LAG_INTERVALS} intervals`,
        measured: `${intervals(0.95)} intervals`,
        met: quantile(lags, 0.95) <= MAX_LAG_INTERVALS
      }
    ],
    details: `On a virtual clock, in one process with the sandbox: ${requests} requests in ${Math.round(minutes)} minutes of the instance's time, ${percent(refused)} of them refused after the first minute.\n\n${table(
      ['lag', 'median', '95 of 100', 'maximum'],
      [[`in intervals of ${INTERVAL_MS / 1000} s`, intervals(0.5), intervals(0.95), intervals(1)]]
    )}\n\nHow waits slow down under a rate limit, by simulation; lags in seconds, maximum of three runs:\n\n\`\`\`text\n${describeCrowds()}\n\`\`\``
  }
}
