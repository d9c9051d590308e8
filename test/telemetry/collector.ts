/** A real OpenTelemetry Collector, configured by monitoring/collector.yaml. */
import { join } from 'node:path'
import { freePort, isUp, program, start } from './processes.ts'

const CONFIGURATION = join(import.meta.dirname, '../../monitoring/collector.yaml')

export interface Collector {
  /** Where steps send to. */
  readonly otlp: string
  /** What Prometheus scrapes. */
  readonly scraped: { readonly port: number; readonly url: string }
  stop(): Promise<void>
}

/** @throws Error that says what is missing, or what the process wrote that did not start */
export async function startCollector(): Promise<Collector> {
  const [otlp, port] = [await freePort(), await freePort()]
  const collector = start(
    program('OTELCOL', 'otelcol', 'cd test/telemetry/collector && go build'),
    ['--config', `file:${CONFIGURATION}`],
    { OTLP_LISTEN: `127.0.0.1:${otlp}`, PROMETHEUS_LISTEN: `127.0.0.1:${port}` }
  )
  const url = `http://127.0.0.1:${port}/metrics`
  try {
    await isUp(url, collector)
  } catch (error) {
    await collector.stop()
    throw error
  }
  return { otlp: `http://127.0.0.1:${otlp}`, scraped: { port, url }, stop: collector.stop }
}
