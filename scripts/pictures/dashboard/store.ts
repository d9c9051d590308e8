/**
 * What steps sent, in Prometheus: through a real collector with the configuration of monitoring/. Prometheus does not
 * scrape it for a week: the page that it would have scraped each two minutes is given to it with its time.
 */
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Collector, startCollector } from '../../../test/telemetry/collector.ts'
import { type Prometheus, startPrometheus } from '../../../test/telemetry/prometheus.ts'
import { addRecords, promtool } from './records.ts'
import type { Sent } from './runs.ts'

const RULES = join(import.meta.dirname, '../../../monitoring/prometheus-rules.yaml')

const MINUTE_MS = 60_000

/** What Prometheus has for each scrape, beside the page. */
const UP = 'up{job="servicenow-change",instance="collector"} 1'

/** How often Prometheus has a value. */
export const SCRAPE_SECONDS = 120

/** One block for all of the time: promtool reads the samples anew for each. */
const BLOCK = '744h'

/** The time from `from` to `to`, both in epoch milliseconds. */
export interface Period {
  readonly from: number
  readonly to: number
}

/**
 * Starts a Prometheus that has what was sent in a period, and what the rules of monitoring/ record of it. The end of the
 * period is now for it: it evaluates the alerts by its own clock, which cannot be moved.
 *
 * @returns it, and by how many milliseconds its times are later than those of what was sent
 * @throws Error when a program is missing, or something was not taken
 */
export async function startStore(
  sent: readonly Sent[],
  period: Period
): Promise<{ readonly prometheus: Prometheus; readonly laterMs: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const laterMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - period.to
    const [from, to] = [(period.from + laterMs) / 1_000, (period.to + laterMs) / 1_000]
    const samples = join(folder, 'samples.txt')
    await pipeline(Readable.from(scrapes(sent, period, laterMs)), createWriteStream(samples))
    const data = join(folder, 'data')
    promtool('tsdb', 'create-blocks-from', 'openmetrics', `--max-block-duration=${BLOCK}`, samples, data)
    rmSync(samples)
    const configuration = join(folder, 'prometheus.yaml')
    writeFileSync(configuration, '')
    await addRecords(folder, configuration, RULES, from, to)
    writeFileSync(configuration, `global: { evaluation_interval: 1s }\nrule_files: ['${RULES}']\n`)
    const prometheus = await startPrometheus(folder, configuration)
    const stop = async () => {
      await prometheus.stop()
      remove()
    }
    return { prometheus, laterMs, stop }
  } catch (error) {
    remove()
    throw error
  }
}

/** What is scraped in the period, as OpenMetrics. */
async function* scrapes(sent: readonly Sent[], { from, to }: Period, laterMs: number) {
  const collector = await startCollector()
  try {
    let next = 0
    let lines: readonly string[] = []
    for (let at = from; at <= to; at += SCRAPE_SECONDS * 1_000) {
      const first = next
      for (let one = sent[next]; one !== undefined && one.at <= at; one = sent[next]) {
        await deliver(collector, one.body)
        next++
      }
      if (next > first) lines = await scrape(collector)
      const seconds = (at + laterMs) / 1_000
      for (const line of [UP, ...lines]) yield `${line} ${seconds}\n`
    }
    yield '# EOF\n'
  } finally {
    await collector.stop()
  }
}

async function deliver({ otlp }: Collector, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${otlp}/v1/metrics`, { method: 'POST', headers, body })
  const text = await response.text()
  if (!response.ok || text.includes('rejected')) throw new Error(`The collector did not take it: ${text}`)
}

/** The lines of the collector's page that have values. */
async function scrape({ scraped }: Collector): Promise<string[]> {
  const text = await (await fetch(scraped.url)).text()
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
}
