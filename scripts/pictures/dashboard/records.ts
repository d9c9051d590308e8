/** What the recording rules would have recorded while the samples came in, by promtool. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { program } from '../../../test/telemetry/processes.ts'
import { startPrometheus } from '../../../test/telemetry/prometheus.ts'

/** Seconds between two evaluations of a rule. */
const EVALUATION_SECONDS = 120

interface Rule {
  /** The name of the series that it records; absent for an alert. */
  readonly record?: string
  readonly expr: string
}

/** @throws Error that says that it is missing, or what it wrote */
export function promtool(...command: readonly string[]): void {
  const { path, missing } = program('PROMTOOL', 'promtool', 'it comes with the package prometheus')
  const { error, status, stderr } = spawnSync(path, command, { encoding: 'utf8' })
  if (error !== undefined) throw new Error(missing, { cause: error })
  if (status !== 0) throw new Error(`promtool ended with ${status}: ${stderr}`)
}

/**
 * Adds what the rules of a file record to the data of a Prometheus that does not run.
 *
 * @param folder with the data, in `data`
 * @param configuration path of a configuration without rules
 * @param from epoch seconds, as `to`
 */
export async function addRecords(
  folder: string,
  configuration: string,
  rules: string,
  from: number,
  to: number
): Promise<void> {
  const { groups } = parse(readFileSync(rules, 'utf8')) as { groups: { rules: Rule[] }[] }
  for (const level of levelsOf(groups.flatMap(group => group.rules))) {
    const file = join(folder, 'level.yaml')
    // Without `* 1` the parts of an `or` are two series to promtool, of which it takes one.
    const asOne = level.map(rule => ({ ...rule, expr: `(${rule.expr}) * 1` }))
    writeFileSync(file, stringify({ groups: [{ name: 'level', rules: asOne }] }))
    const prometheus = await startPrometheus(folder, configuration)
    try {
      const period = [`--start=${from}`, `--end=${to}`, `--eval-interval=${EVALUATION_SECONDS}s`]
      const places = [`--url=${prometheus.url}`, `--output-dir=${join(folder, 'data')}`]
      promtool('tsdb', 'create-blocks-from', 'rules', ...period, ...places, file)
    } finally {
      await prometheus.stop()
    }
  }
}

/**
 * The recording rules in steps: those of a step use what the steps before it record. A rule that uses what it recorded
 * itself sees none of it.
 */
export function levelsOf(rules: readonly Rule[]): Rule[][] {
  let left = rules.filter(rule => rule.record !== undefined)
  const levels: Rule[][] = []
  while (left.length > 0) {
    const waits = (rule: Rule) =>
      left.some(({ record = '' }) => record !== rule.record && rule.expr.includes(record))
    const level = left.filter(rule => !waits(rule))
    if (level.length === 0) throw new Error('Recording rules use each other')
    levels.push(level)
    left = left.filter(waits)
  }
  return levels
}
