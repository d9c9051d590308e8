/** An OpenTelemetry Collector and Prometheus as processes, with the files of monitoring/. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const MONITORING = join(import.meta.dirname, '../../monitoring')

const MAX_START_MS = 30_000

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
  const [otlp, scraped, web] = [await freePort(), await freePort(), await freePort()]
  const collector = start(
    binary('OTELCOL', 'otelcol', 'cd test/telemetry/collector && go build'),
    ['--config', `file:${join(MONITORING, 'collector.yaml')}`],
    { OTLP_LISTEN: `127.0.0.1:${otlp}`, PROMETHEUS_LISTEN: `127.0.0.1:${scraped}` }
  )
  const prometheus = start(binary('PROMETHEUS', 'prometheus', 'install the package prometheus'), [
    `--config.file=${configuration(folder, scraped)}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${web}`
  ])
  const servers = [collector, prometheus]
  const stop = async () => {
    for (const { child } of servers) child.kill()
    await Promise.all(servers.map(one => one.ended))
    rmSync(folder, { recursive: true, force: true })
  }
  const api = `http://127.0.0.1:${web}/api/v1`
  try {
    await isUp(`http://127.0.0.1:${scraped}/metrics`, collector)
    await isUp(`http://127.0.0.1:${web}/-/ready`, prometheus)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    otlp: `http://127.0.0.1:${otlp}`,
    async firing() {
      const { alerts } = await get<{ alerts: { state: string; labels: { alertname: string } }[] }>(
        `${api}/alerts`
      )
      return [
        ...new Set(alerts.filter(one => one.state === 'firing').map(one => one.labels.alertname))
      ].sort()
    },
    async query(expression) {
      const url = `${api}/query?query=${encodeURIComponent(expression)}`
      const { result } = await get<{ result: { value: [number, string] }[] }>(url)
      return result.map(({ value }) => Number(value[1]))
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

function binary(variable: string, name: string, fix: string) {
  return {
    path: process.env[variable] || name,
    missing: `there is no ${name}: ${fix}, or set ${variable} to its path`
  }
}

interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<void>
  /** Why it is not running; undefined while it is. */
  failure(): string | undefined
}

function start({ path, missing }: ReturnType<typeof binary>, args: readonly string[], env = {}): Started {
  const child = spawn(path, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let written = ''
  let failure: string | undefined
  child.stderr.on('data', chunk => {
    written = `${written}${chunk}`.slice(-4_000)
  })
  const ended = new Promise<void>(resolve => {
    child.on('error', error => {
      failure = 'code' in error && error.code === 'ENOENT' ? missing : error.message
      resolve()
    })
    child.on('exit', code => {
      failure ??= `${path} ended with ${code}: ${written}`
      resolve()
    })
  })
  return { child, ended, failure: () => failure }
}

async function isUp(url: string, { failure }: Started): Promise<void> {
  for (const end = Date.now() + MAX_START_MS; Date.now() < end; await delay(50)) {
    const problem = failure()
    if (problem !== undefined) throw new Error(problem)
    const ok = await fetch(url).then(
      response => response.ok,
      () => false
    )
    if (ok) return
  }
  throw new Error(`${url} did not respond within ${MAX_START_MS} ms`)
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url)
  const { data, error } = (await response.json()) as { data: T; error?: string }
  if (!response.ok) throw new Error(error ?? `status ${response.status}`)
  return data
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
