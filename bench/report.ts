import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os'
import { table } from './measure/format.ts'
import type { Finding, Result, Scenario } from './scenario.ts'

/** A scenario that was run; without a result it could not be measured. */
export interface Measured {
  readonly scenario: Pick<Scenario, 'name' | 'title'>
  readonly result?: Result
  readonly error?: string
}

/** What the numbers depend on, and nothing that names the machine. Asked before the run, it tells who else is at work. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() || arch()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB of memory`
  const load = `load ${loadavg()[0]?.toFixed(1)} at the start`
  return `${availableParallelism()} cores (${model}), ${memory}, ${load}, ${platform()} ${arch()}, Node ${process.version}`
}

function verdict({ met }: Finding): string {
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
    verdict(one),
    `\`${scenario.name}\``
  ])
}

/** The targets with what was measured. */
export function resultsTable(all: readonly Measured[]): string {
  return table(['what', 'target', 'measured', 'met', 'row'], all.flatMap(rowsOf))
}

/** The page of results. */
export function resultsPage(all: readonly Measured[], date: Date, about: string): string {
  const details = all.flatMap(({ scenario, result }) =>
    result === undefined ? [] : [`## ${scenario.title} (\`${scenario.name}\`)`, result.details]
  )
  return [
    '# Results',
    `Written by \`npm run bench\` on ${date.toISOString().slice(0, 10)}: ${about}. What the numbers mean: [docs/performance.md](../docs/performance.md).`,
    resultsTable(all),
    ...details
  ]
    .join('\n\n')
    .concat('\n')
}
