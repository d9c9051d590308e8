/** What passing time does to runs. */
import { failGate, settle } from './gates.ts'
import { cancelRun } from './runs.ts'
import { latestAttempt, type World } from './state.ts'

const DAY_MS = 24 * 60 * 60_000
/** Documented: a job that waits longer than this fails. */
const MAX_WAIT_MS = 30 * DAY_MS
/** Documented: a run ends after this, its waits included. */
const MAX_RUN_MS = 35 * DAY_MS

/** Carries out what the time brings: timers that end, waits and runs that are too old. */
export function passTime(world: World): void {
  const now = world.now()
  for (const repository of world.repositories) {
    for (const run of repository.runs.values()) {
      for (const gate of latestAttempt(run).gates.filter(({ state }) => state === 'waiting')) {
        if (now - gate.openedAt > MAX_WAIT_MS) failGate(world, run, gate)
        else settle(world, run, gate)
      }
      const isOpen = latestAttempt(run).jobs.some(({ status }) => status !== 'completed')
      if (isOpen && now - latestAttempt(run).startedAt > MAX_RUN_MS) cancelRun(world, run)
    }
  }
}
