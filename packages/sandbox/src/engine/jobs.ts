import type { After } from '../clock.ts'

/** Work that the instance does later: approvals, delayed transitions, conflict detection, workers. */
export interface Job {
  readonly kind: JobKind
  /** The change, the worker, or the schedule item of a script. */
  readonly sysId: string
  readonly delayMs: number
}

export type JobKind =
  | 'technical-approval'
  | 'cab-approval'
  | 'auto-approve'
  | 'move-to-scheduled'
  | 'conflict-check'
  | 'worker'
  | 'script'

/** `hold`: the change is on hold, and the job runs again when the hold ends. */
export type JobResult = 'done' | 'hold'

export type JobHandler = (sysId: string) => JobResult

interface ScheduledJob {
  readonly job: Job
  readonly cancel: () => void
}

/** The scheduled jobs of an instance. */
export class Jobs {
  readonly #handlers: Readonly<Record<JobKind, JobHandler>>
  readonly #after: After
  readonly #scheduled = new Set<ScheduledJob>()
  #held: Job[] = []
  #stopped = false

  constructor(handlers: Readonly<Record<JobKind, JobHandler>>, after: After) {
    this.#handlers = handlers
    this.#after = after
  }

  schedule(job: Job): void {
    if (this.#stopped) return
    const scheduled: ScheduledJob = {
      job,
      cancel: this.#after(job.delayMs, () => this.#run(scheduled))
    }
    this.#scheduled.add(scheduled)
  }

  #run(scheduled: ScheduledJob): void {
    this.#scheduled.delete(scheduled)
    const { job } = scheduled
    if (this.#handlers[job.kind](job.sysId) === 'hold') this.#held.push(job)
  }

  /** Cancels the jobs of a record: those of the given kinds, or all when no kind is given. */
  cancel(sysId: string, ...kinds: readonly JobKind[]): void {
    const matches = (job: Job) => job.sysId === sysId && (kinds.length === 0 || kinds.includes(job.kind))
    for (const scheduled of this.#scheduled) {
      if (!matches(scheduled.job)) continue
      scheduled.cancel()
      this.#scheduled.delete(scheduled)
    }
    this.#held = this.#held.filter(job => !matches(job))
  }

  /** Cancels every job. */
  cancelAll(): void {
    for (const { cancel } of this.#scheduled) cancel()
    this.#scheduled.clear()
    this.#held = []
  }

  /** Schedules the held jobs of a record again. */
  release(sysId: string): void {
    const due = this.#held.filter(job => job.sysId === sysId)
    this.#held = this.#held.filter(job => job.sysId !== sysId)
    for (const job of due) this.schedule(job)
  }

  /** The scheduled and the held jobs, for the state file. */
  pending(): Job[] {
    return [...[...this.#scheduled].map(scheduled => scheduled.job), ...this.#held]
  }

  /** Cancels every job. Jobs scheduled afterwards are dropped. */
  stop(): void {
    this.#stopped = true
    for (const { cancel } of this.#scheduled) cancel()
    this.#scheduled.clear()
  }
}
