/**
 * The fault matrix, the kills, the signals, the races and the load, one after the other.
 *
 *   npm run test:faults                          everything; fails when a promise is broken or the report is stale
 *   npm run test:faults -- --report              everything, and writes docs/fault-matrix.md
 *   npm run test:faults -- --part kill           one part: matrix, kill, signal, race or load
 *   npm run test:faults -- --only attach         scenarios whose name or API contains this
 *   npm run test:faults -- --fault '429'         faults of this column
 *   npm run test:faults -- --logs                with the log of the steps of each failing case
 *
 * `ACTION_NODE` names the node binary that runs the actions, `FAULT_JOBS` how many run side by side.
 */
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { kills, runKills } from './kill.ts'
import { runLoad } from './load.ts'
import { combinations, runMatrix } from './matrix.ts'
import { type Baseline, baselineOf, type Point, withoutRepeats } from './points.ts'
import { inParallel } from './pool.ts'
import { race } from './race.ts'
import { isStale, type Results, report, writeReport } from './report.ts'
import { FILES, SCENARIOS } from './scenarios.ts'
import { cancels, runCancels } from './signals.ts'
import { createWorkspace } from './world.ts'

const { values: options } = parseArgs({
  options: {
    report: { type: 'boolean', default: false },
    part: { type: 'string' },
    only: { type: 'string' },
    fault: { type: 'string' },
    logs: { type: 'boolean', default: false }
  }
})

/** Most of the time a step sleeps before it tries again. */
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
    say('docs/fault-matrix.md does not say what was found: run npm run test:faults -- --report')
    return 1
  }
  return 0
}

async function runParts(baselines: readonly Baseline[]): Promise<Partial<Results>> {
  const results: { -readonly [K in keyof Results]?: Results[K] } = { baselines }
  if (wanted('matrix')) {
    const all = combinations(baselines).filter(
      one => options.fault === undefined || one.fault.key === options.fault
    )
    const findings = await runMatrix(all, workspace, JOBS, one =>
      show(`${where(one)} · ${one.fault.key} → ${one.ending}`, one)
    )
    results.findings = findings
    const survived = findings.filter(one => one.ending === 'survived').length
    say(
      `matrix: ${findings.length} combinations, ${survived} survived, ${findings.length - survived} refused`
    )
    const slowest = findings.reduce((a, b) => (b.ms > a.ms ? b : a))
    say(`slowest: ${(slowest.ms / 1000).toFixed(1)} s, ${where(slowest)} · ${slowest.fault.key}`)
  }
  if (wanted('kill')) {
    const killed = await runKills(kills(baselines), workspace, JOBS)
    for (const one of killed) show(`${where(one)} · killed${one.committed ? ', carried out' : ''}`, one)
    results.killed = killed
    say(`kill -9: ${killed.length} points`)
  }
  if (wanted('signal')) {
    const canceled = await runCancels(cancels(baselines), workspace, 4)
    for (const one of canceled) show(`${where(one)} · ${one.signal}`, one)
    results.canceled = canceled
    const longest = Math.max(...canceled.map(one => one.goneMs))
    say(`signals: ${canceled.length} points, the slowest gone after ${Math.round(longest)} ms`)
  }
  if (wanted('race')) {
    const races = []
    for (const { scenario } of baselines.filter(isRace)) {
      const one = await race(scenario, workspace, RACERS)
      show(`race · ${one.name}`, one)
      races.push(one)
    }
    results.races = races
    say(`races: ${races.length} of ${RACERS} processes each`)
  }
  if (wanted('load') && options.only === undefined) {
    const load = await runLoad()
    show('load', { wrong: load.wrong, log: '' })
    results.load = load
    say(`load: ${load.requests} requests in ${Math.round(load.minutes)} minutes of the instance's clock`)
  }
  return results
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
