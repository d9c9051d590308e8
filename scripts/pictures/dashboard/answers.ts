/** What Prometheus has for each panel of a dashboard: the panel's own expressions, over the dashboard's own time. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Alert, Prometheus } from '../../../test/telemetry/prometheus.ts'
import { type Dashboard, type Panel, secondsOf, type Target } from './model.ts'
import { SCRAPE_SECONDS } from './store.ts'

/** Points beside each other for which a panel has space. Grafana takes its width in pixels. */
const MAX_POINTS = 400

const MAX_ALERT_WAIT_MS = 20_000

/** One line, bar or piece of a panel. */
export interface Series {
  readonly name: string
  /** Pairs of epoch seconds and a value; one pair for a value of now. */
  readonly points: readonly (readonly [number, number])[]
}

export interface Answer {
  readonly panel: Panel
  readonly series: readonly Series[]
  /** Of a list of alerts. */
  readonly alerts: readonly Alert[]
}

/**
 * @param end the end of the time, in epoch seconds
 * @throws Error when an expression is refused, or a panel stays empty
 */
export async function answersFor(
  dashboard: Dashboard,
  prometheus: Prometheus,
  end: number
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (const panel of dashboard.panels.filter(one => one.type !== 'row'))
    answers.push(await answerOf(panel, dashboard, prometheus, end))
  return answers
}

async function answerOf(
  panel: Panel,
  dashboard: Dashboard,
  prometheus: Prometheus,
  end: number
): Promise<Answer> {
  const alerts = panel.type === 'alertlist' ? await alertsOf(panel, prometheus) : []
  const series: Series[] = []
  for (const target of panel.targets ?? []) {
    const found = await seriesOf(panel, target, dashboard, prometheus, end)
    if (found.length === 0) throw new Error(`Panel "${panel.title}" has no data for ${target.expr}`)
    series.push(...found)
  }
  if (series.length + alerts.length === 0) throw new Error(`Panel "${panel.title}" is empty`)
  return { panel, series, alerts }
}

async function seriesOf(
  panel: Panel,
  target: Target,
  { time, templating }: Dashboard,
  prometheus: Prometheus,
  end: number
): Promise<Series[]> {
  const range = secondsOf(time.from.replace(/^now-/, ''))
  const step = stepOf(range, panel.interval)
  const variables: Record<string, string> = {
    __range: `${range}s`,
    __interval: `${step}s`,
    // As Grafana has it, whose data source knows how often Prometheus has a value.
    __rate_interval: `${Math.max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s`
  }
  for (const { name, allValue } of templating.list) if (allValue !== undefined) variables[name] = allValue
  const expression = target.expr.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = variables[name]
    if (value === undefined)
      throw new Error(`Panel "${panel.title}" uses $${name}, which the dashboard has not`)
    return value
  })
  const found = target.instant
    ? (await prometheus.query(expression, end)).map(one => ({ ...one, values: [one.value] }))
    : await prometheus.queryRange(expression, end - range, end, step)
  return found
    .map(({ metric, values }) => ({
      name: target.legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
      points: values.map(([at, value]) => [at, Number(value)] as const)
    }))
    .filter(({ points }) => points.some(([, value]) => Number.isFinite(value)))
}

/** Seconds from a point to the next: one of Grafana's round numbers. */
function stepOf(range: number, interval: string | undefined): number {
  const least = Math.max(range / MAX_POINTS, SCRAPE_SECONDS, interval === undefined ? 0 : secondsOf(interval))
  return [60, 120, 300, 600, 900, 1_200, 1_800, 3_600].find(one => one >= least) ?? 7_200
}

/** Prometheus evaluates its rules once it runs: the first alerts are there after a moment. */
async function alertsOf({ options = {} }: Panel, prometheus: Prometheus): Promise<readonly Alert[]> {
  const { alertName = '', stateFilter = {} } = options
  for (const end = Date.now() + MAX_ALERT_WAIT_MS; Date.now() < end; await delay(200)) {
    const all = await prometheus.alerts()
    const shown = all.filter(
      one => stateFilter[one.state] === true && one.labels.alertname?.includes(alertName)
    )
    if (shown.length > 0) return shown
  }
  return []
}
