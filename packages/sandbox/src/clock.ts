/** Runs a task after some milliseconds. Returns a function that cancels it. */
export type After = (ms: number, task: () => void) => () => void

/** Real time. A pending task does not keep the process alive. */
export const afterRealTime: After = (ms, task) => {
  const timer = setTimeout(task, ms).unref()
  return () => clearTimeout(timer)
}

/** A clock that a test moves. `now` and `after` are options of a sandbox. */
export interface ManualClock {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly after: After
  /** Moves the clock on. Tasks run in the order of their time, each with the clock at its time. */
  advance(ms: number): void
}

/** @param start epoch milliseconds */
export function createManualClock(start: number): ManualClock {
  let now = start
  const tasks = new Set<{ readonly at: number; readonly run: () => void }>()
  const nextTask = (until: number) =>
    [...tasks].filter(task => task.at <= until).sort((one, other) => one.at - other.at)[0]
  return {
    now: () => now,
    after: (ms, run) => {
      const task = { at: now + ms, run }
      tasks.add(task)
      return () => void tasks.delete(task)
    },
    advance: ms => {
      const until = now + ms
      for (let task = nextTask(until); task; task = nextTask(until)) {
        tasks.delete(task)
        now = Math.max(now, task.at)
        task.run()
      }
      now = Math.max(now, until)
    }
  }
}
