import { nextPause, SCHEDULE, type Schedule } from './polling.ts'

/** What a schedule costs and what it gives, over many waits. */
export interface ScheduleResult {
  /** Mean looks a wait, the one that finds the approval included. */
  readonly looks: number
  /** The most looks any of the waits made more than fixed polling did. */
  readonly mostMore: number
  readonly meanLagMs: number
  readonly p95LagMs: number
  /** Mean lag as a share of the mean wait. */
  readonly lagShare: number
}

export interface ScheduleRow {
  readonly name: string
  readonly fixed: ScheduleResult
  readonly growing: ScheduleResult
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Numbers in [0, 1) that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Draw = (random: () => number) => number

/** Times to an answer have a long tail: half of them come within the median, a few take ten times as long. */
function logNormal(medianMs: number, spread: number): Draw {
  return random => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return medianMs * Math.exp(spread * normal)
  }
}

/** Asked in the afternoon or evening, answered when the approver is back at the desk. */
function nextMorning(random: () => number): number {
  const asked = (15 + 8 * random()) * HOUR
  return 32 * HOUR - asked + logNormal(30 * MINUTE, 1)(random)
}

/** How long approvals take, from the automatic ones to those of the next morning. */
export const APPROVAL_TIMES: readonly { readonly name: string; readonly draw: Draw }[] = [
  { name: 'automatic, 2 to 40 s', draw: random => (2 + 38 * random()) * SECOND },
  { name: 'at the desk, median 5 min', draw: logNormal(5 * MINUTE, 1) },
  { name: 'between meetings, median 2 h', draw: logNormal(2 * HOUR, 0.8) },
  { name: 'the next morning', draw: nextMorning }
]

/** Looks and lag of one wait; the approval comes after `approvedMs`, a look takes `lookMs`. */
export function simulateWait(
  approvedMs: number,
  pause: (elapsedMs: number) => number,
  lookMs = 0
): { looks: number; lagMs: number } {
  let at = 0
  let looks = 1
  while (at < approvedMs) {
    at += lookMs + pause(at + lookMs)
    looks += 1
  }
  return { looks, lagMs: at - approvedMs }
}

/** The same waits with a fixed pause and with the growing one, distribution by distribution. */
export function simulateSchedules(
  options: {
    readonly intervalMs?: number
    readonly schedule?: Schedule
    readonly waits?: number
    readonly seed?: number
  } = {}
): ScheduleRow[] {
  const { intervalMs = MINUTE, schedule = SCHEDULE, waits = 2_000, seed = 1 } = options
  return APPROVAL_TIMES.map(({ name, draw }, n) => {
    const random = seeded(seed + n)
    const times = Array.from({ length: waits }, () => draw(random))
    const fixed = times.map(time => simulateWait(time, () => intervalMs))
    const growing = times.map(time => simulateWait(time, elapsed => nextPause(elapsed, intervalMs, schedule)))
    return { name, fixed: resultOf(fixed, fixed, times), growing: resultOf(growing, fixed, times) }
  })
}

type Waits = readonly { looks: number; lagMs: number }[]

function resultOf(waits: Waits, fixed: Waits, times: readonly number[]): ScheduleResult {
  const lags = waits.map(one => one.lagMs).sort((a, b) => a - b)
  return {
    looks: mean(waits.map(one => one.looks)),
    mostMore: Math.max(...waits.map((one, n) => one.looks - (fixed[n]?.looks ?? 0))),
    meanLagMs: mean(lags),
    p95LagMs: lags[Math.floor(lags.length * 0.95)] ?? 0,
    lagShare: mean(lags) / mean(times)
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length)
}

/** Schedules that could have been chosen, with the most looks each costs more than fixed polling. */
export function compareSchedules(intervalMs = MINUTE): {
  schedule: Schedule
  mostMore: number
  lagShare: number
  meanLagBefore40Ms: number
}[] {
  const choices = [2_500, 5_000, 10_000].flatMap(firstPauseMs =>
    [0.1, 0.15, 0.2, 0.25, 0.3].map(shareOfElapsed => ({ firstPauseMs, shareOfElapsed }))
  )
  return choices.map(schedule => {
    const lagOf = (from: number, to: number) => {
      const times = Array.from({ length: 500 }, (_, n) => from + ((to - from) * (n + 0.5)) / 500)
      const waits = times.map(time => simulateWait(time, at => nextPause(at, intervalMs, schedule)))
      return {
        lag: mean(waits.map(one => one.lagMs)),
        share: mean(waits.map((one, n) => one.lagMs / (times[n] ?? 1)))
      }
    }
    const settled = intervalMs / schedule.shareOfElapsed + intervalMs
    const more = simulateWait(settled, at => nextPause(at, intervalMs, schedule)).looks
    return {
      schedule,
      mostMore: more - simulateWait(settled, () => intervalMs).looks,
      lagShare: lagOf(40 * SECOND, 40 * SECOND + intervalMs / schedule.shareOfElapsed).share,
      meanLagBefore40Ms: lagOf(0, 40 * SECOND).lag
    }
  })
}

/** The simulations as two tables of plain text. */
export function describeSchedules(intervalMs = MINUTE): string {
  const rows = simulateSchedules({ intervalMs }).map(({ name, fixed, growing }) => [
    name,
    fixed.looks.toFixed(1),
    growing.looks.toFixed(1),
    `+${growing.mostMore}`,
    seconds(fixed.meanLagMs),
    seconds(growing.meanLagMs),
    seconds(growing.p95LagMs),
    percent(growing.lagShare)
  ])
  const choices = compareSchedules(intervalMs).map(({ schedule, mostMore, lagShare, meanLagBefore40Ms }) => [
    `${seconds(schedule.firstPauseMs)}, ${percent(schedule.shareOfElapsed)}${isChosen(schedule) ? ' (chosen)' : ''}`,
    `+${mostMore}`,
    seconds(meanLagBefore40Ms),
    percent(lagShare)
  ])
  return [
    `Looks and lag with poll-interval ${intervalMs / SECOND} s, fixed and growing:`,
    table(
      [
        'approval',
        'looks fixed',
        'looks growing',
        'most more',
        'lag fixed',
        'lag growing',
        'p95',
        'of the wait'
      ],
      rows
    ),
    '',
    'What else could have been chosen (first pause, share of the time waited):',
    table(['schedule', 'most more', 'mean lag before 40 s', 'mean lag after, of the wait'], choices)
  ].join('\n')
}

function isChosen(schedule: Schedule): boolean {
  return (
    schedule.firstPauseMs === SCHEDULE.firstPauseMs && schedule.shareOfElapsed === SCHEDULE.shareOfElapsed
  )
}

const seconds = (ms: number) => `${(ms / SECOND).toFixed(1)} s`
const percent = (share: number) => `${(share * 100).toFixed(1)} %`

/** Columns of plain text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, n) => Math.max(cell.length, ...rows.map(row => row[n]?.length ?? 0)))
  return [head, ...rows]
    .map(row =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd()
    )
    .join('\n')
}
