import { SCHEDULE } from '@change-actions/change-control'
import { boundsOf, describeSchedules } from '@change-actions/change-control/polling-simulation'
import { type CrowdResult, playCrowd } from '../../test/faults/crowd.ts'
import { percent, seconds, table } from '../measure/format.ts'
import { mean } from '../measure/statistics.ts'
import type { Result, Scenario } from '../scenario.ts'

const SECOND = 1_000
const INTERVAL_MS = 60 * SECOND
const EARLY_MS = 40 * SECOND
const MAX_EARLY_LAG_MS = 5 * SECOND
const MAX_SHARE = 0.1
const MAX_ADDITIONAL_POLLS = 15

/** Bounds of the spans. Approvals come this long after the start of a wait, evenly spread within each span. */
const SPANS = [0, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240].map(start => start * SECOND)
const WAITS_PER_SPAN = 40

type Wait = CrowdResult['waits'][number]

interface Span {
  /** Milliseconds. */
  readonly from: number
  /** Milliseconds. */
  readonly to: number
  readonly waits: readonly Wait[]
}

/** The time from the approval to the end of the wait, and the number of polls. */
export const polling: Scenario = {
  name: 'polling',
  title: 'From approval to the end of the wait',
  run: async () => {
    const spans = SPANS.slice(1).map((to, n) => ({ from: SPANS[n] ?? 0, to }))
    const times = spans.flatMap(({ from, to }) =>
      Array.from({ length: WAITS_PER_SPAN }, (_, n) => from + ((to - from) * (n + 0.5)) / WAITS_PER_SPAN)
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
    return toResult(
      spans.map((span, n) => ({ ...span, waits: waits.slice(n * WAITS_PER_SPAN, (n + 1) * WAITS_PER_SPAN) }))
    )
  }
}

/** Mean milliseconds from the approval to the end of the wait. */
const lagOf = ({ waits }: Span) => mean(waits.map(one => one.lagMs))
/** Mean lag as a share of the time until the approval. */
const shareOf = ({ waits }: Span) => mean(waits.map(one => one.lagMs / one.approvedAfterMs))
/** With a fixed interval: one poll at the start, then one each interval until the change is approved. */
const fixedPolls = (wait: Wait) => 1 + Math.ceil(wait.approvedAfterMs / INTERVAL_MS)
const fixedLag = (wait: Wait) => (fixedPolls(wait) - 1) * INTERVAL_MS - wait.approvedAfterMs

function toResult(spans: readonly Span[]): Result {
  const all = spans.flatMap(one => one.waits)
  const early = spans.filter(one => one.to <= EARLY_MS).map(lagOf)
  // Few spans are measured. The bounds of the schedule include the worst span.
  const late = Math.max(
    ...spans.filter(one => one.from >= EARLY_MS).map(shareOf),
    boundsOf(SCHEDULE, INTERVAL_MS).worstShareAfter40
  )
  const maxLag = Math.max(...all.map(one => one.lagMs))
  const additionalPolls = Math.max(...all.map(one => one.polls - fixedPolls(one)))
  return {
    findings: [
      {
        what: 'from approval to the end of the wait, `poll-interval: 60`, approved within 40 s: mean',
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
        what: 'from approval to the end of the wait, all waits: maximum',
        target: `≤ ${seconds(INTERVAL_MS)}`,
        measured: seconds(maxLag),
        met: maxLag <= INTERVAL_MS
      },
      {
        what: 'additional polls compared with a fixed interval: maximum',
        target: `≤ ${MAX_ADDITIONAL_POLLS}`,
        measured: String(additionalPolls),
        met: additionalPolls <= MAX_ADDITIONAL_POLLS
      }
    ],
    details: [
      'Waits of the real code on a virtual clock, without a rate limit:',
      table(
        ['approved after', 'mean lag', 'of the wait', 'polls', 'mean lag, fixed', 'polls, fixed'],
        spans.map(span => [
          `${span.from / SECOND} – ${span.to / SECOND} s`,
          seconds(lagOf(span)),
          percent(shareOf(span)),
          mean(span.waits.map(one => one.polls)).toFixed(1),
          seconds(mean(span.waits.map(fixedLag))),
          mean(span.waits.map(fixedPolls)).toFixed(1)
        ])
      ),
      'The schedule alone, with typical times to approval, and the alternatives:',
      `\`\`\`text\n${describeSchedules(INTERVAL_MS)}\n\`\`\``
    ].join('\n\n')
  }
}
