/** Work the instance does later by itself: approvals, scheduled moves, conflict checks. */
export interface Job {
  readonly kind: JobKind
  readonly sysId: string
  readonly delayMs: number
}

export type JobKind =
  | 'technical-approval'
  | 'cab-approval'
  | 'auto-approve'
  | 'move-to-scheduled'
  | 'conflict-check'

/** A handler answers `hold` to be run again once the record is released. */
export type JobHandler = (sysId: string) => 'done' | 'hold'

interface Waiting {
  readonly job: Job
  readonly timer: NodeJS.Timeout
}

/** Timers as data, so that they survive a restart and never keep the process alive. */
export class Jobs {
  readonly #handlers: Readonly<Record<JobKind, JobHandler>>
  readonly #waiting = new Set<Waiting>()
  #held: Job[] = []
  #stopped = false

  constructor(handlers: Readonly<Record<JobKind, JobHandler>>) {
    this.#handlers = handlers
  }

  schedule(job: Job): void {
    if (this.#stopped) return
    const waiting: Waiting = { job, timer: setTimeout(() => this.#run(waiting), job.delayMs).unref() }
    this.#waiting.add(waiting)
  }

  #run(waiting: Waiting): void {
    this.#waiting.delete(waiting)
    if (this.#handlers[waiting.job.kind](waiting.job.sysId) === 'hold') this.#held.push(waiting.job)
  }

  /** Forgets what was planned for a record: jobs of these kinds, or all. */
  cancel(sysId: string, ...kinds: readonly JobKind[]): void {
    const meant = (job: Job) => job.sysId === sysId && (kinds.length === 0 || kinds.includes(job.kind))
    for (const waiting of this.#waiting) {
      if (!meant(waiting.job)) continue
      clearTimeout(waiting.timer)
      this.#waiting.delete(waiting)
    }
    this.#held = this.#held.filter(job => !meant(job))
  }

  /** Takes up again what was held for a record. */
  release(sysId: string): void {
    const due = this.#held.filter(job => job.sysId === sysId)
    this.#held = this.#held.filter(job => job.sysId !== sysId)
    for (const job of due) this.schedule(job)
  }

  /** Everything still to do, for the state file. */
  pending(): Job[] {
    return [...[...this.#waiting].map(waiting => waiting.job), ...this.#held]
  }

  stop(): void {
    this.#stopped = true
    for (const { timer } of this.#waiting) clearTimeout(timer)
    this.#waiting.clear()
  }
}
