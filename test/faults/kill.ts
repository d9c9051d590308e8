/** A step is killed at every point of its way, and its job is run again. */
import { isWrite } from './faults.ts'
import { notRecovered } from './invariants.ts'
import { type Baseline, type Point, patternOf } from './points.ts'
import { inParallel } from './pool.ts'
import { doubles, recordOf } from './record.ts'
import { World } from './world.ts'

export interface Kill {
  readonly baseline: Baseline
  readonly point: Point
  /** The request was carried out before the process ended. */
  readonly committed: boolean
}

export interface Killed extends Kill {
  readonly wrong: readonly string[]
  readonly log: string
}

/** Before the response to every request: not carried out, and, where it writes, carried out. */
export function kills(baselines: readonly Baseline[]): Kill[] {
  return baselines.flatMap(baseline =>
    baseline.points.flatMap(point =>
      (isWrite(point) ? [false, true] : [false]).map(committed => ({ baseline, point, committed }))
    )
  )
}

export function runKills(all: readonly Kill[], workspace: string, limit: number): Promise<Killed[]> {
  return inParallel(all, limit, one => kill(one, workspace))
}

async function kill(one: Kill, workspace: string): Promise<Killed> {
  const { baseline, point, committed } = one
  const world = await World.open(baseline.scenario, workspace)
  try {
    const fault = world.sandbox.fault({
      method: point.method,
      path: patternOf(point),
      nth: point.nth,
      kind: 'no-answer',
      committed
    })
    const killed = await world.run({
      onStart: child => {
        const end = () => void child.kill('SIGKILL')
        world.sandbox.waitFor(() => fault.hits > 0, 30_000).then(end, end)
      }
    })
    fault.remove()
    const again = await world.run({ attempt: baseline.scenario.nextAttempt ?? 2 })
    const wrong = [
      ...(killed.signal === 'SIGKILL' ? [] : [`it was not killed and ended with ${killed.code}`]),
      ...(killed.unreadable === undefined ? [] : [`what it left cannot be read: ${killed.unreadable}`]),
      ...doubles(recordOf(world.sandbox)),
      ...notRecovered(baseline, world, again)
    ]
    return { ...one, wrong, log: `${killed.log}── attempt 2\n${again.log}` }
  } finally {
    await world.close()
  }
}
