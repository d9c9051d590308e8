/**
 * The fault matrix, the kills, the signals, the races and the load, one after the other. The matrix runs the sources
 * in this process; some of it, drawn by the seed, also the bundles, each in a process of its own as all other parts do.
 *
 *   npm run test:faults                          everything; fails when a promise is broken
 *   npm run test:faults -- --report              everything, and writes docs/fault-matrix.md
 *   npm run test:faults -- --part kill           one part: matrix, bundles, kill, signal, race or load
 *   npm run test:faults -- --bundles 2138        so many combinations of the matrix with the bundles; 100 unless given
 *   npm run test:faults -- --seed 7              the same ones again
 *   npm run test:faults -- --only attach         scenarios whose name or API contains this
 *   npm run test:faults -- --fault '429'         faults of this column
 *   npm run test:faults -- --logs                with the log of the steps of each failing case
 *
 * `ACTION_NODE` names the node binary that runs the actions, `FAULT_JOBS` how many run side by side.
 */
import { randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { seeded } from '../../packages/change-control/src/polling-simulation.ts'
import '../fresh-dist.ts'
import { type Killed, kills, runKills } from './kill.ts'
import { type Load, runLoad } from './load.ts'
import { type Combination, combinations, type Finding, runMatrix } from './matrix.ts'
import { type Baseline, baselineOf, type Point, withoutRepeats } from './points.ts'
import { inParallel } from './pool.ts'
import { type Race, race } from './race.ts'
import { isStale, type Results, report, writeReport } from './report.ts'
import { SCENARIOS } from './scenarios.ts'
import { FILES } from './setup.ts'
import { type Canceled, cancels, runCancels } from './signals.ts'
import { createWorkspace, type Place } from './world.ts'

const { values: options } = parseArgs({
  options: {
    report: { type: 'boolean', default: false },
    part: { type: 'string' },
    bundles: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    only: { type: 'string' },
    fault: { type: 'string' },
    logs: { type: 'boolean', default: false }
  }
})

/** A step sleeps most of its time, before it tries again. */
const JOBS = Number(process.env.FAULT_JOBS ?? availableParallelism() * 5)
const RACERS = 20

interface Failing {
  readonly wrong: readonly string[]
  readonly log: string
}

const workspace = createWorkspace(FILES)
const started = performance.now()
let failures = 0
try {
  process.exitCode = await main()
} finally {
  rmSync(dirname(workspace), { recursive: true, force: true })
}
// Timers of those who would have waited longer must not keep the process alive.
process.exit()

async function main(): Promise<number> {
  const chosen = SCENARIOS.filter(one => `${one.api} ${one.name}`.includes(options.only ?? ''))
  const baselines = withoutRepeats(await inParallel(chosen, 3, one => baselineOf(one, workspace)))
  say(`${chosen.length} scenarios run undisturbed`)
  const results = await runParts(baselines)
  if (failures > 0) {
    say(`${failures} cases broke a promise`)
    return 1
  }
  if (!isWhole(results)) return 0
  const text = report(results)
  if (options.report) writeReport(text)
  else if (isStale(text)) {
    // A page to be written anew is no broken promise: on a slow machine a wait may poll once more.
    say('docs/fault-matrix.md no longer tells what was found: run npm run test:faults -- --report')
  }
  return 0
}

async function runParts(baselines: readonly Baseline[]): Promise<Partial<Results>> {
  return {
    baselines,
    ...(wanted('matrix') ? { findings: await matrix(baselines) } : {}),
    ...(wanted('bundles') ? { bundles: await sampleBundles(baselines) } : {}),
    ...(wanted('kill') ? { killed: await killAll(baselines) } : {}),
    ...(wanted('signal') ? { canceled: await cancelAll(baselines) } : {}),
    ...(wanted('race') ? { races: await raceAll(baselines) } : {}),
    ...(wanted('load') && options.only === undefined ? { load: await loadAll() } : {})
  }
}

async function matrix(baselines: readonly Baseline[]): Promise<Finding[]> {
  const findings = await strikeAll(wantedCombinations(baselines), 'here')
  const survived = findings.filter(one => one.result === 'survived').length
  say(`matrix: ${findings.length} combinations, ${survived} survived, ${findings.length - survived} refused`)
  const [slowest] = [...findings].sort((a, b) => b.ms - a.ms)
  if (slowest !== undefined)
    say(`slowest: ${(slowest.ms / 1000).toFixed(1)} s, ${where(slowest)} · ${slowest.fault.key}`)
  return findings
}

/** What differs between the sources in this process and a bundle in its own would show here. */
async function sampleBundles(baselines: readonly Baseline[]): Promise<number> {
  const random = seeded(Number(options.seed))
  const drawn = wantedCombinations(baselines)
    .map(combination => ({ combination, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, Number(options.bundles))
    .map(one => one.combination)
  await strikeAll(drawn, 'process')
  say(`bundles: ${drawn.length} combinations again, as processes (seed ${options.seed})`)
  return drawn.length
}

function wantedCombinations(baselines: readonly Baseline[]): Combination[] {
  return combinations(baselines).filter(one => options.fault === undefined || one.fault.key === options.fault)
}

function strikeAll(all: readonly Combination[], place: Place): Promise<Finding[]> {
  return runMatrix(all, {
    workspace,
    place,
    limit: place === 'here' ? JOBS * 4 : JOBS,
    tell: one => show(`${where(one)} · ${one.fault.key} → ${one.result}`, one)
  })
}

async function killAll(baselines: readonly Baseline[]): Promise<Killed[]> {
  const killed = await runKills(kills(baselines), workspace, JOBS)
  for (const one of killed) show(`${where(one)} · killed${one.committed ? ', carried out' : ''}`, one)
  say(`kill -9: ${killed.length} points`)
  return killed
}

async function cancelAll(baselines: readonly Baseline[]): Promise<Canceled[]> {
  // Few at a time: here it is the seconds that are promised.
  const canceled = await runCancels(cancels(baselines), workspace, 4)
  for (const one of canceled) show(`${where(one)} · ${one.signal} ${one.moment} it`, one)
  const longest = Math.max(0, ...canceled.map(one => one.goneMs))
  say(`signals: ${canceled.length} points, the slowest gone after ${Math.round(longest)} ms`)
  return canceled
}

async function raceAll(baselines: readonly Baseline[]): Promise<Race[]> {
  const races: Race[] = []
  for (const { scenario } of baselines.filter(isRace)) {
    const one = await race(scenario, workspace, RACERS)
    show(`race · ${one.name}`, one)
    races.push(one)
  }
  say(`races: ${races.length} of ${RACERS} processes each`)
  return races
}

async function loadAll(): Promise<Load> {
  const load = await runLoad()
  show('load', { wrong: load.wrong, log: '' })
  say(`load: ${load.requests} requests in ${Math.round(load.minutes)} minutes of the instance's clock`)
  return load
}

function wanted(part: string): boolean {
  return options.part === undefined || options.part === part
}

/** Those that create a change where there was none. */
function isRace({ scenario }: Baseline): boolean {
  return /^create-change, (?:normal|standard)/.test(scenario.name)
}

function isWhole(results: Partial<Results>): results is Results {
  return (
    options.part === undefined &&
    options.only === undefined &&
    options.fault === undefined &&
    results.load !== undefined
  )
}

function where({ baseline, point }: { baseline: Baseline; point: Point }): string {
  const { scenario } = baseline
  return `${scenario.name} (${scenario.api} API) · ${point.method} ${point.path} #${point.nth}`
}

function show(what: string, { wrong, log }: Failing): void {
  if (wrong.length === 0) return
  failures += 1
  console.log(`✗ ${what}\n${wrong.map(text => `    ${text}`).join('\n')}`)
  // The first ones tell most; a thousand logs tell nothing.
  if (options.logs || failures <= 3) console.log(log.replace(/^/gm, '      '))
}

function say(text: string): void {
  console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${text}`)
}
