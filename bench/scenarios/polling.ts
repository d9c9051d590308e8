import { SCHEDULE } from '../../packages/change-control/src/polling.ts'
import { boundsOf, describeSchedules } from '../../packages/change-control/src/polling-simulation.ts'
import { type Answered, playCrowd } from '../../test/faults/crowd.ts'
import { percent, seconds, table } from '../measure/format.ts'
import { mean } from '../measure/statistics.ts'
import type { Scenario } from '../scenario.ts'

const SECOND = 1_000
const INTERVAL_MS = 60 * SECOND
const EARLY_MS = 40 * SECOND
const MAX_EARLY_LAG_MS = 5 * SECOND
const MAX_SHARE = 0.1
const MAX_MORE_LOOKS = 15

/** Approvals that come this long after the wait began, evenly spread within each span. */
const SPANS = [0, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240].map(start => start * SECOND)
const PER_SPAN = 40

interface Span {
  readonly from: number
  readonly to: number
  readonly waits: readonly Answered[]
}

/** From the approval to the wait's going on, and what that costs in looks. */
export const polling: Scenario = {
  name: 'polling',
  title: 'From approval to going on',
  run: async () => {
    const spans = SPANS.slice(1).map((to, n) => ({ from: SPANS[n] ?? 0, to }))
    const times = spans.flatMap(({ from, to }) =>
      Array.from({ length: PER_SPAN }, (_, n) => from + ((to - from) * (n + 0.5)) / PER_SPAN)
    )
    const { waits } = await playCrowd({
      waits: times.length,
      intervalMs: INTERVAL_MS,
      timeoutMs: 4 * 3_600 * SECOND,
      approvedAfterMs: n => times[n] ?? 0,
      startsWithinMs: 0
    })
    const failed = waits.filter(one => one.outcome !== 'approved')
    if (failed.length > 0) throw new Error(`${failed.length} waits ended with ${failed[0]?.outcome}`)
    return judge(spans.map((span, n) => ({ ...span, waits: waits.slice(n * PER_SPAN, (n + 1) * PER_SPAN) })))
  }
}

const lagOf = ({ waits }: Span) => mean(waits.map(one => one.lagMs))
const shareOf = ({ waits }: Span) => mean(waits.map(one => one.lagMs / one.approvedAfterMs))
/** A look at once, then one each interval until the approval is seen. */
const fixedLooks = (wait: Answered) => 1 + Math.ceil(wait.approvedAfterMs / INTERVAL_MS)
const fixedLag = (wait: Answered) => (fixedLooks(wait) - 1) * INTERVAL_MS - wait.approvedAfterMs

function judge(spans: readonly Span[]) {
  const all = spans.flatMap(one => one.waits)
  const early = spans.filter(one => one.to <= EARLY_MS).map(lagOf)
  // The spans measured are few; the schedule itself tells what the worst one is.
  const late = Math.max(
    ...spans.filter(one => one.from >= EARLY_MS).map(shareOf),
    boundsOf(SCHEDULE, INTERVAL_MS).worstShareAfter40
  )
  const longest = Math.max(...all.map(one => one.lagMs))
  const more = Math.max(...all.map(one => one.looks - fixedLooks(one)))
  return {
    findings: [
      {
        what: 'from approval to going on, `poll-interval: 60`, approved within 40 s: mean',
        target: `≤ ${seconds(MAX_EARLY_LAG_MS)}`,
        measured: seconds(Math.max(...early)),
        met: Math.max(...early) <= MAX_EARLY_LAG_MS
      },
      {
        what: 'approved later: mean, in the worst span of half the wait',
        target: `≤ ${percent(MAX_SHARE)} of the wait`,
        measured: percent(late),
        met: late <= MAX_SHARE
      },
      {
        what: 'the longest of all',
        target: `≤ ${seconds(INTERVAL_MS)}`,
        measured: seconds(longest),
        met: longest <= INTERVAL_MS
      },
      {
        what: 'looks more than fixed polling, at most',
        target: `≤ ${MAX_MORE_LOOKS}`,
        measured: String(more),
        met: more <= MAX_MORE_LOOKS
      }
    ],
    details: [
      'The waits as they run, on a virtual clock, without a rate limit:',
      table(
        ['approved after', 'mean lag', 'of the wait', 'looks', 'mean lag, fixed', 'looks, fixed'],
        spans.map(span => [
          `${span.from / SECOND} – ${span.to / SECOND} s`,
          seconds(lagOf(span)),
          percent(shareOf(span)),
          mean(span.waits.map(one => one.looks)).toFixed(1),
          seconds(mean(span.waits.map(fixedLag))),
          mean(span.waits.map(fixedLooks)).toFixed(1)
        ])
      ),
      'The schedule alone, over how long approvals take, and what else could have been chosen:',
      `\`\`\`text\n${describeSchedules(INTERVAL_MS)}\n\`\`\``
    ].join('\n\n')
  }
}
