/** A step is cancelled at every point of its way: it writes what it knows and ends at once. */
import { missingOutputs } from './invariants.ts'
import { type Baseline, type Point, patternOf } from './points.ts'
import { inParallel } from './pool.ts'
import { type Run, World } from './world.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export interface Cancel {
  readonly baseline: Baseline
  readonly point: Point
  readonly signal: (typeof SIGNALS)[number]
  /** While the request is under way, or after its response, while the step sleeps until its next poll. */
  readonly moment: 'during' | 'after'
}

export interface Canceled extends Cancel {
  readonly wrong: readonly string[]
  readonly goneMs: number
  readonly log: string
}

/** What the contract allows, from the signal to the end of the process. */
const MAX_MS = 2_000

/** Both signals while each request is under way, and between the polls of a wait. */
export function cancels(baselines: readonly Baseline[]): Cancel[] {
  return baselines.flatMap(baseline =>
    baseline.own.flatMap(point =>
      SIGNALS.flatMap(signal => [
        { baseline, point, signal, moment: 'during' as const },
        ...(isSleepAfter(baseline, point) ? [{ baseline, point, signal, moment: 'after' as const }] : [])
      ])
    )
  )
}

/** The next request of a wait is a poll of its own: there is a pause before it. */
function isSleepAfter({ scenario, points }: Baseline, { index }: Point): boolean {
  const next = points[index + 1]
  return scenario.script === 'wait-approval' && next?.path.endsWith('/:id') === true && next.nth > 1
}

export function runCancels(all: readonly Cancel[], workspace: string, limit: number): Promise<Canceled[]> {
  return inParallel(all, limit, one => cancel(one, workspace))
}

async function cancel(one: Cancel, workspace: string): Promise<Canceled> {
  const { baseline, signal } = one
  const world = await World.open(baseline.scenario, workspace)
  try {
    const isThere = momentOf(one, world)
    let sentAt = Number.NaN
    let goneMs = Number.NaN
    const run = await world.run({
      onStart: child => {
        child.on('exit', () => {
          goneMs = performance.now() - sentAt
        })
        const send = () => {
          sentAt = performance.now()
          child.kill(signal)
        }
        world.sandbox.waitFor(isThere, 30_000).then(send, send)
      }
    })
    return { ...one, goneMs, wrong: faultsOf(one, run, goneMs), log: run.log }
  } finally {
    await world.close()
  }
}

/** Holds the request up where the signal is to come during it; tells when it is time. */
function momentOf({ point, moment }: Cancel, world: World): () => boolean {
  const { method, nth } = point
  const path = patternOf(point)
  if (moment === 'during') {
    const fault = world.sandbox.fault({ method, path, nth, kind: 'no-answer' })
    return () => fault.hits > 0
  }
  const responses = () =>
    world.requests.filter(one => one.method === method && path.test(one.path) && one.status === 200)
  return () => responses().length >= nth
}

function faultsOf({ baseline, point }: Cancel, run: Run, goneMs: number): string[] {
  const { outputs } = run
  const waits = baseline.scenario.script === 'wait-approval'
  const errors = run.annotations.filter(annotation => annotation.kind === 'error').length
  return [
    ...(run.code === 130 ? [] : [`it ended with ${run.code ?? run.signal}, not 130`]),
    ...(goneMs < MAX_MS ? [] : [`it was gone after ${Math.round(goneMs)} ms`]),
    ...(run.unreadable === undefined ? [] : [`what it wrote cannot be read: ${run.unreadable}`]),
    ...(errors === 0 ? [] : [`${errors} error annotations`]),
    ...(run.summary.includes('Interrupted') ? [] : ['the summary does not say that it was interrupted']),
    ...(resultOf(outputs.metrics) === 'interrupted'
      ? []
      : ['the metrics do not say that it was interrupted']),
    ...(waits && outputs.outcome !== 'interrupted' ? [`outcome=${outputs.outcome}`] : []),
    ...(waits && outputs.approved !== 'false' ? [`approved=${outputs.approved}`] : []),
    ...missingOutputs(baseline, run, point.index)
  ]
}

function resultOf(metrics = '{}'): unknown {
  return JSON.parse(metrics).result
}
