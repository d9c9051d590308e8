/** An OpenTelemetry Collector and Prometheus as processes, with the files of monitoring/. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCollector } from './collector.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'

const MONITORING = join(import.meta.dirname, '../../monitoring')

export interface Servers {
  /** Where steps send to. */
  readonly otlp: string
  /** Names of the alerts that are firing, sorted. */
  firing(): Promise<string[]>
  /** The values of an instant query. */
  query(expression: string): Promise<number[]>
  stop(): Promise<void>
}

/** @throws Error that says what is missing, or what a process wrote that did not start */
export async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'telemetry-'))
  const ends: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })]
  const stop = async () => {
    for (const end of ends.toReversed()) await end()
  }
  let prometheus: Prometheus
  let otlp: string
  try {
    const collector = await startCollector()
    ends.push(collector.stop)
    otlp = collector.otlp
    prometheus = await startPrometheus(folder, configuration(folder, collector.scraped.port))
    ends.push(prometheus.stop)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    otlp,
    async firing() {
      const firing = (await prometheus.alerts()).filter(one => one.state === 'firing')
      return [...new Set(firing.map(one => one.labels.alertname ?? ''))].sort()
    },
    async query(expression) {
      return (await prometheus.query(expression)).map(({ value }) => Number(value[1]))
    },
    stop
  }
}

/** The rules as they are, but for the time that a condition has to last: nobody waits for it here. */
function configuration(folder: string, scraped: number): string {
  const rules = join(folder, 'rules.yaml')
  const text = readFileSync(join(MONITORING, 'prometheus-rules.yaml'), 'utf8')
  writeFileSync(rules, text.replace(/^( +for:) \d+m$/gm, '$1 0s'))
  const path = join(folder, 'prometheus.yaml')
  writeFileSync(
    path,
    `global: { scrape_interval: 500ms, evaluation_interval: 500ms }
rule_files: [${rules}]
scrape_configs:
  - job_name: servicenow-change
    honor_labels: true
    static_configs: [{ targets: ['127.0.0.1:${scraped}'] }]
`
  )
  return path
}
