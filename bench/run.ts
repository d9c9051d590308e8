/**
 * Measures the actions against their targets. `npm run bench` measures all rows and writes bench/results.md.
 * `npm run bench -- ROW…` measures the named rows and prints them.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import '../test/fresh-dist.ts'
import { type Measured, machine, resultsPage, resultsTable } from './report.ts'
import type { Scenario } from './scenario.ts'
import { coldStart } from './scenarios/cold-start.ts'
import { createChange } from './scenarios/create-change.ts'
import { crowd } from './scenarios/crowd.ts'
import { largeFile } from './scenarios/large-file.ts'
import { polling } from './scenarios/polling.ts'
import { requests } from './scenarios/requests.ts'
import { resume } from './scenarios/resume.ts'
import { sandbox } from './scenarios/sandbox.ts'
import { size } from './scenarios/size.ts'
import { smallFiles } from './scenarios/small-files.ts'

const SCENARIOS = [
  coldStart,
  createChange,
  size,
  requests,
  polling,
  largeFile,
  smallFiles,
  crowd,
  resume,
  sandbox
]

const names = process.argv.slice(2)
const unknown = names.filter(name => !SCENARIOS.some(one => one.name === name))
if (unknown.length > 0) {
  const known = SCENARIOS.map(one => one.name).join(', ')
  console.error(`Unknown row: ${unknown.join(', ')}. Fix: use some of ${known}.`)
  process.exit(2)
}

const machineText = machine()
const measured: Measured[] = []
for (const scenario of SCENARIOS.filter(one => names.length === 0 || names.includes(one.name))) {
  console.log(`\n▸ ${scenario.title} (${scenario.name})\n`)
  const one = await measure(scenario)
  measured.push(one)
  if (one.result !== undefined) console.log(one.result.details)
}
console.log(`\n${machineText}\n\n${resultsTable(measured)}`)
if (names.length === 0) {
  writeFileSync(join(import.meta.dirname, 'results.md'), resultsPage(measured, new Date(), machineText))
}
// A missed target does not fail the command. A row that could not be measured does.
if (measured.some(one => one.result === undefined)) process.exitCode = 1

async function measure(scenario: Scenario): Promise<Measured> {
  try {
    return { scenario, result: await scenario.run() }
  } catch (error) {
    console.error(error)
    return { scenario, error: oneLine(error) }
  }
}

/** The first line of the message, for a cell of a Markdown table. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0]?.replaceAll('|', '\\|') ?? ''
}
