import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os'
import { table } from './measure/format.ts'
import type { Finding, Result, Scenario } from './scenario.ts'

/** A scenario with its result, or with the error when it could not be measured. */
export interface Measured {
  readonly scenario: Pick<Scenario, 'name' | 'title'>
  readonly result?: Result
  readonly error?: string
}

/** The machine, its load now and the version of Node, without anything that identifies it. Call it before the run. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() || arch()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB of memory`
  const load = `load ${loadavg()[0]?.toFixed(1)} at the start`
  return `${availableParallelism()} cores (${model}), ${memory}, ${load}, ${platform()} ${arch()}, Node ${process.version}`
}

function metText({ met }: Finding): string {
  if (met === undefined) return ''
  return met ? 'yes' : '**no**'
}

function rowsOf({ scenario, result, error }: Measured): string[][] {
  if (result === undefined)
    return [[scenario.title, '', `not measured: ${error}`, '**no**', `\`${scenario.name}\``]]
  return result.findings.map(one => [
    one.what,
    one.target ?? '',
    one.measured,
    metText(one),
    `\`${scenario.name}\``
  ])
}

/** A Markdown table of all findings. */
export function resultsTable(all: readonly Measured[]): string {
  return table(['what', 'target', 'measured', 'met', 'row'], all.flatMap(rowsOf))
}

/**
 * The Markdown of bench/results.md.
 * @param machineText what {@link machine} returned before the run
 */
export function resultsPage(all: readonly Measured[], date: Date, machineText: string): string {
  const details = all.flatMap(({ scenario, result }) =>
    result === undefined ? [] : [`## ${scenario.title} (\`${scenario.name}\`)`, result.details]
  )
  return [
    '# Results',
    `Written by \`npm run bench\` on ${date.toISOString().slice(0, 10)}: ${machineText}. What the numbers mean: [docs/performance.md](../docs/performance.md).`,
    resultsTable(all),
    ...details
  ]
    .join('\n\n')
    .concat('\n')
}
