/** The requests of an undisturbed run: the list of places where a fault can strike. */
import type { Passed } from './front.ts'
import { startFront } from './front.ts'
import { type ChangeRecord, recordOf } from './record.ts'
import type { Scenario } from './scenario.ts'
import { World } from './world.ts'

export interface Point {
  /** Position in the run, from 0. */
  readonly index: number
  readonly method: string
  /** Without query, ids replaced by `:id`. */
  readonly path: string
  /** Which of the requests with this method and path, from 1. */
  readonly nth: number
  /** It requests a change of state. */
  readonly moves: boolean
  /** A poll that reads few fields of the change. */
  readonly brief: boolean
  /** Sent side by side with the one before it. */
  readonly alongside: boolean
}

/** What an undisturbed run sends and leaves behind; every other run is held to it. */
export interface Baseline {
  readonly scenario: Scenario
  readonly points: readonly Point[]
  /** Those to strike: what another scenario sends in the same way is struck there. */
  readonly own: readonly Point[]
  readonly record: readonly ChangeRecord[]
  readonly outputs: Readonly<Record<string, string>>
  /** The point whose response names the change; -1 when no output does. */
  readonly naming: number
}

/** Makes what is sent side by side overlap for certain. */
const LATENCY_MS = 60

/**
 * Runs the scenario with nothing in its way.
 * @throws Error when even that does not do the work
 */
export async function baselineOf(scenario: Scenario, workspace: string): Promise<Baseline> {
  const world = await World.open(scenario, workspace, { latencyMs: LATENCY_MS })
  const front = await startFront(world.sandbox.url)
  try {
    const run = await world.run({ instance: front.url })
    const record = recordOf(world.sandbox)
    if (run.code !== 0 || !scenario.isDone(record)) {
      throw new Error(
        `${scenario.name} on the ${scenario.api} API does not do its work undisturbed (exit code ${run.code}):\n${run.log}\n${JSON.stringify(record, null, 1)}`
      )
    }
    const points = pointsOf(front.passed)
    const naming = indexOf(points, scenario.naming)
    if (naming < 0 && scenario.naming !== undefined)
      throw new Error(`${scenario.name}: no request is ${scenario.naming}`)
    return { scenario, points, own: points, record, outputs: run.outputs, naming }
  } finally {
    await front.close()
    await world.close()
  }
}

function pointsOf(passed: readonly Passed[]): Point[] {
  const seen = new Map<string, number>()
  return groups(passed).flatMap((group, _, all) => {
    const before = all.slice(0, all.indexOf(group)).reduce((sum, one) => sum + one.length, 0)
    return group.map((one, n) => {
      const path = shapeOf(one.path)
      const key = `${one.method} ${path}`
      const nth = (seen.get(key) ?? 0) + 1
      seen.set(key, nth)
      return {
        index: before + n,
        method: one.method,
        path,
        nth,
        moves:
          one.method === 'PATCH' &&
          /"state":/.test(one.body) &&
          /\/change(?:_request|_task)?\/:id$/.test(path),
        brief: path === '/api/now/table/change_request/:id' && one.path.includes('sysparm_fields='),
        alongside: n > 0
      }
    })
  })
}

/** Requests that overlapped, in an order that is the same in every run. */
function groups(passed: readonly Passed[]): Passed[][] {
  const result: Passed[][] = []
  let until = -1
  for (const one of [...passed].sort((a, b) => a.from - b.from)) {
    const group = result.at(-1)
    if (group !== undefined && one.from < until) group.push(one)
    else result.push([one])
    until = Math.max(until, one.to)
  }
  const key = (one: Passed) => `${one.method} ${one.path}`
  return result.map(group => group.sort((a, b) => (key(a) < key(b) ? -1 : 1)))
}

function shapeOf(target: string): string {
  return (target.split('?')[0] ?? '').replace(/[0-9a-f]{32}/g, ':id')
}

/** Matches the path of a point, whatever its ids and query. */
export function patternOf({ path }: Point): RegExp {
  const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(':id', '[0-9a-f]{32}')
  return new RegExp(`^${escaped}(?:\\?|$)`)
}

/** What a scenario sends like an earlier one, over the same API or the other, is struck there. */
export function withoutRepeats(baselines: readonly Baseline[]): Baseline[] {
  return baselines.map((baseline, n) => {
    const { name, like = name } = baseline.scenario
    const twin = baselines.slice(0, n).find(one => one.scenario.name === like)
    if (twin === undefined) return baseline
    const seen = new Set(twin.points.map(keyOf))
    return { ...baseline, own: baseline.points.filter(point => !seen.has(keyOf(point))) }
  })
}

function keyOf({ method, path, nth }: Point): string {
  return `${method} ${path} ${nth}`
}

/** `GET /path`: the first one; `GET /path #2`: the second one. */
function indexOf(points: readonly Point[], naming: string | undefined): number {
  const [request, number = '1'] = naming?.split(' #') ?? []
  const all = points.flatMap((point, n) => (`${point.method} ${point.path}` === request ? [n] : []))
  return all[Number(number) - 1] ?? -1
}
