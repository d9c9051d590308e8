import { nextPause, SCHEDULE, type Schedule } from './polling.ts'

/** What a schedule costs and what it gives, over many waits. */
export interface ScheduleResult {
  /** Mean polls a wait, the one that finds the approval included. */
  readonly polls: number
  /** The maximum number of polls that a wait made more than fixed polling did. */
  readonly maxMore: number
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

/** Times to a decision have a long tail: half of them come within the median, a few take ten times as long. */
function logNormal(medianMs: number, spread: number): Draw {
  return random => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return medianMs * Math.exp(spread * normal)
  }
}

/** Requested in the afternoon or evening, decided when the approver is back at the desk. */
function nextMorning(random: () => number): number {
  const requestedAt = (15 + 8 * random()) * HOUR
  return 32 * HOUR - requestedAt + logNormal(30 * MINUTE, 1)(random)
}

/** How long approvals take, from the automatic ones to those of the next morning. */
export const APPROVAL_TIMES: readonly { readonly name: string; readonly draw: Draw }[] = [
  { name: 'automatic, 2 to 40 s', draw: random => (2 + 38 * random()) * SECOND },
  { name: 'at the desk, median 5 min', draw: logNormal(5 * MINUTE, 1) },
  { name: 'between meetings, median 2 h', draw: logNormal(2 * HOUR, 0.8) },
  { name: 'the next morning', draw: nextMorning }
]

/** Polls and lag of one wait; the approval comes after `approvedMs`, a poll takes `pollMs`. */
export function simulateWait(
  approvedMs: number,
  pause: (elapsedMs: number) => number,
  pollMs = 0
): { polls: number; lagMs: number } {
  let at = 0
  let polls = 1
  while (at < approvedMs) {
    at += pollMs + pause(at + pollMs)
    polls += 1
  }
  return { polls, lagMs: at - approvedMs }
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

type Waits = readonly { polls: number; lagMs: number }[]

function resultOf(waits: Waits, fixed: Waits, times: readonly number[]): ScheduleResult {
  const lags = waits.map(one => one.lagMs).sort((a, b) => a - b)
  return {
    polls: mean(waits.map(one => one.polls)),
    maxMore: Math.max(...waits.map((one, n) => one.polls - (fixed[n]?.polls ?? 0))),
    meanLagMs: mean(lags),
    p95LagMs: lags[Math.floor(lags.length * 0.95)] ?? 0,
    lagShare: mean(lags) / mean(times)
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length)
}

/** What a schedule gives whichever moments approvals come at: its worst cases, not those of some draws. */
export interface ScheduleBounds {
  readonly schedule: Schedule
  /** The maximum number of polls that a wait costs more than fixed polling. */
  readonly maxMore: number
  /** Mean lag of approvals spread evenly over the first 40 s. */
  readonly meanLagBefore40Ms: number
  /** Mean lag as a share of the wait, in the worst span that begins after 40 s and lasts half as long again. */
  readonly worstShareAfter40: number
}

const EARLY_MS = 40 * SECOND
/** How close together the moments are at which a worst case is looked for. */
const STEP_MS = 250

/** The bounds of one schedule: of every moment until its pauses have long grown to the interval. */
export function boundsOf(schedule: Schedule, intervalMs = MINUTE): ScheduleBounds {
  const settled = intervalMs / schedule.shareOfElapsed + intervalMs
  const polls = pollsUntil(2 * settled, elapsed => nextPause(elapsed, intervalMs, schedule))
  const moments = evenly(0, settled, Math.ceil(settled / STEP_MS))
  return {
    schedule,
    maxMore: Math.max(...moments.map(at => firstFrom(polls, at) - Math.ceil(at / intervalMs))),
    meanLagBefore40Ms: mean(evenly(0, EARLY_MS, 400).map(at => lagAt(polls, at))),
    worstShareAfter40: Math.max(...moments.filter(at => at >= EARLY_MS).map(from => meanShare(polls, from)))
  }
}

/** Over approvals spread evenly over half as long again, so that no lucky moment counts. */
function meanShare(polls: readonly number[], fromMs: number): number {
  return mean(evenly(fromMs, fromMs * 1.5, 200).map(at => lagAt(polls, at) / at))
}

const lagAt = (polls: readonly number[], at: number) => (polls[firstFrom(polls, at)] ?? Number.NaN) - at

/** When a schedule polls, responses taking no time; the last poll is after `endMs`. */
function pollsUntil(endMs: number, pause: (elapsedMs: number) => number): number[] {
  const polls = [0]
  for (let at = 0; at < endMs; polls.push(at)) at += pause(at)
  return polls
}

/** The index of the first poll not before `at`. */
function firstFrom(polls: readonly number[], at: number): number {
  let [low, high] = [0, polls.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((polls[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

function evenly(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => from + ((to - from) * (n + 0.5)) / count)
}

/** The bounds of schedules that could have been chosen. */
export function compareSchedules(intervalMs = MINUTE): ScheduleBounds[] {
  return [2_500, 5_000, 10_000].flatMap(firstPauseMs =>
    [0.1, 0.15, SCHEDULE.shareOfElapsed, 0.2, 0.25].map(shareOfElapsed =>
      boundsOf({ firstPauseMs, shareOfElapsed }, intervalMs)
    )
  )
}

/** The simulations as two tables of plain text. */
export function describeSchedules(intervalMs = MINUTE): string {
  const rows = simulateSchedules({ intervalMs }).map(({ name, fixed, growing }) => [
    name,
    fixed.polls.toFixed(1),
    growing.polls.toFixed(1),
    `+${growing.maxMore}`,
    seconds(fixed.meanLagMs),
    seconds(growing.meanLagMs),
    seconds(growing.p95LagMs),
    percent(growing.lagShare)
  ])
  const choices = compareSchedules(intervalMs).map(
    ({ schedule, maxMore, meanLagBefore40Ms, worstShareAfter40 }) => [
      `${seconds(schedule.firstPauseMs)}, ${percent(schedule.shareOfElapsed)}${isChosen(schedule) ? ' (chosen)' : ''}`,
      `+${maxMore}`,
      seconds(meanLagBefore40Ms),
      percent(worstShareAfter40)
    ]
  )
  return [
    `Polls and lag with poll-interval ${intervalMs / SECOND} s, fixed and growing:`,
    table(
      [
        'approval',
        'polls fixed',
        'polls growing',
        'more at most',
        'lag fixed',
        'lag growing',
        'p95',
        'of the wait'
      ],
      rows
    ),
    '',
    'What else could have been chosen (first pause, share of the time waited):',
    table(
      ['schedule', 'more at most', 'mean lag before 40 s', 'mean lag after, of the wait, worst span'],
      choices
    )
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
