/**
 * Runs the reusable workflows and the examples with act, each in an empty repository against a sandbox of its own,
 * and looks at the sandbox's records afterwards.
 *
 *   npm run test:workflows                  all of them
 *   npm run test:workflows -- rollback      those whose subject or name contains this
 *   npm run test:workflows -- --logs        with the log of every run, not of the failed ones alone
 *
 * `ACT` names the act binary, `WORKFLOW_JOBS` how many scenarios run side by side.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import '../fresh-dist.ts'
import { inParallel } from '../faults/pool.ts'
import { findAct } from './act.ts'
import { play, type Result } from './play.ts'
import { publish } from './repositories.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { table } from './table.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { logs: { type: 'boolean', default: false } }
})
/** Most of a run is waiting: for approvals, and for act to start and end. */
const JOBS = Number(process.env.WORKFLOW_JOBS ?? availableParallelism() * 2)

const folder = mkdtempSync(join(tmpdir(), 'workflows-'))
try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
// People who would have waited longer must not keep the process alive.
process.exit()

async function main(): Promise<number> {
  const chosen = SCENARIOS.filter(one => `${one.subject}: ${one.name}`.includes(positionals.join(' ')))
  if (chosen.length === 0) {
    console.error('No scenario has that in its name.')
    return 1
  }
  const stage = { act: findAct(), published: publish(folder), folder }
  const results = await inParallel(chosen, JOBS, async scenario => {
    const result = await play(scenario, stage)
    show(result)
    return result
  })
  console.log(`\n${table(results)}`)
  const failed = results.filter(one => one.wrong !== undefined).length
  console.log(`\n${results.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function show({ scenario, seconds, tries, wrong, log }: Result): void {
  const again = tries === 1 ? '' : ` (try ${tries}: act had lost what a failed step printed)`
  const mark = wrong === undefined ? '✓' : '✗'
  console.log(`${mark} ${seconds.toFixed(1).padStart(5)} s  ${scenario.subject}: ${scenario.name}${again}`)
  if (wrong !== undefined) console.log(wrong.replace(/^/gm, '      '))
  if (wrong !== undefined || options.logs) console.log(log.replace(/^/gm, '      | '))
}
