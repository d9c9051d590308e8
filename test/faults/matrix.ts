/** Every scenario, every request it makes, every fault. */
import { canStrike, expected, FAULTS, type FaultCase } from './faults.ts'
import { startFront } from './front.ts'
import { broken, missingOutputs, notRecovered } from './invariants.ts'
import { type Baseline, type Point, patternOf } from './points.ts'
import { inParallel } from './pool.ts'
import { type Place, type Run, World } from './world.ts'

export interface Combination {
  readonly baseline: Baseline
  readonly point: Point
  readonly fault: FaultCase
}

export interface Finding extends Combination {
  readonly result: 'survived' | 'refused'
  /** Broken promises. */
  readonly wrong: readonly string[]
  readonly ms: number
  readonly log: string
}

export function combinations(baselines: readonly Baseline[]): Combination[] {
  return baselines.flatMap(baseline =>
    baseline.own.flatMap(point =>
      FAULTS.filter(fault => canStrike(baseline.scenario, point, fault)).map(fault => ({
        baseline,
        point,
        fault
      }))
    )
  )
}

export interface MatrixOptions {
  readonly workspace: string
  readonly place: Place
  /** How many steps run side by side. */
  readonly limit: number
  readonly tell: (finding: Finding) => void
}

export function runMatrix(all: readonly Combination[], options: MatrixOptions): Promise<Finding[]> {
  return inParallel(all, options.limit, async combination => {
    const finding = await strike(combination, options)
    options.tell(finding)
    return finding
  })
}

async function strike(combination: Combination, { workspace, place }: MatrixOptions): Promise<Finding> {
  const { baseline, point, fault } = combination
  const world = await World.open(baseline.scenario, workspace, { place })
  try {
    const { run, struck } = await disturbed(world, combination)
    const result = run.code === 0 ? 'survived' : 'refused'
    const wrong = [
      ...(struck ? [] : ['the fault did not strike']),
      ...broken(baseline, world, run, fault),
      ...missingOutputs(baseline, run, point.index)
    ]
    const wanted = expected(baseline.scenario, point, fault)
    if (wanted !== 'either' && wanted !== result) wrong.push(`it was to be ${wanted} and was ${result}`)
    let { log } = run
    if (result === 'refused') {
      const again = await world.run({ attempt: baseline.scenario.nextAttempt ?? 2 })
      wrong.push(...notRecovered(baseline, world, again))
      log += `── attempt 2\n${again.log}`
    }
    return { ...combination, result, wrong, ms: run.ms, log }
  } finally {
    await world.close()
  }
}

/** The step with the fault in its way; the fault is gone afterwards. */
async function disturbed(world: World, combination: Combination): Promise<{ run: Run; struck: boolean }> {
  const { point, fault } = combination
  if (fault.strike === 'refused') return refused(world, point)
  const planted = world.sandbox.fault({
    method: point.method,
    path: patternOf(point),
    nth: point.nth,
    times: fault.forGood === true ? Number.POSITIVE_INFINITY : 1,
    ...fault.strike
  })
  const run = await world.run()
  const struck = planted.hits > 0
  planted.remove()
  return { run, struck }
}

/** Nobody listens when the request is made; the door opens again once the step has noticed. */
async function refused(world: World, point: Point): Promise<{ run: Run; struck: boolean }> {
  const front = await startFront(world.sandbox.url)
  try {
    await front.shutAfter(point.index)
    let struck = false
    const run = await world.run({
      instance: front.url,
      onLine: line => {
        if (struck || !/connection refused/.test(line)) return
        struck = true
        void front.open()
      }
    })
    return { run, struck }
  } finally {
    await front.close()
  }
}
