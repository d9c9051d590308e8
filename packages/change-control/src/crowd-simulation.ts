import { nextPause, nextSlowdown, pauseAfterRefusal, YIELDING, type Yielding } from './polling.ts'
import { seeded, table } from './polling-simulation.ts'

/** Many waits that share one rate limit, counted in whole minutes. */
export interface Crowd {
  readonly waits: number
  readonly limitPerMinute: number
  readonly intervalMs: number
  /** The waits start within this time. */
  readonly startsMs: number
  /** Approvals come one after the other over this time. */
  readonly approvalsMs: number
  readonly yielding?: Yielding
  readonly seed?: number
}

export interface CrowdResult {
  readonly requests: number
  /** Share of the requests refused after the first two minutes. */
  readonly refused: number
  readonly meanLagMs: number
  readonly p95LagMs: number
  readonly worstLagMs: number
}

const MINUTE = 60_000
/** Approver rows are read with the first poll, and again at about this pace, unless the wait gives way to others. */
const ROWS_EVERY_MS = 4 * MINUTE

interface Wait {
  at: number
  readonly startedAt: number
  readonly approvedAt: number
  slowdown: number
  rowsAt: number
}

class Limit {
  requests = 0
  later = 0
  laterRefused = 0
  readonly #perMinute: number
  #minute = -1
  #used = 0

  constructor(perMinute: number) {
    this.#perMinute = perMinute
  }

  /** Milliseconds to wait before the next request; 0: let through. */
  request(at: number): number {
    const minute = Math.floor(at / MINUTE)
    if (minute !== this.#minute) this.#used = 0
    this.#minute = minute
    this.#used += 1
    this.requests += 1
    const refused = this.#used > this.#perMinute
    if (minute >= 2) {
      this.later += 1
      if (refused) this.laterRefused += 1
    }
    return refused ? Math.ceil(((minute + 1) * MINUTE - at) / 1_000) * 1_000 : 0
  }
}

/** Plays a crowd of waits to its end, on a clock of its own. */
export function simulateCrowd(crowd: Crowd): CrowdResult {
  const random = seeded(crowd.seed ?? 1)
  const limit = new Limit(crowd.limitPerMinute)
  const lags: number[] = []
  const queue = new Queue()
  for (let n = 0; n < crowd.waits; n += 1) {
    const startedAt = random() * crowd.startsMs
    const approvedAt = startedAt + (crowd.approvalsMs * (n + 1)) / crowd.waits
    queue.push({ at: startedAt, startedAt, approvedAt, slowdown: 1, rowsAt: Number.NEGATIVE_INFINITY })
  }
  for (let wait = queue.pop(); wait !== undefined; wait = queue.pop()) {
    const lag = poll(wait, limit, crowd, random)
    if (lag === undefined) queue.push(wait)
    else lags.push(lag)
  }
  lags.sort((a, b) => a - b)
  return {
    requests: limit.requests,
    refused: limit.laterRefused / Math.max(1, limit.later),
    meanLagMs: lags.reduce((sum, one) => sum + one, 0) / lags.length,
    p95LagMs: lags[Math.floor(lags.length * 0.95)] ?? 0,
    worstLagMs: lags.at(-1) ?? 0
  }
}

const CROWDS: readonly Crowd[] = [
  { waits: 300, limitPerMinute: 600, approvalsMs: 60 * MINUTE },
  { waits: 1_000, limitPerMinute: 600, approvalsMs: 60 * MINUTE },
  { waits: 1_000, limitPerMinute: 600, approvalsMs: 8 * MINUTE },
  { waits: 300, limitPerMinute: 100, approvalsMs: 60 * MINUTE }
].map(crowd => ({ ...crowd, intervalMs: MINUTE, startsMs: 30_000 }))

/** Ways to give way that could have been chosen. */
const CHOICES: readonly Yielding[] = [1.5, 2].flatMap(slower =>
  [0.005, 0.01, 0.02, 0.05].map(faster => ({ ...YIELDING, slower, faster }))
)

/** The results of crowds, as a table of plain text: lags in seconds, the worst of three runs. */
export function describeCrowds(): string {
  const rows = CROWDS.flatMap(crowd =>
    CHOICES.map(yielding => {
      const runs = [1, 2, 3].map(seed => simulateCrowd({ ...crowd, yielding, seed }))
      const worst = (read: (run: CrowdResult) => number) => Math.max(...runs.map(read))
      const chosen = yielding.slower === YIELDING.slower && yielding.faster === YIELDING.faster
      return [
        `${crowd.waits} on ${crowd.limitPerMinute}/min, ${crowd.approvalsMs / MINUTE} min`,
        `×${yielding.slower}, +${yielding.faster}${chosen ? ' (chosen)' : ''}`,
        `${(worst(run => run.refused) * 100).toFixed(0)} %`,
        ...(
          [run => run.meanLagMs, run => run.p95LagMs, run => run.worstLagMs] as ((
            run: CrowdResult
          ) => number)[]
        ).map(read => (worst(read) / 1_000).toFixed(0))
      ]
    })
  )
  return table(['waits', 'giving way', 'refused', 'mean lag', 'p95', 'worst'], rows)
}

/** The lag when the wait is over; undefined: it polls again at its new `at`. */
function poll(wait: Wait, limit: Limit, crowd: Crowd, random: () => number): number | undefined {
  const { at } = wait
  let retryAfterMs = limit.request(at)
  let refused = retryAfterMs > 0
  if (!refused && at >= wait.approvedAt) {
    // Who approved is read once more, with the retries of an ordinary request.
    let done = at
    for (let n = 0, pause = limit.request(done); pause > 0 && n < 4; n += 1) {
      done += pause
      pause = limit.request(done)
    }
    return done - wait.approvedAt
  }
  if (!refused && wait.slowdown === 1 && at - wait.rowsAt > ROWS_EVERY_MS) {
    retryAfterMs = limit.request(at)
    refused = retryAfterMs > 0
    if (!refused) wait.rowsAt = at
  }
  wait.slowdown = nextSlowdown(wait.slowdown, refused, crowd.yielding ?? YIELDING)
  const planned = nextPause(at - wait.startedAt, crowd.intervalMs) * wait.slowdown
  wait.at += refused ? pauseAfterRefusal(planned, retryAfterMs, crowd.intervalMs, random()) : planned
  return undefined
}

/** The waits by the time of their next poll: a binary heap, for there are thousands. */
class Queue {
  readonly #heap: Wait[] = []

  push(wait: Wait): void {
    const heap = this.#heap
    let n = heap.push(wait) - 1
    for (let up = (n - 1) >> 1; n > 0 && this.#at(up) > wait.at; up = (n - 1) >> 1) {
      heap[n] = heap[up] as Wait
      n = up
    }
    heap[n] = wait
  }

  pop(): Wait | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let n = 0
    for (;;) {
      const left = 2 * n + 1
      const down = this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(down) >= last.at) break
      heap[n] = heap[down] as Wait
      n = down
    }
    heap[n] = last
    return first
  }

  #at(n: number): number {
    return this.#heap[n]?.at ?? Number.POSITIVE_INFINITY
  }
}
